"""A grade: what is done to colours. First a curve of luma, then a 3 x 4 transform.

The curve adds the same to red, green and blue, by how bright a pixel is: so black that was raised
and white that was lowered come back, and no colour cast is made. All values are of 0 to 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from longtake.media.measure.fitting import IDENTITY, MAX_SHIFT, Transform, applied
from longtake.story.readings import Flash

KNOTS = 17
"""Points of a curve, evenly over 0 to 1; in between it is straight."""

SLOPES = (-0.2, 0.25)
"""How much a curve may flatten or steepen contrast anywhere: gains of 0.8 to 1.25."""

Curve = npt.NDArray[np.float64]
"""Shape (KNOTS,): what is added at luma 0, 1/16 … 1."""

AT: Curve = np.linspace(0, 1, KNOTS)
"""Luma of the points of a curve."""

LUMA = np.array([0.299, 0.587, 0.114])
"""BT.601's shares of red, green and blue."""

FLAT: Curve = np.zeros(KNOTS)
"""The curve that changes nothing."""


@dataclass(frozen=True)
class Grade:
    """``curve`` first, then ``transform``."""

    transform: Transform
    curve: Curve

    @property
    def is_affine(self) -> bool:
        """Whether there is no curve in it."""
        return not self.curve.any()


UNCHANGED = Grade(IDENTITY, FLAT)
"""The grade that changes nothing."""


def graded(grade: Grade, colours: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.float64]:
    """Colours (…, 3) of 0 to 1, graded, not clipped."""
    return applied(grade.transform, curved(grade.curve, colours))


def curved(curve: Curve, colours: npt.NDArray[np.floating[Any]]) -> npt.NDArray[np.floating[Any]]:
    """Colours (…, 3) with what the curve says of their luma added."""
    if not curve.any():
        return colours
    return np.asarray(colours + np.interp(colours @ LUMA, AT, curve)[..., None])


def held(curve: Curve) -> Curve:
    """The curve within MAX_SHIFT and SLOPES, changed as little as needed, from its middle on."""
    middle = KNOTS // 2
    steps = np.clip(np.diff(curve) * (KNOTS - 1), *SLOPES) / (KNOTS - 1)
    start = np.clip(curve[middle], -MAX_SHIFT, MAX_SHIFT)
    above = start + np.cumsum(steps[middle:])
    below = start - np.cumsum(steps[:middle][::-1])
    whole = np.concatenate([below[::-1], [start], above])
    return np.asarray(np.clip(whole, -MAX_SHIFT, MAX_SHIFT))


def flash_curve(flash: Flash | None, frame_index: int) -> Curve:
    """What a frame's luma is too bright by, as shares of 1 at the points of a curve."""
    if flash is None or not flash.applied or frame_index >= len(flash.offsets):
        return np.zeros(KNOTS)
    if not flash.curves:  # found by an earlier version: the same for dark and bright
        return np.full(KNOTS, flash.offsets[frame_index] / 255)
    return np.array(flash.curves[frame_index]) / 255
