"""What can be seen of a seam: a step that is too large or none, a flash, motion that breaks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from longtake.media.pixels import Floats
from longtake.media.readings_samples import Samples, step
from longtake.media.registering import reduced, shift_between

TAIL_FRAMES = 9
"""Last frames of the clip before a seam that are looked at: eight steps."""

HEAD_FRAMES = 20
"""First frames of the clip after it: a flash's twelve, and eight that are settled."""

STEP_FLOOR = 0.4
"""Levels added to either side of the step ratio: below it, steps are noise and coding."""

FLASH_FRAMES = 12
"""How many of the first frames may belong to a flash."""

SPEED_FLOOR = 0.0015
"""Speed, in pictures' widths a frame, below which motion has no direction (1.2 pixels at 480p)."""

_MOTION_STEPS = 5
_LEAST_SURENESS = 0.08
_BLOCK = 8

Motion = npt.NDArray[np.float64]
"""Shape (2,): pixels of the clip a frame, right and down."""


@dataclass(frozen=True)
class SeamValues:
    """The values of a ``SeamReading`` that are measured on its two sides."""

    step_ratio: float
    flash: float | None
    motion_jump: float | None
    motion_cosine: float | None


def compare_sides(left: Samples, right: Samples) -> SeamValues:
    """Measure a seam: ``left`` ends with its last frame before, ``right`` begins with its first.

    Both should be of the film, so of one size. What is too short to be measured is None.
    """
    before, after = (
        left.part(max(0, len(left) - TAIL_FRAMES), len(left)),
        right.part(0, HEAD_FRAMES),
    )
    jump, cosine = motion_break(before, after)
    return SeamValues(step_ratio(before, after), flash(before, after), jump, cosine)


def step_ratio(left: Samples, right: Samples) -> float:
    """The step over the seam by the median step beside it; 1 where nothing can be compared."""
    beside = np.concatenate([left.steps()[-8:], right.steps()[:8]])
    if not len(beside):
        return 1.0
    over = step(left.rgb[-1], right.rgb[0])
    return (over + STEP_FLOOR) / (float(np.median(beside)) + STEP_FLOOR)


def flash(left: Samples, right: Samples) -> float | None:
    """Luma levels by which the first frames lie beside the line from before to after them.

    Only by as much as three quarters of the picture do: what moves through it is no flash. Negative
    where the frames sink into the dark. None where fewer than six frames are there.
    """
    flashing = min(FLASH_FRAMES, len(right) - 4)
    if flashing < 2 or len(left) < 2:
        return None
    before = _blocks(left.luma[-2:]).mean(axis=0)
    shown = _blocks(right.luma[: flashing + 4])
    after = shown[flashing:].mean(axis=0)
    # Positions: the two frames before lie at -1.5 on average, the settled ones behind the flash.
    span = flashing + 1.5 + 1.5
    way = (np.arange(flashing) + 1.5) / span
    expected = before + way[:, None, None] * (after - before)
    beside = (shown[:flashing] - expected).reshape(flashing, -1)
    low, high = np.quantile(beside, [0.25, 0.75], axis=1)
    shared = np.where(low > 0, low, np.where(high < 0, high, 0.0))
    return float(shared[np.abs(shared).argmax()])


def motion_break(left: Samples, right: Samples) -> tuple[float | None, float | None]:
    """Change of the mean motion over the seam by the speed beside it, and the cosine between.

    The cosine is None where one side stands still, both are None where motion is not to be seen.
    """
    before = mean_motion(left.part(max(0, len(left) - _MOTION_STEPS - 1), len(left)))
    after = mean_motion(right.part(0, _MOTION_STEPS + 1))
    if before is None or after is None:
        return None, None
    speeds = np.linalg.norm(before), np.linalg.norm(after)
    floor = SPEED_FLOOR * left.rgb.shape[2] * left.scale
    jump = float(np.linalg.norm(after - before) / max(float(np.mean(speeds)), floor))
    if min(speeds) < floor:
        return jump, None
    return jump, float(before @ after / (speeds[0] * speeds[1]))


def mean_motion(samples: Samples) -> Motion | None:
    """The camera's motion: the median over the steps, in the clip's pixels; None if unsure."""
    found = [motion for motion in motions(samples) if motion is not None]
    return np.median(found, axis=0) if found else None


def motions(samples: Samples) -> list[Motion | None]:
    """The shift of each frame against the one before; None where the two do not register."""
    found: list[Motion | None] = []
    for one, other in pairwise(samples.luma):
        shift = shift_between(one, other)
        sure = shift.sureness >= _LEAST_SURENESS
        found.append(samples.scale * np.array([shift.x, shift.y]) if sure else None)
    return found


def _blocks(luma: Floats) -> Floats:
    return np.stack([reduced(picture, _BLOCK) for picture in luma])
