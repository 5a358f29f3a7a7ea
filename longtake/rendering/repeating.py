"""Which failed step is repeated, and how often: the decision behind the retries of a task."""

from __future__ import annotations

import math

from longtake.errors import DamagedClip, FileNotYet, KeyRefused, UnreadableAnswer
from longtake.profile_parts import Waiting
from longtake.segmind import Operation, may_retry

FEW_TRIES = 4
"""For what is wrong in itself, and not only out of reach for a while."""

JITTER = 0.3
"""By this share pauses are longer or shorter, by chance: a crowd does not come back at once."""

MINUTES_OF_TRIES = 8
"""For a finished file that cannot be had yet: the next render asks again."""


def may_repeat(operation: Operation, error: object, tries: int) -> bool:
    """Whether what failed with ``error`` at its ``tries``-th try may be asked once more.

    Of a job that is paid for, whatever passes by itself is waited for; an answer or a file that
    stays wrong is not, after ``FEW_TRIES``.
    """
    lasting = isinstance(error, UnreadableAnswer | DamagedClip | KeyRefused)
    if lasting and tries >= FEW_TRIES:
        return False
    if isinstance(error, FileNotYet) and tries >= MINUTES_OF_TRIES:
        return False
    return isinstance(error, Exception) and may_retry(operation, error)


def tries_after_first(waiting: Waiting, *, paid: bool) -> int:
    """Before a job is accepted there is one more try for each pause.

    After it the clip is paid for: then the last pause is repeated for ``waiting.job_seconds``.
    """
    pauses = waiting.retry_seconds
    more = math.ceil(waiting.job_seconds / max(pauses[-1], 0.1)) if paid and pauses else 0
    return len(pauses) + more
