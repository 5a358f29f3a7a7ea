"""Deflash: first frames that flare up, sink or lose contrast, and recover, are brought back.

What a model does to its first frames is mostly lost contrast: black is raised, white is lowered,
and half of it is gone after a few frames. So what is taken off is a curve of luma, one for each
frame, faded out. Brightness is followed on the same surfaces from frame to frame, beginning with
the image that was sent, so that a bright thing that comes into view is no flash.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import anyio.to_thread
import numpy as np
import numpy.typing as npt

from longtake.media.measure.grading import AT, KNOTS, Curve
from longtake.media.measure.models import luma_curve
from longtake.media.measure.pixels import Floats, decode_rgb, read_png
from longtake.media.measure.registering import (
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_between,
)
from longtake.media.measure.tracking import small_size
from longtake.media.shape import Matrix
from longtake.story.readings import Flash

FRAMES = 12
"""How many frames may belong to a flash."""

MAX_OFFSET = 0.10
"""The most that is added or taken off, as a share of the whole range."""

THRESHOLD = 2.0
"""Luma levels (root mean square over the picture) below which nothing is done."""

SHARED = 0.7
"""Share of the picture that must change as the curve says. A flash is the whole picture's; a lamp,
a spark or a door that opens is not."""

_TREND_FRAMES = 8
_LEAST_TREND_FRAMES = 6
_SAME_VIEW, _CLOSE_VIEW = 0.4, 0.7
# A flash departs from the image that was sent, too; light that goes out later does not.
_DEPARTED = 0.5
_UNEXPLAINED = 0.25
_ROUNDING = 0.15  # levels; an error below it is none
_PRICE = 3.0  # frames in a row err together: each is worth less than one
_BLOCK = 4
_COARSE_BLOCK = 16

Levels = npt.NDArray[np.float64]


@dataclass(frozen=True)
class _Fade:
    """How light went on, and what lay next to it in the first ``frame_count`` frames."""

    frame_count: int
    base: Levels
    """(frames, …), what would be without the flash."""
    height: Levels
    """(…,), the flash in the first frame."""
    error: float
    """Root mean square of what neither explains."""


async def find_flash(sent: Path, clip: Path, *, untagged_matrix: Matrix = "bt601") -> Flash:
    """Whether the first frames of ``clip`` flare up, against the PNG ``sent`` as its start image.

    Only for clips that continue another: after a cut there is nothing to compare with. Never
    raises because of what the frames show; raises MediaError when a file cannot be read.
    """
    return await anyio.to_thread.run_sync(_find_flash, sent, clip, untagged_matrix)


def flash_in(exposures: Levels) -> Flash:
    """Judge a curve of exposures: levels next to the image that was sent, one for each frame."""
    if len(exposures) < FRAMES + _LEAST_TREND_FRAMES:
        return Flash(applied=False, reason="the clip is too short to know its usual brightness")
    fade = _fade(exposures[:, None], np.ones(1))
    nearby = (exposures - fade.base[:, 0])[:FRAMES]
    nearby[fade.frame_count :] = 0
    top = int(np.abs(nearby).argmax())
    peak = float(nearby[top])
    if abs(peak) < THRESHOLD:
        return Flash(applied=False, reason=f"no flash: at most {abs(peak):.1f} levels", peak=peak)
    departed = float(exposures[top]) / peak
    if top > FRAMES // 2 or departed < _DEPARTED or fade.error > _UNEXPLAINED * abs(peak):
        reason = f"the light changes by {abs(peak):.1f} levels but does not come back: no flash"
        return Flash(applied=False, reason=reason, peak=peak)
    # One sign, and never more again than before: it fades.
    sign = np.sign(peak)
    fading = np.minimum.accumulate(np.maximum(sign * nearby[top:], 0))
    held = sign * np.minimum(np.r_[np.maximum(sign * nearby[:top], 0), fading], MAX_OFFSET * 255)
    word = "flare up" if peak > 0 else "sink"
    return Flash(
        applied=True,
        reason=f"the first frames {word} by {abs(peak):.1f} levels and fade",
        peak=peak,
        offsets=tuple(round(float(one), 2) for one in held),
    )


Decays = list[tuple[int, Levels]]
"""Of each, how many frames belong to it, and its share of the first frame's in every frame."""


def _fade(exposures: Levels, shares: Levels, decays: Decays | None = None) -> _Fade:
    """The fade that explains ``exposures`` (frames, points) best, together with steady change.

    Light that stays comes first; a freer curve of it is taken only where it explains much more
    (Bayes' criterion): through a noisy one it would run away before the frames that it knows.
    """
    count = len(exposures)
    time = np.arange(count) / count
    best, least = _Fade(0, exposures, np.zeros(exposures.shape[1]), 0.0), np.inf
    for degree in range(4):
        steady = time[:, None] ** np.arange(degree + 1)
        for length, decay in decays or _decays(count):
            design = np.column_stack([steady, decay])
            solved, *_ = np.linalg.lstsq(design, exposures, rcond=None)
            error = float((((exposures - design @ solved) ** 2) @ shares).mean())
            price = count * np.log(error + _ROUNDING**2) + _PRICE * degree * np.log(count)
            if price < least:
                least = price
                best = _Fade(length, steady @ solved[:-1], solved[-1], error**0.5)
    return best


def _decays(frames: int) -> Iterator[tuple[int, Levels]]:
    """From 1 to nothing within FRAMES frames: in a straight line, or by halves."""
    time = np.arange(frames)
    for length in range(1, FRAMES + 1):
        yield length, np.clip(1 - time / length, 0, 1)
    for half_life in (1.0, 1.5, 2.0, 3.0):
        yield FRAMES, np.where(time < FRAMES, 0.5 ** (time / half_life), 0.0)


