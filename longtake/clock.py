"""Clocks, which are passed in so that a whole render can run on a simulated one."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What tells the time, and lets time pass."""

    def now(self) -> datetime:
        """The moment, in UTC."""

    def monotonic(self) -> float:
        """Seconds since some moment; they never run backwards."""

    async def sleep(self, seconds: float) -> None:
        """Return after ``seconds``."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The machine's time, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since the machine started, or thereabouts."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Let other tasks work for that long."""
        await asyncio.sleep(seconds)
