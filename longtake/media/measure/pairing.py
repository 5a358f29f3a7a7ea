"""The image that was sent and the frame that came, registered: what colours are fitted on.

Both as means over blocks, in which the texture that a model redraws is averaged away. How far the
two are apart is told in three ways, so that no treatment is taken that is worse in any of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from longtake.media.measure.grading import LUMA, UNCHANGED, Curve, Grade, curved, graded
from longtake.media.measure.pair import BLOCKS_ACROSS, LEAST_STRUCTURE, structure
from longtake.media.measure.pixels import Floats, Rgb, delta_e
from longtake.media.measure.registering import (
    Shift,
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_between,
)

LEAST_DETAIL = 0.5
"""Correlation of details below which two are not the same picture: two skies are alike without."""

_MAX_SHIFT_PIXELS = 16.0
_TILES = (12, 16)
_CLIPPED = (4, 251)
_LEAST_SAMPLES = 100
_NOT_WORSE = 0.05


@dataclass(frozen=True)
class Pair:
    """The image that was sent and the frame that came, registered, as means over blocks.

    ``sent`` and ``came``: (rows, columns, 3) of 0 to 1; ``kept``: which blocks of what came are
    nowhere nearly black or white; ``structure`` and ``detail``: how alike the two are.
    """

    sent: Floats
    came: Floats
    kept: npt.NDArray[np.bool_]
    shift: Shift
    structure: float
    detail: float

    @property
    def samples(self) -> tuple[Floats, Floats]:
        """Kept blocks of both, (n, 3)."""
        return self.sent[self.kept], self.came[self.kept]

    @property
    def tiles(self) -> npt.NDArray[np.int_]:
        """Of each sample, the number of the tile it lies in; neighbours differ in any division."""
        height, width = self.kept.shape
        down, across = _TILES
        row, column = np.mgrid[:height, :width]
        row, column = row * down // max(height, 1), column * across // max(width, 1)
        return np.asarray((4 * (row * across + column) + (column + 2 * row) % 4)[self.kept])


@dataclass(frozen=True)
class Distance:
    """How far a pair is apart, on block means."""

    colour: float
    """Mean ΔE."""
    bias: float
    """Levels between the means of the channel that is farthest off."""
    gradient: float
    """Levels by which steps of luma from block to block differ."""

    def worse_than(self, other: Distance) -> str | None:
        """In which of them this one is clearly worse, in words; None in none."""
        for name, word in (("colour", "ΔE"), ("bias", "bias"), ("gradient", "contrast of edges")):
            mine, theirs = getattr(self, name), getattr(other, name)
            if mine > theirs + _NOT_WORSE:
                return f"{word} would rise from {theirs:.2f} to {mine:.2f}"
        return None


def pair_of(sent: Rgb, came: Rgb, *, flare: Curve | None = None) -> Pair:
    """Register the two; ``flare`` (a curve) is taken off what came."""
    coarse = [reduced(luma_of(one), 2) for one in (sent, came)]
    half = shift_between(coarse[0], coarse[1])
    shift = Shift(2 * half.x, 2 * half.y, half.sureness)
    if max(abs(shift.x), abs(shift.y)) > _MAX_SHIFT_PIXELS:
        shift = Shift(0, 0, half.sureness)
    one, other = overlapping(sent, came, shift)
    factor = max(1, round(one.shape[1] / BLOCKS_ACROSS))
    lumas = reduced(luma_of(one), 2), reduced(luma_of(other), 2)
    low, high = _CLIPPED
    # White that was sent is known to be white: it tells what was lost. White that came does not.
    red, green, blue = np.moveaxis((other > low) & (other < high), -1, 0)
    inside = red & green & blue
    # Before means are taken: the mean of a curve is not the curve of a mean.
    plain = other if flare is None else 255 * curved(-flare, other / np.float32(255))
    blocks: list[Floats] = [
        np.asarray(reduced(side, factor) / 255, np.float32) for side in (one, plain)
    ]
    kept = reduced(inside, factor) == 1
    return Pair(blocks[0], blocks[1], kept, shift, structure(*lumas), detail_likeness(*lumas))


def distance(pair: Pair, grade: Grade = UNCHANGED) -> Distance:
    """How far apart the two are once what came is graded."""
    came = np.asarray(graded(grade, pair.came), np.float32)
    apart = (came - pair.sent)[pair.kept] * 255
    if not len(apart):
        return Distance(0.0, 0.0, 0.0)
    return Distance(
        colour=colour_step(pair.sent[pair.kept], came[pair.kept]),
        bias=float(np.abs(apart.mean(axis=0)).max()),
        gradient=_gradient_error(pair.sent, came, pair.kept),
    )


def _gradient_error(sent: Floats, came: Floats, kept: npt.NDArray[np.bool_]) -> float:
    lost = 255 * ((came - sent) @ LUMA)
    across = np.abs(np.diff(lost, axis=1))[kept[:, 1:] & kept[:, :-1]]
    down = np.abs(np.diff(lost, axis=0))[kept[1:] & kept[:-1]]
    both = np.concatenate([across, down])
    return float(both.mean()) if len(both) else 0.0


def refusal(pair: Pair, which: str = "first frame") -> str | None:
    """Why the two cannot be compared, in words; None where they can."""
    if pair.structure < LEAST_STRUCTURE or pair.detail < LEAST_DETAIL:
        return (
            f"the clip's {which} is not the image that was sent: likeness of structure "
            f"{pair.structure:.2f} ({LEAST_STRUCTURE} is needed), of details {pair.detail:.2f} "
            f"({LEAST_DETAIL})"
        )
    if pair.kept.sum() < _LEAST_SAMPLES:
        return "the picture is almost all black or white: too little of it shows its colours"
    return None


def colour_step(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float:
    """Mean ΔE between two sets of colours of 0 to 1, of the same shape (…, 3)."""
    return float(delta_e(one * 255, other * 255).mean())
