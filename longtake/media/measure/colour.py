"""Paired colour calibration: what a round trip through the service did to the colours, undone.

The service returns the image that it was sent as the clip's first frame. That pair, pixel for
pixel, says what happened to the colours; statistics of other moments would take new content for
drift, which on a moving view is worse than doing nothing. One constant grade serves the whole
clip, always towards the image that was sent. The frame that is handed on is corrected too, so the
error of one hop never reaches the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import anyio.to_thread
import numpy as np
import numpy.typing as npt

from longtake.media.commands import Matrix
from longtake.media.measure.correcting import apply, grade_at
from longtake.media.measure.fitting import Transform, applied
from longtake.media.measure.grading import (
    LUMA,
    UNCHANGED,
    Curve,
    Grade,
    curved,
    flash_curve,
    graded,
)
from longtake.media.measure.models import MODELS, Choice, Model, choose
from longtake.media.measure.pair import (
    BLOCKS_ACROSS,
    LEAST_STRUCTURE,
    contrast_kept,
    structure,
)
from longtake.media.measure.pixels import Floats, Rgb, decode_rgb, delta_e, read_png
from longtake.media.measure.registering import (
    Shift,
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_between,
)
from longtake.media.measure.sharpening import sharpening_for
from longtake.media.measure.tracking import Followed, follow
from longtake.story.readings import Calibration, Flash

Mode = Literal["off", "paired", "tracked"]
"""``tracked`` also follows drift that grows inside a clip; intended changes of light go with it."""

THRESHOLD = 0.3
"""Mean ΔE by which a grade must move the colours to be applied (see the seam bench)."""

FLARE_SHARE = 0.15
"""… and by this share of what a flash moves them in the first frame: so much deflash may leave of
it or take too much, and that, handed on, would change the chain a little with every hop."""

RAMP_THRESHOLD = 0.6
"""The same for what was followed inside a clip, where small errors add up."""

LEAST_DETAIL = 0.5
"""Correlation of details below which two are not the same picture: two skies are alike without."""

_MAX_SHIFT_PIXELS = 16.0
_TILES = (12, 16)
_CLIPPED = (4, 251)
_LEAST_SAMPLES = 100
_NOT_WORSE = 0.05

Row = tuple[float, float, float, float]


@dataclass(frozen=True)
class Pair:
    """The image that was sent and the frame that came, registered, as means over blocks.

    ``sent`` and ``came``: (rows, columns, 3) of 0 to 1; ``kept``: which blocks are nowhere nearly
    black or white; ``structure`` and ``detail``: how alike the two are.
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


async def calibrate(
    sent: Path,
    clip: Path,
    *,
    mode: Mode = "paired",
    flash: Flash | None = None,
    untagged_matrix: Matrix = "bt601",
    threshold: float = THRESHOLD,
) -> Calibration:
    """What takes the colours of ``clip`` back to those of the PNG ``sent`` as its start image.

    ``flash``: what ``find_flash`` found, so that a flare of the first frame is not taken for drift.
    Never raises because of what the pictures show: where the pair does not register, ``applied`` is
    False and ``reason`` says why. Raises MediaError when one of the files cannot be read.
    """
    if mode == "off":
        return Calibration(applied=False, reason="colour calibration is off")

    def work() -> Calibration:
        return _calibrate(sent, clip, mode == "tracked", flash, untagged_matrix, threshold)

    return await anyio.to_thread.run_sync(work)


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
    both = np.concatenate([one, other], axis=-1)
    inside = np.asarray(((both > low) & (both < high)).all(axis=-1))
    blocks: list[Floats] = [reduced(side, factor) / np.float32(255) for side in (one, other)]
    if flare is not None:
        blocks[1] = np.asarray(curved(-flare, blocks[1]), np.float32)
    kept = reduced(inside, factor) == 1
    return Pair(blocks[0], blocks[1], kept, shift, structure(*lumas), detail_likeness(*lumas))


def distance(pair: Pair, grade: Grade = UNCHANGED) -> Distance:
    """How far apart the two are once what came is graded."""
    came = np.asarray(graded(grade, pair.came), np.float32)
    apart = (came - pair.sent)[pair.kept] * 255
    if not len(apart):
        return Distance(0.0, 0.0, 0.0)
    return Distance(
        colour=_colour_step(pair.sent[pair.kept], came[pair.kept]),
        bias=float(np.abs(apart.mean(axis=0)).max()),
        gradient=_gradient_error(pair.sent, came, pair.kept),
    )


def _gradient_error(sent: Floats, came: Floats, kept: npt.NDArray[np.bool_]) -> float:
    lost = 255 * ((came - sent) @ LUMA)
    across = np.abs(np.diff(lost, axis=1))[kept[:, 1:] & kept[:, :-1]]
    down = np.abs(np.diff(lost, axis=0))[kept[1:] & kept[:-1]]
    both = np.concatenate([across, down])
    return float(both.mean()) if len(both) else 0.0


