"""When the run page is written: soon after any report, but not all the time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress


class Rounds:
    """Rounds of writing, until they ``end``: after any report, or else every ``look_seconds``.

    There are ``pause_seconds`` between two of them at least.
    """

    def __init__(self, look_seconds: float, pause_seconds: float) -> None:
        self._look_seconds = look_seconds
        self._pause_seconds = pause_seconds
        self._news = asyncio.Event()
        self._ending = asyncio.Event()

    def hurry(self) -> None:
        """There is something to write."""
        self._news.set()

    def end(self) -> None:
        """The round that comes, or that is under way, is the last."""
        self._ending.set()
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[None]:
        while not self._ending.is_set():
            await _up_to(self._look_seconds, self._news)
            self._news.clear()
            yield
            await _up_to(self._pause_seconds, self._ending)


async def _up_to(seconds: float, event: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
