"""What can be seen of a seam: a step that is too large or none, a flash, motion that breaks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from longtake.media.measure.pixels import Floats, Rgb
from longtake.media.measure.registering import reduced, shift_between
from longtake.media.measure.samples import Samples

TAIL_FRAMES = 13
"""Last frames of the clip before a seam that are looked at: twelve steps."""

HEAD_FRAMES = 20
"""First frames of the clip after it: a flash's twelve, and eight that are settled."""

STEP_FLOOR = 0.8
"""Levels added to either side of a ratio of steps: below it, steps are noise and coding."""

REPEAT_FLOOR = 0.3
"""The same for a step that is smaller than those next to it. A frame that is shown twice costs the
encoder nothing, so there is little noise in it."""

CADENCE_STEPS = 12
"""Steps on either side of a seam from which a clip's own cadence is known: drawings that move on
twos, frames that are held, the beat of four that a video model's latent frames give."""

FLASH_FRAMES = 12
"""How many of the first frames may belong to a flash."""

SPEED_FLOOR = 0.002
"""Speed, in pictures' widths a frame, below which motion has no direction (1.7 pixels at 480p)."""

USUAL_JUMP = 0.5
"""Change of motion that any clip has within itself; what is beyond it is the clip's own way."""

_MOTION_STEPS = 5
_TILES = (3, 4)
_LEAST_SURENESS = 0.08
_STEP_BLOCK = 4
_FLASH_BLOCK = 8

Steps = npt.NDArray[np.float64]
"""Shape (n - 1,): mean difference of each frame from the one before it, in levels over RGB."""

Motion = npt.NDArray[np.float64]
"""Shape (2,) or (…, 2): pixels of the clip a frame, right and down."""


@dataclass(frozen=True)
class SeamValues:
    """The values of a ``SeamReading`` that are measured on its two sides."""

    step_ratio: float
    hesitation: float | None
    flash: float | None
    motion_jump: float | None
    motion_cosine: float | None


def compare_sides(left: Samples, right: Samples, entry: Samples | None = None) -> SeamValues:
    """Measure a seam: ``left`` ends with its last frame before, ``right`` begins with its first.

    Both should be of the film, so of one size. ``entry``: the right clip's own first two frames,
    where the first one repeats the last of ``left``: then the step lies between those two, and how
    far the repeated frame is from the one it repeats is no step but the pair's distance. What is
    too short to be measured is None.
    """
    before = left.part(max(0, len(left) - TAIL_FRAMES), len(left))
    after = right.part(0, HEAD_FRAMES)
    jump, cosine = motion_break(before, after)
    steps = _steps(np.concatenate([before.rgb, after.rgb]))
    seam = len(before) - 1
    if entry is not None and len(entry) > 1:
        steps[seam] = _steps(entry.rgb[:2])[0]
    return SeamValues(
        step_ratio=step_ratio(steps, seam),
        hesitation=hesitation(steps, seam),
        flash=flash(before, after),
        motion_jump=jump,
        motion_cosine=cosine,
    )


def step_ratio(steps: Steps, seam: int) -> float:
    """The step over the seam by the clips' own range of steps: 1 anywhere within it.

    Above: by the second largest of the steps on either side. Below: by the smallest, so that a
    frame which is held is no fault where frames are held anyway. 1 where there are none.
    """
    nearby = np.sort(_beside(steps, seam))
    if len(nearby) < 2:
        return 1.0
    over, least, most = float(steps[seam]), float(nearby[0]), float(nearby[-2])
    if over < least:
        return (over + REPEAT_FLOOR) / (least + REPEAT_FLOOR)
    return max(1.0, (over + STEP_FLOOR) / (most + STEP_FLOOR))


def hesitation(steps: Steps, seam: int) -> float | None:
    """The middle one of the first three steps, by the calmer of what is before and later.

    A clip that begins from rest moves less there than before *and* afterwards; footage that slows
    down or speeds up by itself does only one of both. 1 where three steps in a row are as small
    elsewhere. None where there is too little to compare.
    """
    before, later = steps[max(0, seam - 6) : seam], steps[seam + 9 : seam + 17]
    if len(before) < 3 or len(later) < 3:
        return None
    here = float(np.median(steps[seam : seam + 3]))
    sides = steps[max(0, seam - CADENCE_STEPS) : seam], steps[seam + 4 :]
    if here >= min(float(_threes(side).min()) for side in sides):
        return 1.0
    around = min(float(np.median(before)), float(np.median(later)))
    return (here + STEP_FLOOR) / (around + STEP_FLOOR)


def _beside(steps: Steps, seam: int) -> Steps:
    first = max(0, seam - CADENCE_STEPS)
    return np.concatenate([steps[first:seam], steps[seam + 1 : seam + 1 + CADENCE_STEPS]])


def _threes(steps: Steps) -> Steps:
    """The middle one of every three steps in a row."""
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(steps, 3), axis=1))


def flash(left: Samples, right: Samples) -> float | None:
    """Luma levels by which the first frames lie next to the line from before to after them.

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
    nearby = (shown[:flashing] - expected).reshape(flashing, -1)
    low, high = np.quantile(nearby, [0.25, 0.75], axis=1)
    shared = np.where(low > 0, low, np.where(high < 0, high, 0.0))
    return float(shared[np.abs(shared).argmax()])


def motion_break(left: Samples, right: Samples) -> tuple[float | None, float | None]:
    """Change of the mean motion over the seam by the speed next to it, and the cosine between.

    Motion is measured in twelve tiles, so that what moves within the picture, and a zoom, counts
    like a pan. What turns by itself, as running water or a crowd does, turns within the sides, too:
    so much is taken off. The cosine, of the whole picture's motion, is None where one side of it
    stands still; both are None where no tile registers.
    """
    sides = _tile_steps(left), _tile_steps(right)
    before, after = _median(sides[0][-_MOTION_STEPS:]), _median(sides[1][:_MOTION_STEPS])
    floor = SPEED_FLOOR * left.rgb.shape[2] * left.scale
    jump = _jump(before, after, floor)
    if jump is None:
        return None, None
    jump = max(0.0, jump - max(0.0, _own_jump(sides, floor) - USUAL_JUMP))
    sure = ~np.isnan(before[:, 0] + after[:, 0])
    means = before[sure].mean(axis=0), after[sure].mean(axis=0)
    lengths = [float(np.linalg.norm(mean)) for mean in means]
    if min(lengths) < floor:
        return jump, None
    return jump, float(means[0] @ means[1] / (lengths[0] * lengths[1]))


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
    return [_motion(one, other, samples.scale) for one, other in pairwise(samples.luma)]


def _tile_steps(samples: Samples) -> Motion:
    """The motion of each step in each tile, (steps, tiles, 2); NaN where none registers."""
    rows, columns = _TILES
    unknown = np.full(2, np.nan)
    tiles = [
        [
            unknown if (motion := _motion(*pair, samples.scale)) is None else motion
            for pair in pairwise(tile)
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


def _motion(one: Floats, other: Floats, scale: float) -> Motion | None:
    shift = shift_between(one, other)
    return scale * np.array([shift.x, shift.y]) if shift.sureness >= _LEAST_SURENESS else None


def _steps(rgb: Rgb) -> Steps:
    """Steps on means over blocks of 16 x 16 pixels at 480p: what coding does is not a step."""
    coarse = [reduced(picture, _STEP_BLOCK) for picture in rgb]
    return np.array([np.abs(now - before).mean() for before, now in pairwise(coarse)])


def _blocks(luma: Floats) -> Floats:
    return np.stack([reduced(picture, _FLASH_BLOCK) for picture in luma])
