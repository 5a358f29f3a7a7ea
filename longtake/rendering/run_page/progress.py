"""Progress of the film, as a bar of text.

Every move is a request to the server, so it moves in steps, by a tenth of the whole.
"""

from __future__ import annotations

import math

from longtake.record import ClipRecord, Stage
from longtake.rendering.run_page.snapshot import Snapshot

_STEPS = 10


def bar(snapshot: Snapshot) -> str:
    """The film's progress: ten squares, of which so many are full, and per cent."""
    full = tenths(snapshot)
    return f"{'■' * full}{'□' * (_STEPS - full)} {10 * full} %"


def tenths(snapshot: Snapshot) -> int:
    """The film's progress, 0 to 10; the last step is the joining of the film."""
    if snapshot.run.film is not None:
        return _STEPS
    shares = [_share(snapshot, clip) for clip in snapshot.run.clips.values()]
    mean = sum(shares) / len(shares) if shares else 0.0
    return min(_STEPS - 1, math.floor(mean * _STEPS))


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
