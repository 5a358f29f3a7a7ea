"""What can be seen of a seam: a step that is too large or none, a flash, motion that breaks."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from longtake.media.measure.motion import motion_break, retrace
from longtake.media.measure.pixels import Floats
from longtake.media.measure.registering import reduced
from longtake.media.measure.samples import Samples
from longtake.media.shape import TAIL_FRAMES

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

_STEP_BLOCK = 4
_FLASH_BLOCK = 8

Steps = npt.NDArray[np.float64]
"""Shape (n - 1,): mean difference of each frame from the one before it, in levels over RGB."""


@dataclass(frozen=True)
class SeamValues:
    """The values of a ``SeamReading`` that are measured on its two sides."""

    step_ratio: float
    hesitation: float | None
    flash: float | None
    motion_jump: float | None
    motion_cosine: float | None
    retrace: float | None
    speed_ratio: float | None


def compare_sides(left: Samples, right: Samples, entry: Samples | None = None) -> SeamValues:
    """Measure a seam: ``left`` ends with its last frame before, ``right`` begins with its first.

    Both should be of the film, so of one size. ``entry``: the right clip's own first two frames,
    where the first one repeats the last of ``left``: then the step lies between those two, and how
    far the repeated frame is from the one it repeats is no step but the pair's distance. What is
    too short to be measured is None.
    """
    before = left.part(max(0, len(left) - TAIL_FRAMES), len(left))
    after = right.part(0, HEAD_FRAMES)
    jump, cosine, speeds = motion_break(before, after)
    coarse = [_coarse(side) for side in (before, after)]
    steps = _steps(np.concatenate(coarse))
    seam = len(before) - 1
    moved: Floats | float = 0.0
    if entry is not None and len(entry) > 1:
        own = _coarse(entry.part(0, 2))
        steps[seam] = _steps(own)[0]
        moved = own[0] - coarse[0][-1]
    return SeamValues(
        step_ratio=step_ratio(steps, seam),
        hesitation=hesitation(steps, seam),
        flash=flash(before, after),
        motion_jump=jump,
        motion_cosine=cosine,
        retrace=retrace(coarse[0], coarse[1] - moved),
        speed_ratio=speeds,
    )


def step_ratio(steps: Steps, seam: int) -> float:
    """The step over the seam by the clips' own range of steps: 1 anywhere within it.

    Above: by the second largest of the steps on either side, or by the largest of the four next to
    it, as far as none of the others stands out of those next to it as much. Below: by the smallest,
    so that a frame which is held is no fault where frames are held anyway; nor is a movement that
    slows down and turns by itself, which its steps lead down to. 1 where there are none.
    """
    nearby = np.sort(_next_to(steps, seam))
    if len(nearby) < 2:
        return 1.0
    over, most = float(steps[seam]), float(nearby[-2])
    least = min(float(nearby[0]), _carried_on(steps, seam))
    if over < least:
        return (over + REPEAT_FLOOR) / (least + REPEAT_FLOOR)
    return max(1.0, (over + STEP_FLOOR) / (most + STEP_FLOOR), _standing_out(steps, seam))


def hesitation(steps: Steps, seam: int) -> float | None:
    """The middle one of the first three steps, by the calmer of what is before and later.

    A clip that begins from rest moves less there than before *and* afterwards, and least at first;
    footage that slows down or speeds up by itself does only one of both, or slows down before the
    seam. 1 where three steps in a row are as small elsewhere. None where there is too little to
    compare.
    """
    before, later = steps[max(0, seam - 6) : seam], steps[seam + 9 : seam + 17]
    if len(before) < 3 or len(later) < 3:
        return None
    here = float(np.median(steps[seam : seam + 3]))
    sides = steps[max(0, seam - CADENCE_STEPS) : seam], steps[seam + 4 :]
    if steps[seam] > here or here >= min(float(_threes(side).min()) for side in sides):
        return 1.0
    around = min(float(np.median(before)), float(before[-2:].min()), float(np.median(later)))
    return (here + STEP_FLOOR) / (around + STEP_FLOOR)


def _standing_out(steps: Steps, seam: int) -> float:
    """The step by the largest of the four next to it, by the second most that any other reaches."""
    sides = steps[max(0, seam - CADENCE_STEPS) : seam], steps[seam + 1 : seam + 1 + CADENCE_STEPS]
    others = [_over_nearby(side, at) for side in sides for at in range(2, len(side) - 2)]
    usual = sorted(others)[-2] if len(others) > 1 else 1.0
    return _over_nearby(steps, seam) / max(1.0, usual)


def _over_nearby(steps: Steps, at: int) -> float:
    nearby = np.concatenate([steps[max(0, at - 2) : at], steps[at + 1 : at + 3]])
    return float((steps[at] + STEP_FLOOR) / (nearby.max() + STEP_FLOOR))


def _carried_on(steps: Steps, seam: int) -> float:
    """The step that those on either side lead on to, in a line; the larger of the two."""
    sides = steps[max(0, seam - 2) : seam][::-1], steps[seam + 1 : seam + 3]
    return max((float(2 * one[0] - one[1]) for one in sides if len(one) == 2), default=np.inf)


def _next_to(steps: Steps, seam: int) -> Steps:
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


def _coarse(samples: Samples) -> Floats:
    """Frames as means over blocks of 16 x 16 pixels at 480p: what coding does is not a step."""
    return np.stack([reduced(picture, _STEP_BLOCK) for picture in samples.rgb])


def _steps(coarse: Floats) -> Steps:
    return np.array([np.abs(now - before).mean() for before, now in pairwise(coarse)])


def _blocks(luma: Floats) -> Floats:
    return np.stack([reduced(picture, _FLASH_BLOCK) for picture in luma])
