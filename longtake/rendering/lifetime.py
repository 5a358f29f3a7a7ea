"""What goes on for as long as a render does: its leases, and its record."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TYPE_CHECKING

from longtake.errors import LedgerError, LongtakeError
from longtake.rendering.history import remember_render
from longtake.rendering.render import Render

if TYPE_CHECKING:
    from longtake.emulator import RunningEmulator


@asynccontextmanager
async def heartbeat(render: Render) -> AsyncIterator[None]:
    """Renew the render's leases until the block ends, then release them."""
    seconds = render.settings.keeping.lease_seconds

    async def beat() -> None:
        while True:
            await render.clock.sleep(seconds / 4)
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


@contextmanager
def recorded(render: Render, emulator: RunningEmulator | None) -> Iterator[None]:
    """Keep ``run.json`` up to date from the start of the render to its end, however it ends."""
    record, journal = render.report.record, render.report.journal
    record.note()
    journal.write()
    state = "failed"
    try:
        yield
        state = "completed"
    except LongtakeError:
        state = "paused" if record.state == "paused" else "incomplete"
        raise
    except (asyncio.CancelledError, KeyboardInterrupt):
        state = "interrupted"
        raise
    finally:
        accepted = len(emulator.emulator.requests) if emulator else None
        ended_at = None if state == "paused" else render.clock.now()
        record.note(state=state, ended_at=ended_at, emulator_accepted_requests=accepted)
        journal.write()
        remember_render(render.folder.root, record)
