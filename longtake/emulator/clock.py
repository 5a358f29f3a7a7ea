"""What time it is for the emulator: the machine's clock, or one that a test moves by hand."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class EmulatorClock(Protocol):
    """Where every instant and every wait of the emulator comes from."""

    def now(self) -> float:
        """Seconds since the Unix epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed on this clock."""
        ...


class MachineClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since the Unix epoch, as the machine has them."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Let other work run for ``seconds``."""
        await asyncio.sleep(max(seconds, 0.0))


class ShiftedClock:
    """Another clock, ``ahead_seconds`` ahead of it (behind: negative); it waits as that one does.

    For a service whose clock does not agree with ours: its ``date``, its history, its records.
    """

    def __init__(self, clock: EmulatorClock, ahead_seconds: float) -> None:
        self._clock = clock
        self.ahead_seconds = ahead_seconds

    def now(self) -> float:
        """Seconds since the Unix epoch, as this clock has them."""
        return self._clock.now() + self.ahead_seconds

    async def sleep(self, seconds: float) -> None:
        """Return when ``seconds`` have passed."""
        await self._clock.sleep(seconds)


@dataclass(eq=False)
class _Sleeper:
    until: float
    loop: asyncio.AbstractEventLoop
    awake: asyncio.Event

    def wake(self) -> None:
        # A loop that was closed meanwhile has nobody left to wake.
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self.awake.set)


class ManualClock:
    """A clock that stands still until ``advance`` moves it; safe to move from another thread."""

    def __init__(self, start: datetime = datetime(2026, 1, 1, 12, tzinfo=UTC)) -> None:
        self._now = start.timestamp()
        self._sleepers: set[_Sleeper] = set()
        self._lock = threading.Lock()

    def now(self) -> float:
        """Seconds since the Unix epoch, where the hands stand."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the hands forward by ``seconds``; a clock never runs backwards."""
        if seconds < 0:
            raise ValueError(f"a clock cannot go back: {seconds} seconds")
        with self._lock:
            self._now += seconds
            due = [one for one in self._sleepers if one.until <= self._now]
        for sleeper in due:
            sleeper.wake()

    async def sleep(self, seconds: float) -> None:
        """Return once the clock has been advanced by ``seconds``."""
        sleeper = _Sleeper(self._now + seconds, asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            if sleeper.until <= self._now:
                return
            self._sleepers.add(sleeper)
        try:
            await sleeper.awake.wait()
        finally:
            with self._lock:
                self._sleepers.discard(sleeper)


def utc_text(instant: float) -> str:
    """``instant`` (epoch seconds) as ISO 8601 with milliseconds and a ``Z``."""
    moment = datetime.fromtimestamp(instant, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
