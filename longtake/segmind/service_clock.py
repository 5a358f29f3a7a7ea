"""The service's clock, as its answers' ``Date`` headers tell it: ours may be wrong."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

POSSIBLE_YEARS = range(2020, 2200)
"""Of an answer; a ``Date`` in another year tells of a broken clock, and of nothing else."""


class ServiceClock:
    """By how much the service's clock is ahead of ours; unknown until an answer has said so.

    ``monotonic`` returns monotonic seconds.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ahead: timedelta | None = None
        self._told: tuple[datetime, float] | None = None

    @property
    def known(self) -> bool:
        """Whether any answer has told the time."""
        return self._ahead is not None

    def note(self, headers: Mapping[str, str], *, now: datetime) -> None:
        """Read an answer's ``date``, unless a cache has kept it; ``now`` is our own time."""
        if headers.get("age", "0").strip() not in ("", "0"):
            return
        try:
            told = parsedate_to_datetime(headers.get("date", ""))
        except (ValueError, TypeError, IndexError, OverflowError):
            return
        told = told if told.tzinfo else told.replace(tzinfo=UTC)
        if told.year not in POSSIBLE_YEARS:
            return
        self._ahead, self._told = told - now, (told, self._monotonic())

    def at(self, ours: datetime) -> datetime:
        """A moment of our clock, as the service's clock shows it."""
        return ours.astimezone(UTC) + (self._ahead or timedelta(0))

    def now(self, ours: datetime) -> datetime:
        """What it shows now, that ours shows ``ours``; rather too early than too late.

        Ours may have been set since the last answer, and the other stands still while a machine
        sleeps. A moment that is too late would have a request's row pass for an older one.
        """
        if self._told is None:
            return self.at(ours)
        told, at = self._told
        return min(self.at(ours), told + timedelta(seconds=self._monotonic() - at))
