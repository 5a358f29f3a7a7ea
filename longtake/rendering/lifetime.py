"""What lasts as long as a render: its leases, and its record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from longtake.errors import LedgerError, LongtakeError
from longtake.rendering.render import Render
from tasks.run_states import conclude_cancelling

if TYPE_CHECKING:
    from longtake.emulator import RunningEmulator


@asynccontextmanager
async def heartbeat(render: Render) -> AsyncIterator[None]:
    """Keep what the render holds for as long as it lives, and give it back at the end."""
    seconds = render.settings.keeping.lease_seconds

    async def beat() -> None:
        while True:
            await asyncio.sleep(seconds / 4)
            with suppress(LedgerError):  # the next beat may get through
                await render.ledger.heartbeat(render.owner, seconds)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        with suppress(asyncio.CancelledError):
            await beating
        with suppress(LedgerError):  # leases run out by themselves; what went wrong is told instead
            await render.ledger.release(render.owner)


@asynccontextmanager
async def cancellable() -> AsyncIterator[None]:
    """Tell Prefect of a cancelled run's end as soon as all that the block opened is closed."""
    try:
        yield
    except asyncio.CancelledError:
        with suppress(Exception):  # then Prefect's worker says it, later
            await conclude_cancelling()
        raise


@contextmanager
def recorded(render: Render, emulator: RunningEmulator | None) -> Iterator[None]:
    """Keep ``run.json`` true from the start of the render to whatever ends it."""
    render.record.note()
    render.journal.write()
    state = "failed"
    try:
        yield
        state = "completed"
    except LongtakeError:
        state = "incomplete"
        raise
    except (asyncio.CancelledError, KeyboardInterrupt):
        state = "interrupted"
        raise
    finally:
        accepted = len(emulator.emulator.requests) if emulator else None
        render.record.note(
            state=state, ended_at=datetime.now(UTC), emulator_accepted_requests=accepted
        )
        render.journal.write()
