"""What changes, as it changes: one look at the folders for all who watch, by server-sent events.

While nobody watches, no folder is read. A look that took long is followed by a longer pause, so
that looking takes three thousandths of a processor, however many films there are.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress

LEAST_SECONDS = 1.0
SHARE = 0.003
"""The share of the time that looking may take; sending comes on top."""

MOST_SECONDS = 15.0
"""The longest pause between two looks, however long a look takes."""

ALIVE_SECONDS = 20.0
"""A comment line is sent this often, so that a closed browser is noticed."""

Look = Callable[[], Awaitable[float]]


class Feed:
    """Tells every listener of what has changed; ``look`` finds out, and calls ``tell``.

    It returns how many seconds of a processor that took.
    """

    def __init__(self, look: Look) -> None:
        self._look = look
        self._listeners: set[_Listener] = set()
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    async def listen(self) -> AsyncIterator[list[str]]:
        """The keys of films that have changed; none of them now and then, so that one can speak."""
        mine = _Listener()
        self._listeners.add(mine)
        if self._looking is None and not self._closed:
            self._looking = asyncio.create_task(self._look_on())
        try:
            while not self._closed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(mine.woken.wait(), ALIVE_SECONDS)
                if not self._closed:
                    yield mine.heard()
        finally:
            self._listeners.discard(mine)
            if not self._listeners and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    def tell(self, keys: Iterable[str]) -> None:
        """Tell every listener of these films, each once until it is heard."""
        for listener in self._listeners:
            listener.changed |= dict.fromkeys(keys)
            if listener.changed:
                listener.woken.set()

    def close(self) -> None:
        """End the stream of every listener."""
        self._closed = True
        for listener in self._listeners:
            listener.woken.set()

    async def _look_on(self) -> None:
        while True:
            spent = await self._look()
            await asyncio.sleep(min(max(LEAST_SECONDS, spent / SHARE), MOST_SECONDS))


class _Listener:
    """What one of those who watch has not heard yet."""

    def __init__(self) -> None:
        self.changed: dict[str, None] = {}
        self.woken = asyncio.Event()

    def heard(self) -> list[str]:
        keys = list(self.changed)
        self.changed.clear()
        self.woken.clear()
        return keys


def as_event(name: str, content: object) -> bytes:
    """One server-sent event, its content as JSON."""
    return f"event: {name}\ndata: {json.dumps(content)}\n\n".encode()
