"""Work with files in the order in which somebody waits for it, not in that of its coming.

What the next clip of a chain cannot be sent without goes first: as long as it waits, a slot at the
service may stand empty. What the film is made of goes next, what is only read goes last.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import IntEnum


class Urgency(IntEnum):
    """Who waits; the lower number goes first."""

    NEXT_CLIP = 0
    """A clip that is yet to be paid for."""
    KEPT = 1
    """What is soon done, and frees the memory that frames are kept in for it."""
    FILM = 2
    """The join."""
    REVIEW = 3
    """Readings that a person looks at afterwards."""


class WorkSlots:
    """Room for ``count`` pieces of work that next clips wait for, whatever else is at work.

    The other work has what they leave of that room when it begins. So a decode check never stands
    behind encodes that nobody waits for: these are seconds long, and cannot be interrupted, but
    stand back on the processor. Of equal urgency the first to come is the first.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._busy: Counter[bool] = Counter()  # by whether a next clip waits for it
        self._waiting: list[tuple[Urgency, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def next_clip(self) -> AbstractAsyncContextManager[None]:
        """A place for what the next clip waits for."""
        return self.place(Urgency.NEXT_CLIP)

    def film(self) -> AbstractAsyncContextManager[None]:
        """A place for what the film waits for."""
        return self.place(Urgency.FILM)

    def review(self) -> AbstractAsyncContextManager[None]:
        """A place for what only the review waits for."""
        return self.place(Urgency.REVIEW)

    @asynccontextmanager
    async def place(self, urgency: Urgency) -> AsyncIterator[None]:
        """A place as soon as nothing more urgent waits for it, for as long as the block takes."""
        granted = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (urgency, next(self._numbers), granted))
        self._grant()
        try:
            await granted
            yield
        finally:
            # A place may be granted in the very moment in which the waiting one is cancelled.
            if granted.done() and not granted.cancelled():
                self._busy[urgency is Urgency.NEXT_CLIP] -= 1
            granted.cancel()
            self._grant()

    def _grant(self) -> None:
        while self._waiting:
            urgency, _, granted = self._waiting[0]
            if not granted.done() and not self._has_room(urgency):
                return
            heapq.heappop(self._waiting)
            if not granted.done():  # else the waiting one was cancelled
                granted.set_result(None)
                self._busy[urgency is Urgency.NEXT_CLIP] += 1

    def _has_room(self, urgency: Urgency) -> bool:
        busy = self._busy[True] if urgency is Urgency.NEXT_CLIP else self._busy.total()
        return busy < self._count
