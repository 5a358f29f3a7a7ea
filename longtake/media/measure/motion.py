"""How a view moves on either side of a seam: on, another way, back, faster or slower."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from longtake.media.measure.pixels import Floats
from longtake.media.measure.registering import Shift, shifts_between
from longtake.media.measure.samples import Samples

RETRACED_FRAMES = 5
"""Frames on either side of a seam that are compared to see whether the motion turns round."""

SLOWED = 0.3
"""Share of the usual step to which motion falls that turns round by itself."""

_TURNS_BY_ITSELF = 0.9
_LEAST_APART = 1e-3
SPEED_FLOOR = 0.002
"""Speed, in pictures' widths a frame, below which motion has no direction (1.7 pixels at 480p)."""

USUAL_JUMP = 0.5
"""Change of motion that any clip has within itself; what is beyond it is the clip's own way."""

_MOTION_STEPS = 5
_TILES = (3, 4)
_LEAST_SURENESS = 0.08

Motion = npt.NDArray[np.float64]
"""Shape (2,) or (…, 2): pixels of the clip a frame, right and down."""


def motion_break(left: Samples, right: Samples) -> tuple[float | None, float | None, float | None]:
    """Change of the mean motion over a seam by the speed next to it, the cosine, the two speeds.

    Motion is measured in twelve tiles, so that what moves within the picture, and a zoom, counts
    like a pan. What turns by itself, as running water or a crowd does, turns within the sides, too:
    so much is taken off. The cosine, of the whole picture's motion, is None where one side of it
    stands still; the third is the speed after by the speed before, None where it stood still. All
    are None where no tile registers.
    """
    sides = _tile_steps(left), _tile_steps(right)
    before, after = _median(sides[0][-_MOTION_STEPS:]), _median(sides[1][:_MOTION_STEPS])
    floor = SPEED_FLOOR * left.rgb.shape[2] * left.scale
    jump = _jump(before, after, floor)
    if jump is None:
        return None, None, None
    jump = max(0.0, jump - max(0.0, _own_jump(sides, floor) - USUAL_JUMP))
    sure = ~np.isnan(before[:, 0] + after[:, 0])
    was, now = (float(np.linalg.norm(one[sure], axis=1).mean()) for one in (before, after))
    speeds = now / was if was >= floor else None
    means = before[sure].mean(axis=0), after[sure].mean(axis=0)
    lengths = [float(np.linalg.norm(mean)) for mean in means]
    if min(lengths) < floor:
        return jump, None, speeds
    return jump, float(means[0] @ means[1] / (lengths[0] * lengths[1])), speeds


def retrace(before: Floats, after: Floats) -> float | None:
    """How unlike what follows is to what came before, read backwards: 0 is the way back.

    Frames (n, …) of both sides, ``after`` without what a hop does to colours. Those as far behind
    the seam as before it are compared, by how far they are from the one at the seam: a view that
    moves on lies farther from where it was than from where it is, one that turns round does not,
    be it as slow as it may. None where it turns by itself: where it slows down first, as things do
    that have weight, or comes and goes all the time.
    """
    count = min(RETRACED_FRAMES, len(before) - 1, len(after))
    if count < 2:
        return None
    here, usual = before[-1], float(np.median([_apart(*pair) for pair in pairwise(before)]))
    slow = (_apart(before[-2], here) + _apart(after[0], here)) / 2 < SLOWED * usual
    own = [_unlike(before[: at + 1], before[at + 1 :]) for at in range(count, len(before) - count)]
    if slow or min(own, default=1.0) < _TURNS_BY_ITSELF:
        return None
    return _unlike(before, after[:count])


def _unlike(before: Floats, after: Floats) -> float:
    """``retrace`` of the last frames of one and the first of the other, as many as both have."""
    count = min(RETRACED_FRAMES, len(before) - 1, len(after))
    here, back, on = before[-1], before[-2 : -2 - count : -1], after[:count]
    nearest = min(sum(_apart(one, here) for one in side) for side in (back, on))
    return sum(_apart(*pair) for pair in zip(back, on, strict=True)) / max(nearest, _LEAST_APART)


def _apart(one: Floats, other: Floats) -> float:
    return float(np.abs(one - other).mean())


def _jump(before: Motion, after: Motion, floor: float) -> float | None:
    """Change between two sides' tile motions, (tiles, 2), by the speed; None where none is sure."""
    sure = ~np.isnan(before[:, 0] + after[:, 0])
    if not sure.any():
        return None
    both = np.concatenate([before[sure], after[sure]])
    speed = float(np.linalg.norm(both, axis=1).mean())
    return float(np.linalg.norm(after[sure] - before[sure], axis=1).mean()) / max(speed, floor)


def _own_jump(sides: tuple[Motion, Motion], floor: float) -> float:
    """The greatest change that one side makes within itself."""
    jumps = [
        _jump(_median(side[at - _MOTION_STEPS : at]), _median(side[at : at + _MOTION_STEPS]), floor)
        for side in sides
        for at in range(_MOTION_STEPS, len(side) - _MOTION_STEPS + 1, 2)
    ]
    return max((jump for jump in jumps if jump is not None), default=0.0)


def motions(samples: Samples) -> list[Motion | None]:
    """The shift of each frame against the one before; None where the two do not register."""
    return [_motion(shift, samples.scale) for shift in shifts_between(samples.luma)]


def _tile_steps(samples: Samples) -> Motion:
    """The motion of each step in each tile, (steps, tiles, 2); NaN where none registers."""
    rows, columns = _TILES
    unknown = np.full(2, np.nan)
    tiles = [
        [
            unknown if (motion := _motion(shift, samples.scale)) is None else motion
            for shift in shifts_between(tile)
        ]
        for row in np.array_split(samples.luma, rows, axis=1)
        for tile in np.array_split(row, columns, axis=2)
    ]
    return np.array(tiles).reshape(rows * columns, -1, 2).swapaxes(0, 1)


def _median(steps: Motion) -> Motion:
    """The median motion of each tile; NaN where it registers in fewer than half of the steps."""
    known = (~np.isnan(steps[..., 0])).sum(axis=0) >= max(1, len(steps) // 2)
    found = np.full(steps.shape[1:], np.nan)
    if known.any():
        found[known] = np.nanmedian(steps[:, known], axis=0)
    return found


def _motion(shift: Shift, scale: float) -> Motion | None:
    return scale * np.array([shift.x, shift.y]) if shift.sureness >= _LEAST_SURENESS else None
