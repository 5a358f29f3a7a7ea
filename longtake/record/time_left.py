"""How long a render still takes: the same figure on the terminal, the board and the run page."""

from __future__ import annotations

from datetime import datetime

from longtake.record.clips import ClipRecord
from longtake.record.run import RunRecord
from longtake.story.schedule import Work, wall_seconds


def seconds_left(run: RunRecord, now: datetime, concurrency: int) -> float:
    """How long the clips that are not there yet may take, with so many jobs in flight at most."""
    chains = [
        [Work(1, _rest(clip, now)) for clip in clips if not clip.stage.ended]
        for clips in run.chains
    ]
    return wall_seconds(chains, max(1, concurrency))


def _rest(clip: ClipRecord, now: datetime) -> float:
    if clip.submitted_at is None or not clip.stage.in_flight:
        return clip.expected_seconds
    return max(0.0, clip.expected_seconds - (now - clip.submitted_at).total_seconds())
