"""When this process's submits left, by the monotonic clock.

What the ledger says of it is by the machine's clock, which may be set between a submit and the
search for it: an hour forward, and a row that is late would pass for one that never comes.
"""

from __future__ import annotations

from datetime import datetime

from longtake.clock import Clock

LEAST_SECONDS = 5.0
"""However impatient the settings are, a request has this long to leave."""


class SubmitTimes:
    """The submits of one process, by the attempt: a later one may be another process's."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._noted: dict[str, tuple[float, datetime]] = {}

    def note(self, attempt_id: str) -> None:
        """The attempt's submit is written down, and about to leave."""
        self._noted[attempt_id] = (self._clock.monotonic(), self._clock.now())

    def age_seconds(self, attempt_id: str) -> float | None:
        """How long ago that was; None where another process sent it."""
        noted = self._noted.get(attempt_id)
        return None if noted is None else self._clock.monotonic() - noted[0]

    def may_leave(self, attempt_id: str, within_seconds: float) -> bool:
        """Whether so little time has passed that nobody can have taken the submit for lost.

        A process that was frozen (or a machine that slept) between the two must not send: by
        then another render may have looked, found nothing, and sent the take itself.
        """
        monotonic, now = self._noted[attempt_id]
        passed = max(self._clock.monotonic() - monotonic, (self._clock.now() - now).total_seconds())
        return passed <= max(within_seconds, LEAST_SECONDS)
