"""Progress in percent: of a chain, and of the film.

Every move of a ring is a request to the server, so rings move in steps: a chain's by half a clip,
the film's by a tenth of the whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from longtake.record import ClipRecord, Stage
from longtake.rendering.run_page.snapshot import Snapshot

_FILM_STEP = 10


def chain_progress(snapshot: Snapshot, chain: int) -> float | None:
    """A chain's progress, 0 to 100; None until work on it begins. Missing clips stay missing."""
    clips = [clip for clip in snapshot.run.clips.values() if clip.chain == chain]
    if all(clip.stage in {Stage.WAITING, Stage.REUSED, Stage.SKIPPED} for clip in clips):
        return None
    halves = sum(math.floor(_share(snapshot, clip) * 2) for clip in clips)
    return round(100 * halves / (2 * len(clips)), 1)


def film_progress(snapshot: Snapshot) -> float:
    """The film's progress, 0 to 100; the last step is the joining of the film."""
    if snapshot.run.film is not None:
        return 100.0
    share = _mean(_share(snapshot, clip) for clip in snapshot.run.clips.values())
    return float(min(100 - _FILM_STEP, math.floor(share * 100 / _FILM_STEP) * _FILM_STEP))


def _share(snapshot: Snapshot, clip: ClipRecord) -> float:
    """How much of a clip is done, 0 to 1, by its stage and by how long such clips take."""
    if clip.stage.ended_well:
        return 1.0
    if clip.stage is Stage.DOWNLOADING:
        return 0.9
    if clip.stage not in {Stage.QUEUED, Stage.GENERATING} or clip.submitted_at is None:
        return 0.0
    elapsed = (snapshot.now - clip.submitted_at).total_seconds()
    return max(0.0, min(0.9, elapsed / max(clip.expected_seconds, 0.001)))


def _mean(shares: Iterable[float]) -> float:
    values = list(shares)
    return sum(values) / len(values) if values else 0.0
