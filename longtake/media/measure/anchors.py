"""Anchors: the frames of a guide that clips are to lie between, sharp, well exposed and calm.

They are spread by motion, not by time: where much happens in the guide, anchors lie closer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import anyio.to_thread
import numpy as np

from longtake.media.measure.registering import reduced
from longtake.media.measure.samples import sample_clip
from longtake.media.measure.tail import tail_scores
from longtake.media.shape import Matrix

STRAY = 0.5
"""How far an anchor may stray from its place for a better frame: this share of the way to the next
place costs as much as the whole range of a frame's merits."""

_BLOCK = 4
_MERITS = {"sharpness": 1.0, "exposure": 0.6, "calm": 0.4}
_LEAST_STEP = 1e-3


class Candidate(NamedTuple):
    """A frame of the guide: ``merit`` is 0 to 1, 1 the best; ``step`` how much happened since the
    frame before it, in any unit."""

    merit: float
    step: float


async def choose_anchors(
    guide: Path, count: int, *, untagged_matrix: Matrix = "bt601"
) -> tuple[int, ...]:
    """The frame indexes of ``count`` anchors (>= 2) in a guide's file, ascending.

    Raises DamagedClip when it does not decode, ValueError where it has fewer frames than that.
    """

    def work() -> tuple[int, ...]:
        samples = sample_clip(guide, untagged_matrix=untagged_matrix)
        coarse = [reduced(picture, _BLOCK) for picture in samples.rgb]
        steps = [0.0, *(float(np.abs(now - before).mean()) for before, now in pairwise(coarse))]
        whole = sum(_MERITS.values())
        merits = [
            sum(weight * getattr(one, name) for name, weight in _MERITS.items()) / whole
            for one in tail_scores(samples, len(samples))
        ]
        return best_anchors(list(map(Candidate, merits, steps)), count)

    return await anyio.to_thread.run_sync(work)


def best_anchors(frames: Sequence[Candidate], count: int) -> tuple[int, ...]:
    """Which ``count`` (>= 2) of the frames are the anchors: ascending, the first and last included.

    The others have their places at even shares of all that happens in the guide. Among all ways to
    choose them it is the one that loses least: merit, and nearness to their places. The same frames
    give the same anchors, whatever the unit of their steps.
    """
    if not 2 <= count <= len(frames):
        raise ValueError(f"{count} anchors cannot be chosen among {len(frames)} frames")
    way = _way(frames)
    spacing = 1 / (count - 1)
    losses = np.array(
        [
            [
                1 - frame.merit + (abs(at - place * spacing) / (STRAY * spacing)) ** 2
                for frame, at in zip(frames, way, strict=True)
            ]
            for place in range(count)
        ]
    )
    losses[0, 1:] = losses[-1, :-1] = np.inf
    return _cheapest(losses)


def _way(frames: Sequence[Candidate]) -> list[float]:
    """How much of all that happens has happened by each frame, 0 to 1.

    Where nothing happens at all, time counts: every frame is a little further on.
    """
    steps = np.array([frame.step for frame in frames[1:]])
    usual = float(steps.mean()) if steps.size and steps.mean() > 0 else 1.0
    gone = np.concatenate([[0.0], np.cumsum(steps / usual + _LEAST_STEP)])
    return [float(one) for one in gone / gone[-1]]


def _cheapest(losses: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> tuple[int, ...]:
    """Of each row one column, further right than the row before: with the least sum."""
    count, width = losses.shape
    best = losses[0].copy()
    came_from = np.zeros((count, width), int)
    for row in range(1, count):
        least, at = np.full(width, np.inf), 0
        for column in range(1, width):
            if best[column - 1] < best[at] or column == 1:
                at = column - 1
            least[column] = best[at] + losses[row, column]
            came_from[row, column] = at
        best = least
    chosen = [int(np.argmin(best))]
    for row in range(count - 1, 0, -1):
        chosen.append(int(came_from[row, chosen[-1]]))
    return tuple(reversed(chosen))
