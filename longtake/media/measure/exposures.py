"""Exposures: by how much the same surfaces became brighter, from frame to frame.

They are followed from the image that was sent on into the clip, and from the frame that was handed
over back into the clip before: what is new in view is no change of light.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from longtake.media.measure.averaged import averaged_frames
from longtake.media.measure.fading import FRAMES, Flags, Levels
from longtake.media.measure.grading import AT, KNOTS, Curve
from longtake.media.measure.kept import ClipFile, path_of
from longtake.media.measure.models import luma_curve
from longtake.media.measure.pixels import Floats, Picture, decode_rgb, read_png, size_of
from longtake.media.measure.registering import (
    Shift,
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_of,
    spectrum_of,
)
from longtake.media.measure.runner import Runner, in_thread
from longtake.media.measure.tracking import small_size
from longtake.media.shape import Matrix

BLOCK = 4
"""Pixels of a small picture across a block whose means are compared."""

PAST_FRAMES = 10
"""Frames before the one that was handed over that tell how light went before."""

_LEAST_PAST_FRAMES = 4
_SAME_VIEW, _CLOSE_VIEW = 0.4, 0.7
_CLIPPED = (4, 250)  # levels
_ERROR = 0.01  # small pictures, of few blocks: as smooth as curves of noisy pairs


class Past(NamedTuple):
    """How light went before a seam, seen on pictures of that ``size`` (width, height).

    ``exposures``, as they came: those of the frame that was handed over and of those before it, as
    far as they are followed; None where few are. And which of them are made from both sides.
    """

    size: tuple[int, int]
    exposures: Levels | None
    averaged: Flags


@dataclass(frozen=True)
class Handed:
    """The frame that was handed over: ``frame_index`` (0-based) of ``clip``, as that clip came.

    ``past``: what ``look_back`` has found there.
    """

    clip: ClipFile
    frame_index: int
    past: Past | None = None


async def look_back(
    sent: Picture, handed: Handed, *, untagged_matrix: Matrix = "bt601", run: Runner = in_thread
) -> Handed:
    """``handed`` with how light went before it: known as soon as the frame ``sent`` was taken.

    Raises MediaError when a file cannot be read.
    """
    past = await run(_looked_back, sent, handed, untagged_matrix)
    return replace(handed, clip=path_of(handed.clip), past=past)


def exposures_of(lumas: list[Floats]) -> list[Curve]:
    """By how much (of 1) each but the first is brighter than the first, as far as can be followed.

    Each is compared with the earliest one that still shows the same, not with the one before: what
    fades by less than a level a frame is lost in rounding, and errors would add up.
    """
    exposures: list[Curve] = []
    anchor, shown, beyond = lumas[0], spectrum_of(lumas[0]), np.zeros(KNOTS)
    for before, now in pairwise(lumas):
        found = spectrum_of(now)
        change = _brighter(anchor, now, shift_of(shown, found), _CLOSE_VIEW)
        if change is None:
            anchor, shown = before, spectrum_of(before)
            beyond = exposures[-1] if exposures else beyond
            change = _brighter(anchor, now, shift_of(shown, found), _SAME_VIEW)
        if change is None:
            break
        exposures.append(beyond + np.interp(np.clip(AT + beyond, 0, 1), AT, change))
    return exposures


def _looked_back(sent: Picture, handed: Handed, untagged_matrix: Matrix) -> Past:
    size = small_size(*size_of(handed.clip, untagged_matrix))
    return past_of(luma_of(read_png(sent, size=size)), handed, size, untagged_matrix)


def past_of(
    sent: Floats, handed: Handed | None, size: tuple[int, int], untagged_matrix: Matrix
) -> Past:
    """How light went before a seam, from ``sent``, the luma of the frame that was handed over.

    Read without the clip's own first frames, which may flare up themselves; nothing is known of it
    where nothing was handed over.
    """
    unknown = Past(size, None, np.zeros(0, bool))
    if handed is None:
        return unknown
    first = max(FRAMES, handed.frame_index - PAST_FRAMES)
    count = handed.frame_index - first + 1
    if count <= _LEAST_PAST_FRAMES:
        return unknown
    frames = decode_rgb(
        handed.clip, first=first, count=count, size=size, untagged_matrix=untagged_matrix
    )
    found = exposures_of([sent, *(luma_of(one) for one in frames[::-1])])
    if len(found) <= _LEAST_PAST_FRAMES:
        return unknown
    averaged = averaged_frames(handed.clip)[first : handed.frame_index + 1]
    return Past(size, 255 * np.array(found), averaged[::-1][: len(found)])


def _brighter(before: Floats, now: Floats, shift: Shift, alike: float) -> Curve | None:
    """By how much the same surfaces became brighter; None where the views are less alike."""
    one, other = overlapping(before, now, shift)
    if detail_likeness(one, other) < alike:
        return None
    blocks = [reduced(side, BLOCK).ravel() / 255 for side in (one, other)]
    # A block that is white in part tells a change of light too small.
    inside = (np.minimum(one, other) > _CLIPPED[0]) & (np.maximum(one, other) < _CLIPPED[1])
    usable = reduced(inside, BLOCK).ravel() == 1
    if not usable.any():
        return np.zeros(KNOTS)
    one, other = (side[usable].astype(float) for side in blocks)
    return luma_curve(one, other, error=_ERROR)
