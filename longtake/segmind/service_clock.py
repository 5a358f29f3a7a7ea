"""The service's clock, as its answers' ``Date`` headers tell it: ours may be wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


class ServiceClock:
    """By how much the service's clock is ahead of ours; unknown until an answer has said so."""

    def __init__(self) -> None:
        self._ahead: timedelta | None = None

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
        self._ahead = (told if told.tzinfo else told.replace(tzinfo=UTC)) - now

    def at(self, ours: datetime) -> datetime:
        """A moment of our clock, as the service's clock shows it."""
        return ours.astimezone(UTC) + (self._ahead or timedelta(0))