def _find_flash(sent: Path, clip: Path, untagged_matrix: Matrix) -> Flash:
    first = decode_rgb(clip, count=1, untagged_matrix=untagged_matrix)[0]
    size = small_size(first.shape[1], first.shape[0])
    count = FRAMES + _TREND_FRAMES
    frames = decode_rgb(clip, count=count, size=size, untagged_matrix=untagged_matrix)
    lumas = [luma_of(one) for one in (read_png(sent, size=size), *frames)]
    exposures = exposures_of(lumas)
    if len(exposures) < min(FRAMES, len(frames)):
        reason = f"frame {len(exposures)} shows something else than the one before it"
        return Flash(applied=False, reason=reason)
    return _judged(255 * np.array(exposures), lumas)


def exposures_of(lumas: list[Floats]) -> list[Curve]:
    """By how much (of 1) each but the first is brighter than the first, as far as can be followed.

    Each is compared with the earliest one that still shows the same, not with the one before: what
    fades by less than a level a frame is lost in rounding, and errors would add up.
    """
    exposures: list[Curve] = []
    anchor, beyond = lumas[0], np.zeros(KNOTS)
    for before, now in pairwise(lumas):
        change = _brighter(anchor, now, _CLOSE_VIEW)
        if change is None:
            anchor, beyond = before, exposures[-1] if exposures else beyond
            change = _brighter(anchor, now, _SAME_VIEW)
        if change is None:
            break
        exposures.append(beyond + np.interp(np.clip(AT + beyond, 0, 1), AT, change))
    return exposures


def _judged(exposures: Levels, lumas: list[Floats]) -> Flash:
    """Judge curves of exposure, (frames, KNOTS), in the direction in which they fade."""
    if len(exposures) < FRAMES + _LEAST_TREND_FRAMES:
        return flash_in(exposures.mean(axis=1))
    shares = _shares(lumas[0])
    height = _fade(exposures, shares).height
    length = float(np.sqrt(shares @ height**2))
    if length < 1e-6:
        return Flash(applied=False, reason="no flash: at most 0.0 levels")
    shape = height / length * (1 if shares @ height >= 0 else -1)
    found = flash_in(exposures @ (shares * shape))
    if not found.applied:
        return found
    share = _changed_together(lumas, shape, found.offsets)
    if share < SHARED:
        reason = f"only {share:.0%} of the picture flares up: it is the scene's own light"
        return Flash(applied=False, reason=reason, peak=found.peak)
    cap = MAX_OFFSET * 255
    curves = np.clip(np.outer(found.offsets, shape), -cap, cap)
    curves = np.stack([np.interp(AT, AT + row / 255, row) for row in curves])  # by luma as it came
    rows = np.clip(curves + _left_over(lumas, curves, shares), -cap, cap)
    return found.model_copy(
        update={"curves": tuple(tuple(round(float(one), 2) for one in row) for row in rows)}
    )


def _left_over(lumas: list[Floats], curves: Levels, shares: Levels) -> Levels:
    """What still fades once ``curves`` are taken off: they are smooth, and bends are lost in them.

    What is handed on has all of it, so that it would add up along a chain.
    """
    shown = [
        one - np.interp(one / 255, AT, row) for one, row in zip(lumas[1:], curves, strict=False)
    ]
    exposures = 255 * np.array(exposures_of([lumas[0], *shown, *lumas[1 + len(shown) :]]))
    decay = np.zeros(len(exposures))
    sizes = np.sqrt((curves**2).mean(axis=1))[: len(exposures)]
    decay[: len(sizes)] = sizes / sizes.max()
    height = _fade(exposures, shares, [(len(sizes), decay)]).height
    return np.outer(decay[: len(curves)], height)


def _brighter(before: Floats, now: Floats, alike: float) -> Curve | None:
    """By how much the same surfaces became brighter; None where the views are less alike."""
    one, other = overlapping(before, now, shift_between(before, now))
    if detail_likeness(one, other) < alike:
        return None
    blocks = [reduced(side, _BLOCK).ravel() / 255 for side in (one, other)]
    usable = (np.minimum(*blocks) > 4 / 255) & (np.maximum(*blocks) < 251 / 255)
    if not usable.any():
        return np.zeros(KNOTS)
    return luma_curve(blocks[0][usable].astype(float), blocks[1][usable].astype(float))


def _shares(luma: Floats) -> Levels:
    """How much of a picture lies at each point of a curve; sums to 1."""
    nearby = np.abs(reduced(luma, _BLOCK).ravel()[:, None] / 255 - AT) * (KNOTS - 1)
    return np.asarray(np.clip(1 - nearby, 0, 1).mean(axis=0), np.float64)


def _changed_together(lumas: list[Floats], shape: Levels, offsets: tuple[float, ...]) -> float:
    """Share of the picture that changes as it should in the step in which most of it fades."""
    steps = np.diff(np.array([0.0, *offsets, 0.0]))
    at = int(np.abs(steps).argmax())
    one, other = overlapping(lumas[at], lumas[at + 1], shift_between(lumas[at], lumas[at + 1]))
    blocks = [reduced(side, _COARSE_BLOCK) for side in (one, other)]
    told = steps[at] * np.interp(blocks[0] / 255, AT, shape)
    told_much = np.abs(told) >= 0.3 * np.abs(told).max()
    together = (blocks[1] - blocks[0])[told_much] / told[told_much]
    return float((together > 0.25).mean())
