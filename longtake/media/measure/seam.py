"""What can be seen of a seam: a step that is too large or none, a flash, motion that breaks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from longtake.media.measure.pixels import Floats, Rgb
from longtake.media.measure.registering import reduced, shift_between
from longtake.media.measure.samples import Samples

TAIL_FRAMES = 9
"""Last frames of the clip before a seam that are looked at: eight steps."""

HEAD_FRAMES = 20
"""First frames of the clip after it: a flash's twelve, and eight that are settled."""

STEP_FLOOR = 0.8
"""Levels added to either side of a ratio of steps: below it, steps are noise and coding."""

FLASH_FRAMES = 12
"""How many of the first frames may belong to a flash."""

SPEED_FLOOR = 0.002
"""Speed, in pictures' widths a frame, below which motion has no direction (1.7 pixels at 480p)."""

_MOTION_STEPS = 5
_TILES = (3, 4)
_LEAST_SURENESS = 0.08
_STEP_BLOCK = 4
_FLASH_BLOCK = 8

Steps = npt.NDArray[np.float64]
"""Shape (n - 1,): mean difference of each frame from the one before it, in levels over RGB."""

Motion = npt.NDArray[np.float64]
"""Shape (2,): pixels of the clip a frame, right and down."""


@dataclass(frozen=True)
class SeamValues:
    """The values of a ``SeamReading`` that are measured on its two sides."""

    step_ratio: float
    hesitation: float | None
    flash: float | None
    motion_jump: float | None
    motion_cosine: float | None


def compare_sides(left: Samples, right: Samples) -> SeamValues:
    """Measure a seam: ``left`` ends with its last frame before, ``right`` begins with its first.

    Both should be of the film, so of one size. What is too short to be measured is None.
    """
    before = left.part(max(0, len(left) - TAIL_FRAMES), len(left))
    after = right.part(0, HEAD_FRAMES)
    jump, cosine = motion_break(before, after)
    steps = _steps(np.concatenate([before.rgb, after.rgb]))
    seam = len(before) - 1
    return SeamValues(
        step_ratio=step_ratio(steps, seam),
        hesitation=hesitation(steps, seam),
        flash=flash(before, after),
        motion_jump=jump,
        motion_cosine=cosine,
    )


def step_ratio(steps: Steps, seam: int) -> float:
    """The step over the seam by the median of eight on either side; 1 where there are none."""
    beside = np.concatenate([steps[max(0, seam - 8) : seam], steps[seam + 1 : seam + 9]])
    if not len(beside):
        return 1.0
    return float((steps[seam] + STEP_FLOOR) / (np.median(beside) + STEP_FLOOR))


def hesitation(steps: Steps, seam: int) -> float | None:
    """The step over the seam and the two behind it, by the calmer of what is before and later.

    A clip that begins from rest moves less there than before *and* afterwards; footage that slows
    down or speeds up by itself does only one of both. None where there is too little to compare.
    """
    before, later = steps[max(0, seam - 6) : seam], steps[seam + 9 : seam + 17]
    if len(before) < 3 or len(later) < 3:
        return None
    around = min(float(np.median(before)), float(np.median(later)))
    return float((steps[seam : seam + 3].mean() + STEP_FLOOR) / (around + STEP_FLOOR))


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

    Motion is measured in twelve tiles, so that what moves within the picture, and a zoom, counts
    like a pan. The cosine, of the whole picture's motion, is None where one side of it stands
    still; both are None where no tile registers.
    """
    before = _tile_motions(left.part(max(0, len(left) - _MOTION_STEPS - 1), len(left)))
    after = _tile_motions(right.part(0, _MOTION_STEPS + 1))
    sure = ~np.isnan(before[:, 0] + after[:, 0])
    if not sure.any():
        return None, None
    before, after = before[sure], after[sure]
    floor = SPEED_FLOOR * left.rgb.shape[2] * left.scale
    speed = float(np.linalg.norm(np.concatenate([before, after]), axis=1).mean())
    jump = float(np.linalg.norm(after - before, axis=1).mean()) / max(speed, floor)
    means = before.mean(axis=0), after.mean(axis=0)
    lengths = [float(np.linalg.norm(mean)) for mean in means]
    if min(lengths) < floor:
        return jump, None
    return jump, float(means[0] @ means[1] / (lengths[0] * lengths[1]))


def motions(samples: Samples) -> list[Motion | None]:
    """The shift of each frame against the one before; None where the two do not register."""
    return [_motion(one, other, samples.scale) for one, other in pairwise(samples.luma)]


def _tile_motions(samples: Samples) -> npt.NDArray[np.float64]:
    """The median motion in each tile, (tiles, 2); NaN where a tile does not register."""
    rows, columns = _TILES
    tiles = [
        [
            [_motion(one, other, samples.scale) for one, other in pairwise(column)]
            for column in np.array_split(row, columns, axis=2)
        ]
        for row in np.array_split(samples.luma, rows, axis=1)
    ]
    flat = [[step for step in tile if step is not None] for row in tiles for tile in row]
    # A tile that registers in fewer than half of the steps knows nothing.
    least = max(1, (len(samples) - 1) // 2)
    unknown = np.full(2, np.nan)
    return np.array([np.median(t, axis=0) if len(t) >= least else unknown for t in flat])


def _motion(one: Floats, other: Floats, scale: float) -> Motion | None:
    shift = shift_between(one, other)
    return scale * np.array([shift.x, shift.y]) if shift.sureness >= _LEAST_SURENESS else None


def _steps(rgb: Rgb) -> Steps:
    """Steps on means over blocks of 16 x 16 pixels at 480p: what coding does is not a step."""
    coarse = [reduced(picture, _STEP_BLOCK) for picture in rgb]
    return np.array([np.abs(now - before).mean() for before, now in pairwise(coarse)])


def _blocks(luma: Floats) -> Floats:
    return np.stack([reduced(picture, _FLASH_BLOCK) for picture in luma])