def _calibrate(
    sent: Path,
    clip: Path,
    tracked: bool,
    flash: Flash | None,
    untagged_matrix: Matrix,
    threshold: float,
) -> Calibration:
    first = decode_rgb(clip, count=1, untagged_matrix=untagged_matrix)[0]
    size = (first.shape[1], first.shape[0])
    picture = read_png(sent)
    if picture.shape != first.shape:
        picture = read_png(sent, size=size)  # the service stretches what has another shape
    flare = flash_curve(flash, 0)
    pair = pair_of(picture, first, flare=flare)
    refused = refusal(pair)
    if refused is not None:
        return _report(pair, None, refused)
    found = judged(
        pair, max(threshold, FLARE_SHARE * _moved(pair, Grade(UNCHANGED.transform, flare)))
    )
    found = _with_sharpening(found, picture, first, flare)
    if not tracked:
        return found
    start = UNCHANGED.transform if found.transform is None else np.array(found.transform)
    return _with_ramp(
        found, pair, follow(clip, start, flash=flash, untagged_matrix=untagged_matrix)
    )


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


def judged(pair: Pair, threshold: float, models: Mapping[str, Model] = MODELS) -> Calibration:
    """Choose a model, and keep it if it moves colours by ``threshold`` and makes nothing worse.

    What the grade does is judged, not how far apart the pair is: noise, softness and texture are a
    distance, too, and no grade takes them away.
    """
    sent, came = pair.samples
    choice = choose(came, sent, pair.tiles, models)
    if choice.name == "none":
        return _report(
            pair, None, "the colours are kept: no correction comes nearer to what was sent"
        )
    moved = _moved(pair, choice.grade)
    if moved < threshold:
        return _report(
            pair,
            None,
            f"the colours are kept: they moved by ΔE {moved:.2f}, less than {threshold:.2g}",
        )
    after = distance(pair, choice.grade)
    if worse := after.worse_than(distance(pair)):
        return _report(pair, None, f"the colours are kept: {worse}")
    return _report(
        pair,
        choice,
        f"the colours had moved by ΔE {moved:.2f}, undone by {choice.name}; the pair's ΔE is "
        f"{after.colour:.2f} now",
    )


def _moved(pair: Pair, grade: Grade) -> float:
    came = pair.came[pair.kept]
    return _colour_step(graded(grade, came), came) if len(came) else 0.0


def _with_sharpening(found: Calibration, sent: Rgb, came: Rgb, flare: Curve) -> Calibration:
    """``found`` with what the frame that is handed on lacks of sharpness."""
    plain = apply(apply(came, Grade(UNCHANGED.transform, -flare)), grade_at(found, 0))
    one, other = overlapping(sent, plain, Shift(found.shift_x, found.shift_y, 1.0))
    amount = sharpening_for(*(np.rint(side).astype(np.uint8) for side in (one, other)))
    return found.model_copy(update={"sharpening": amount})


def _with_ramp(found: Calibration, pair: Pair, followed: Followed) -> Calibration:
    """``found`` with what was followed inside the clip, if that is drift, and worth it."""
    if followed.refused is not None:
        reason = f"{found.reason}; inside the clip nothing is followed: {followed.refused}"
        return found.model_copy(update={"reason": reason})
    came, ramp = pair.came[pair.kept], followed.ramp
    drifted = _colour_step(applied(ramp[-1][1], came), applied(ramp[0][1], came))
    if drifted < RAMP_THRESHOLD:
        return found
    reason = f"{found.reason}; inside the clip they move on by ΔE {drifted:.2f}, followed"
    moved = {"applied": True, "reason": reason, "transform": rows(ramp[0][1])}
    return found.model_copy(update={**moved, "ramp": tuple((at, rows(one)) for at, one in ramp)})


def _colour_step(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float:
    return float(delta_e(one * 255, other * 255).mean())


def _report(pair: Pair, choice: Choice | None, reason: str) -> Calibration:
    before = distance(pair)
    after = before if choice is None else distance(pair, choice.grade)
    known = bool(pair.kept.any())
    sent, came = pair.samples
    rest = graded(UNCHANGED if choice is None else choice.grade, came)
    red, green, blue = (255 * (rest - sent).mean(axis=0)).tolist() if known else (0.0, 0.0, 0.0)
    report = Calibration(
        applied=choice is not None,
        reason=reason,
        shift_x=round(pair.shift.x, 3),
        shift_y=round(pair.shift.y, 3),
        colour_step_before=before.colour if known else None,
        colour_step_after=after.colour if known else None,
        bias_after=(red, green, blue) if known else None,
        contrast_after=contrast_kept(sent @ LUMA, rest @ LUMA) if known else None,
    )
    if choice is None:
        return report
    grade = choice.grade
    found = {"model": choice.name, "transform": rows(grade.transform)}
    curve = () if grade.is_affine else tuple(float(one) for one in grade.curve)
    return report.model_copy(update={**found, "curve": curve})


def rows(transform: Transform) -> tuple[Row, ...]:
    """A transform as plain numbers, for a ``Calibration``."""
    return tuple((float(r), float(g), float(b), float(one)) for r, g, b, one in transform)
