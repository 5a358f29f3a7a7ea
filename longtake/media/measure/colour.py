"""Paired colour calibration: what a round trip through the service did to the colours, undone.

The service returns the image that it was sent as the clip's first frame. That pair, pixel for
pixel, says what happened to the colours; statistics of other moments would take new content for
drift, which on a moving view is worse than doing nothing. One constant grade serves the whole
clip, always towards the image that was sent. The frame that is handed on is corrected too, so the
error of one hop never reaches the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from longtake.media.measure.correcting import apply, grade_at
from longtake.media.measure.fitting import Transform, applied
from longtake.media.measure.grading import (
    AT,
    LUMA,
    UNCHANGED,
    Curve,
    Grade,
    curved,
    flash_curve,
    graded,
    held,
)
from longtake.media.measure.kept import ClipFile, Decoded, less_of, path_of
from longtake.media.measure.models import MODELS, Choice, Model, choose, luma_curve
from longtake.media.measure.pair import contrast_kept
from longtake.media.measure.pairing import Pair, colour_step, distance, pair_of, refusal
from longtake.media.measure.pixels import Picture, Rgb, decode_rgb, read_png
from longtake.media.measure.registering import Shift
from longtake.media.measure.runner import Runner, in_thread
from longtake.media.measure.sharpening import sharpening_for
from longtake.media.measure.tracking import Followed, follow
from longtake.media.shape import Matrix
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

Row = tuple[float, float, float, float]
Samples = npt.NDArray[np.floating[Any]]


async def calibrate(
    sent: Picture,
    clip: ClipFile,
    *,
    mode: Mode = "paired",
    flash: Flash | None = None,
    untagged_matrix: Matrix = "bt601",
    threshold: float = THRESHOLD,
    run: Runner = in_thread,
) -> Calibration:
    """What takes the colours of ``clip`` back to those of the PNG ``sent`` as its start image.

    ``flash``: what ``find_flash`` found, so that a flare of the first frame is not taken for drift.
    Never raises because of what the pictures show: where the pair does not register, ``applied`` is
    False and ``reason`` says why. Raises MediaError when one of the files cannot be read.
    """
    if mode == "off":
        return Calibration(applied=False, reason="colour calibration is off")
    whole, tracked = less_of(clip, Decoded.without_small), mode == "tracked"
    return await run(_calibrate, sent, whole, tracked, flash, untagged_matrix, threshold)


def _calibrate(
    sent: Picture,
    clip: ClipFile,
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
    found = _with_what_is_left(found, picture, first, flare)
    found = _with_sharpening(found, picture, first, flare)
    if not tracked:
        return found
    start = UNCHANGED.transform if found.transform is None else np.array(found.transform)
    return _with_ramp(
        found, pair, follow(path_of(clip), start, flash=flash, untagged_matrix=untagged_matrix)
    )


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
    return colour_step(graded(grade, came), came) if len(came) else 0.0


def _with_what_is_left(found: Calibration, sent: Rgb, came: Rgb, flare: Curve) -> Calibration:
    """``found`` with what its curve leaves on the picture itself, next to what it was fitted to.

    The mean of a curve over a block is not the curve of the mean: its bends come out rounder.
    """
    grade = grade_at(found, 0)
    if grade.is_affine:
        return found
    plain = apply(apply(came, Grade(UNCHANGED.transform, -flare)), grade)
    wanted, shown = pair_of(sent, plain).samples
    left = luma_curve(shown @ LUMA, wanted @ LUMA)
    curve = held(grade.curve + np.interp(AT + grade.curve, AT, left))
    changed = {"curve": tuple(float(one) for one in curve)}
    return found.model_copy(update=changed | _remainder(wanted, curved(left, shown)))


def _with_sharpening(found: Calibration, sent: Rgb, came: Rgb, flare: Curve) -> Calibration:
    """``found`` with what the frame that is handed on lacks of sharpness."""
    plain = apply(apply(came, Grade(UNCHANGED.transform, -flare)), grade_at(found, 0))
    shift = Shift(found.shift_x, found.shift_y, 1.0)
    return found.model_copy(update={"sharpening": sharpening_for(sent, plain, shift)})


def _with_ramp(found: Calibration, pair: Pair, followed: Followed) -> Calibration:
    """``found`` with what was followed inside the clip, if that is drift, and worth it."""
    if followed.refused is not None:
        reason = f"{found.reason}; inside the clip nothing is followed: {followed.refused}"
        return found.model_copy(update={"reason": reason})
    came, ramp = pair.came[pair.kept], followed.ramp
    drifted = colour_step(applied(ramp[-1][1], came), applied(ramp[0][1], came))
    if drifted < RAMP_THRESHOLD:
        return found
    reason = f"{found.reason}; inside the clip they move on by ΔE {drifted:.2f}, followed"
    moved = {"applied": True, "reason": reason, "transform": rows(ramp[0][1])}
    return found.model_copy(update={**moved, "ramp": tuple((at, rows(one)) for at, one in ramp)})


def _report(pair: Pair, choice: Choice | None, reason: str) -> Calibration:
    known = bool(pair.kept.any())
    sent, came = pair.samples
    report = Calibration(
        applied=choice is not None,
        reason=reason,
        shift_x=round(pair.shift.x, 3),
        shift_y=round(pair.shift.y, 3),
        colour_step_before=distance(pair).colour if known else None,
    )
    grade = UNCHANGED if choice is None else choice.grade
    found = _remainder(sent, graded(grade, came)) if known else {}
    if choice is not None:
        found |= {"model": choice.name, "transform": rows(grade.transform)}
        found["curve"] = () if grade.is_affine else tuple(float(one) for one in grade.curve)
    return report.model_copy(update=found)


def _remainder(sent: Samples, shown: Samples) -> dict[str, Any]:
    """How a calibration says what is left between what was sent and what is shown, (n, 3)."""
    red, green, blue = (255 * (shown - sent).mean(axis=0)).tolist()
    return {
        "colour_step_after": colour_step(sent, shown),
        "bias_after": (red, green, blue),
        "contrast_after": contrast_kept(sent @ LUMA, shown @ LUMA),
    }


def rows(transform: Transform) -> tuple[Row, ...]:
    """A transform as plain numbers, for a ``Calibration``."""
    return tuple((float(r), float(g), float(b), float(one)) for r, g, b, one in transform)
