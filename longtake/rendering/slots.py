"""How much a render does at once, and the account's fair use over all that share it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import (
    AbstractAsyncContextManager,
    asynccontextmanager,
    nullcontext,
)
from typing import TYPE_CHECKING, Protocol

from longtake.rendering.page_looks import PageLooks
from longtake.rendering.urgency import WorkSlots

if TYPE_CHECKING:
    from longtake.rendering.render import Render

STARTING = 8
"""Chains that are looked up at once when a render begins."""


class SharedLimits(Protocol):
    """Limits that hold over several processes which share an account."""

    def job(self) -> AbstractAsyncContextManager[object]:
        """A place for one job in flight, waited for."""

    async def request(self) -> None:
        """Wait until one more request that counts may leave."""


class OwnLimits:
    """No others share the account: nothing to wait for."""

    def job(self) -> AbstractAsyncContextManager[object]:
        """At once."""
        return nullcontext()

    async def request(self) -> None:
        """At once."""


class Slots:
    """Room for ``jobs`` in flight, work with files (``ffmpeg``), and ``chains`` that begin.

    ``waiting``: clips that could be sent, were there room. ``pages`` has the jobs that are watched.
    """

    def __init__(self, jobs: int, ffmpeg: int, shared: SharedLimits) -> None:
        self.jobs = asyncio.Semaphore(jobs)
        self.waiting = 0
        self.pages = PageLooks()
        self.ffmpeg = WorkSlots(ffmpeg, lambda: len(self.pages) > 0)
        self.chains = asyncio.Semaphore(STARTING)
        self.shared = shared


@asynccontextmanager
async def job_slot(render: Render) -> AsyncIterator[None]:
    """A place for one job in flight; raises RenderStopped once the render is stopping.

    Watching a job takes no place: it is in flight already.
    """
    async with _waited_for(render.slots):
        render.spending.refuse_if_stopped()
        async with render.slots.shared.job():
            render.spending.refuse_if_stopped()
            yield


@asynccontextmanager
async def _waited_for(slots: Slots) -> AsyncIterator[None]:
    slots.waiting += 1
    try:
        await slots.jobs.acquire()
    finally:
        slots.waiting -= 1
    try:
        yield
    finally:
        slots.jobs.release()


async def wait_for_request_slot(render: Render) -> None:
    """Wait until a request that counts may leave; a submit's claim says itself how long to wait.

    After a 429 nobody who shares the ledger and the account sends before the service's hint has
    passed; then they come one by one.
    """
    if not render.spending.is_free_now(render.clock.monotonic()):
        while seconds := await render.ledger.hold_seconds(render.spending.account):
            await wait_out(render, seconds)
    await render.slots.shared.request()


async def wait_out(render: Render, hold_seconds: float) -> None:
    """Wait as long as nobody may send, then a random while, so that not all send at once."""
    await render.clock.sleep(hold_seconds + render.chance.uniform(0, 1))
