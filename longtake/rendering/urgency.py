"""Work with files in the order in which somebody waits for it, not in that of its coming.

What the next clip of a chain cannot be sent without goes first: as long as it waits, a slot at the
service may stand empty. What the film is made of goes next, what is only read goes last.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter, deque
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from enum import IntEnum


class Urgency(IntEnum):
    """Who waits; the lower number goes first."""

    HANDOVER = 0
    """A clip that is yet to be paid for, and the one before it has been checked."""
    NEXT_CLIP = 1
    """A clip that is yet to be paid for, and the one before it has come."""
    KEPT = 2
    """What is soon done, and frees the memory that frames are kept in for it: more will be, as long
    as clips are expected. After that it goes last."""
    FILM = 3
    """The pieces of the film, and the join."""
    REVIEW = 4
    """Readings that a person looks at afterwards."""

    @property
    def waits_behind(self) -> bool:
        """Whether no next clip waits for it."""
        return self > Urgency.NEXT_CLIP


class WorkSlots:
    """Room for ``count`` pieces of work that next clips wait for, whatever else is at work.

    The other work has what they leave of that room when it begins. So a decode check never stands
    behind encodes that nobody waits for: these are seconds long, and cannot be interrupted, but
    stand back on the processor. As long as clips are ``expected``, only one of them is at work: the
    next clip is to find a processor that is free. Of equal urgency the first to come is the first.
    """

    def __init__(self, count: int, expected: Callable[[], bool] = lambda: False) -> None:
        self._count = count
        self._expected = expected
        self._busy: Counter[Urgency] = Counter()
        self._waiting: dict[Urgency, deque[asyncio.Future[None]]] = {
            urgency: deque() for urgency in Urgency
        }

    def handover(self) -> AbstractAsyncContextManager[None]:
        """A place for what the next clip waits for once the one before it has been checked."""
        return self.place(Urgency.HANDOVER)

    def next_clip(self) -> AbstractAsyncContextManager[None]:
        """A place for what the next clip waits for."""
        return self.place(Urgency.NEXT_CLIP)

    def film(self) -> AbstractAsyncContextManager[None]:
        """A place for what the film waits for."""
        return self.place(Urgency.FILM)

    def review(self) -> AbstractAsyncContextManager[None]:
        """A place for what only the review waits for."""
        return self.place(Urgency.REVIEW)

    def stands_back(self, urgency: Urgency) -> bool:
        """Whether it is to leave the processors to a clip that may come, or to what goes first."""
        if not urgency.waits_behind:
            return False
        first = itertools.takewhile(lambda each: each is not urgency, self._order())
        return self._expected() or any(self._busy[each] or self._waiting[each] for each in first)

    @asynccontextmanager
    async def place(self, urgency: Urgency) -> AsyncIterator[None]:
        """A place as soon as nothing more urgent waits for it, for as long as the block takes."""
        granted = asyncio.get_running_loop().create_future()
        self._waiting[urgency].append(granted)
        self._grant()
        try:
            await granted
            yield
        finally:
            # A place may be granted in the very moment in which the waiting one is cancelled.
            if granted.done() and not granted.cancelled():
                self._busy[urgency] -= 1
            granted.cancel()
            self._grant()

    def _grant(self) -> None:
        for urgency in self._order():
            line = self._waiting[urgency]
            while line and (line[0].done() or self._has_room(urgency)):
                granted = line.popleft()
                if not granted.done():  # else the waiting one was cancelled
                    granted.set_result(None)
                    self._busy[urgency] += 1

    def _order(self) -> Iterable[Urgency]:
        if self._expected():
            return Urgency
        return sorted(Urgency, key=lambda urgency: (urgency is Urgency.KEPT, urgency))

    def _has_room(self, urgency: Urgency) -> bool:
        behind = sum(count for each, count in self._busy.items() if each.waits_behind)
        if not urgency.waits_behind:
            return self._busy.total() - behind < self._count
        room = 1 if self._expected() else self._count
        return behind < room and self._busy.total() < self._count
