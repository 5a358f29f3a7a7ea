"""When to look next at a running job: by what the model usually needs, not every second.

Until a job like it has been seen to run::

    accepted     0.1                          0.9 .95 1.0 1.05 1.1 .. 1.2         later
    |------------|-----------------------------|--|--|--|--|--|--|--|------|----------|--> elapsed /
                 one early look:               close together around               expected
                 bodies that fail              the usual end

Once one has, only where it ended, and a tenth to both sides of that: the more have, the less beyond
what was seen. From the shortest to the longest of them in steps of a fifth of what lies between,
but of three to five hundredths of what the longest took.

That is for an account with no requests to spare. One that has some looks up to eight times as often
around the usual end, so that a clip is found ready sooner.

Everything is a fraction of ``expected_seconds``, so an emulated clip of 1.5 seconds is paced
like a real one of 93. Pure: no clock and no sleeping in here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from longtake.segmind.throttle import LOOKS_SHARE, WINDOW_SECONDS

_EARLY_MARK = 0.1
_USUAL = 0.9, 1.2
_STEP = 0.05
_BACK_OFF = 0.25
"""Past the usual end each delay grows by this share of the lateness."""

_FINEST = 0.03
_STEPS = 5
_MOST_STEPS = 40
_MARGIN = 0.1
_LEAST_MARGIN = 0.01
"""Beyond what was seen the next one may end, too: so far by one job, a part of that by many."""

_MOST_A_MINUTE = 1500
"""So many requests are reckoned with at most: a look takes some milliseconds here, too."""

_OTHER_LOOKS = 2
"""Looks at a job that are no steps: an early one, and the one that finds the end."""

_WHILE_QUEUED = 0.3
_LONGEST = 0.5


@dataclass(frozen=True)
class Pace:
    """The schedule of looks at one job.

    ``expected_seconds`` is what the model usually needs from acceptance to completion (> 0).
    ``longest_seconds`` caps any delay past the usual end, however long the job takes. ``ran`` is
    what jobs of the same kind took, their time in the queue apart: at least and at most, each.
    ``steps``: into how many the time in which it may end is divided, as far as that is known.
    """

    expected_seconds: float
    longest_seconds: float = 30.0
    ran: tuple[tuple[float, float], ...] = ()
    steps: float = _STEPS

    def __post_init__(self) -> None:
        if not (math.isfinite(self.expected_seconds) and self.expected_seconds > 0):
            raise ValueError("expected_seconds must be a positive number")

    def delay(self, elapsed_seconds: float, *, last_queued_seconds: float = 0.0) -> float:
        """Return the seconds until the next look.

        ``elapsed_seconds`` is the time since the job was accepted. ``last_queued_seconds`` is
        the elapsed time of the latest look that found it still queued (0: none did): a job in
        the queue does not come nearer to its end, so the schedule starts from there.
        """
        running = max(0.0, elapsed_seconds - last_queued_seconds) / self.expected_seconds
        if running == 0 and last_queued_seconds > 0:
            return self._capped(_WHILE_QUEUED)
        marks, step = self._marks()
        for mark in marks:
            # A look that comes a little before its mark must not be followed by a second one.
            if mark > running + step / 2:
                return (mark - running) * self.expected_seconds
        return self._capped(step + _BACK_OFF * max(0.0, running - marks[-1]))

    @property
    def _finer(self) -> float:
        """How much finer steps are than with no requests to spare; at most 1."""
        return _STEPS / min(max(self.steps, _STEPS), _MOST_STEPS)

    def _marks(self) -> tuple[Sequence[float], float]:
        """When to look, and how far apart, as shares of ``expected_seconds``."""
        if not self.ran:
            (first, last), step = _USUAL, _STEP * self._finer
            count = math.ceil((last - first) / step - 1e-9)
            return [_EARLY_MARK, *(first + step * at for at in range(count + 1))], step
        margin = max(_MARGIN / len(self.ran), _LEAST_MARGIN)
        least = min(low for low, _ in self.ran) / self.expected_seconds * (1 - margin)
        most = max(high for _, high in self.ran) / self.expected_seconds * (1 + margin)
        step = self._finer * min(max((most - least) / _STEPS, _FINEST * most), _STEP * most)
        count = max(1, math.ceil((most - least) / step))
        return [least + step * at for at in range(1, count + 1)], step

    def _capped(self, share: float) -> float:
        return min(min(share, _LONGEST) * self.expected_seconds, self.longest_seconds)


def steps_within(
    requests_per_minute: int, jobs: int, expected_seconds: float, share: float = 1.0
) -> float:
    """For ``Pace.steps``: what looks at so many jobs at once may take of an account's requests.

    Jobs that were sent together end together, and nothing is left of a minute whose requests are
    used up: all of them may be looked at until the last moment, as often as they end in a minute.
    ``share``: how many times an equal share this job gets.
    """
    requests = LOOKS_SHARE * min(requests_per_minute, _MOST_A_MINUTE)
    ends_a_minute = max(jobs, 1) * max(1.0, WINDOW_SECONDS / expected_seconds)
    return share * requests / ends_a_minute - _OTHER_LOOKS
