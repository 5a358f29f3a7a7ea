"""Following things from frame to frame, to compare the same surfaces at two moments."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from longtake.media.measure.fitting import IDENTITY, Transform, applied, composed, fit, limited
from longtake.media.measure.grading import curved, flash_curve
from longtake.media.measure.pixels import Floats, Rgb, decode_rgb, delta_e
from longtake.media.measure.registering import (
    Shift,
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_between,
)
from longtake.media.shape import Matrix
from longtake.story.readings import Flash

STRIDE = 5
"""Frames between two that are compared: far enough for drift to show, near enough to match."""

WIDTH = 208
"""Width in pixels at which frames are followed."""

MAX_STEP = 2.0
"""ΔE between two followed frames beyond which it is no drift: a clip's own is about 4 over 81."""

MAX_DRIFT = 6.0
"""ΔE over a clip beyond which it is no drift but the scene's light, which changes."""

MAX_APART = 0.8
"""ΔE by which following in steps and over two steps at once may differ."""

_TILE = 32
_SURE = 0.35
_SAME_VIEW = 0.4
# A few frames change far less than a hop does: steps are held to "nothing changed" more firmly,
# since their errors add up over the clip.
_BELIEF = 5e-4


Values = npt.NDArray[np.float64]


class Followed(NamedTuple):
    """What was followed through a clip, or why it was not."""

    ramp: tuple[tuple[int, Transform], ...]
    refused: str | None = None
    """In words, why drift cannot be told from what the clip shows; then ``ramp`` is empty."""


def small_size(width: int, height: int) -> tuple[int, int]:
    """The size (width, height) at which frames of that size are followed."""
    small = min(WIDTH, width)
    return small, max(_TILE, round(height * small / width))


def follow(
    clip: Path, start: Transform, *, flash: Flash | None = None, untagged_matrix: Matrix = "bt601"
) -> Followed:
    """Transforms that take frames 0, STRIDE, 2 STRIDE … and the last back to the sent image.

    ``start`` is frame 0's. What ``flash`` says is taken off the first frames. Behind a cut nothing
    is followed: what is there cannot be compared. Things that turn into others, sparks and water
    look like drift that never ends: what moves faster or farther than drift does, or another way
    over ten frames than over twice five, is refused.
    """
    first = decode_rgb(clip, count=1, untagged_matrix=untagged_matrix)[0]
    size = small_size(first.shape[1], first.shape[0])
    frames = decode_rgb(clip, size=size, untagged_matrix=untagged_matrix)
    indexes = [*range(0, len(frames) - 1, STRIDE), len(frames) - 1]
    shown = {at: _without(flash, frames[at], at) for at in indexes}
    colours = reduced(shown[0], 8).reshape(-1, 3).astype(np.float64) / 255
    ramp, known = [(indexes[0], start)], IDENTITY
    earlier: tuple[int, Transform] | None = None
    for before, now in pairwise(indexes):
        found = matched(shown[now], shown[before])
        if found is None:
            ramp.append((indexes[-1], ramp[-1][1]))
            break
        step = fit(*found, belief=_BELIEF)
        known = composed(known, step)
        if doubt := _doubt(colours, step, known):
            return Followed((), f"frame {now}: {doubt}")
        if earlier is not None and (over := matched(shown[now], shown[earlier[0]])) is not None:
            way = composed(earlier[1], step)
            apart = _moved(colours, fit(*over, belief=_BELIEF), way)
            if apart > MAX_APART:
                return Followed((), f"frame {now}: two ways of following differ by ΔE {apart:.1f}")
        earlier = (before, step)
        ramp.append((now, limited(composed(ramp[-1][1], step))))
    return Followed(tuple(ramp))


def _doubt(colours: Values, step: Transform, whole: Transform) -> str | None:
    """Why this is no drift, in words; None where it may be one."""
    moved, gone = _moved(colours, step), _moved(colours, whole)
    if moved > MAX_STEP:
        return f"the colours move by ΔE {moved:.1f} within {STRIDE} frames"
    if gone > MAX_DRIFT:
        return f"the colours have moved by ΔE {gone:.1f} since the clip began"
    return None


def _moved(colours: Values, one: Transform, other: Transform = IDENTITY) -> float:
    return float(delta_e(255 * applied(one, colours), 255 * applied(other, colours)).mean())


def matched(one: Floats, other: Floats) -> tuple[Floats, Floats] | None:
    """Colours (n, 3), 0 to 1, of the same surfaces in two RGB frames; None if nothing matches.

    The whole frame's shift is found first, then each tile's own next to it.
    """
    lumas = luma_of(one), luma_of(other)
    whole = shift_between(*lumas)
    if detail_likeness(*overlapping(*lumas, whole)) < _SAME_VIEW:
        return None
    pairs = [_tile_pair(one, other, lumas, rows, columns, whole) for rows, columns in _tiles(one)]
    kept = [pair for pair in pairs if pair is not None]
    if not kept:
        return None
    return np.concatenate([a for a, _ in kept]), np.concatenate([b for _, b in kept])


def _without(flash: Flash | None, frame: Rgb, frame_index: int) -> Floats:
    colours = frame.astype(np.float32) / 255
    return np.asarray(255 * curved(-flash_curve(flash, frame_index), colours), np.float32)


def _tiles(frame: Floats) -> Iterator[tuple[slice, slice]]:
    height, width = frame.shape[:2]
    for top in range(0, height - _TILE + 1, _TILE):
        for left in range(0, width - _TILE + 1, _TILE):
            yield slice(top, top + _TILE), slice(left, left + _TILE)


def _tile_pair(
    one: Floats,
    other: Floats,
    lumas: tuple[Floats, Floats],
    rows: slice,
    columns: slice,
    whole: Shift,
) -> tuple[Floats, Floats] | None:
    """One tile's colours in both frames; None where it has left the picture."""
    down, across = round(whole.y), round(whole.x)
    there = (
        slice(rows.start + down, rows.stop + down),
        slice(columns.start + across, columns.stop + across),
    )
    height, width = one.shape[:2]
    if min(there[0].start, there[1].start) < 0 or there[0].stop > height or there[1].stop > width:
        return None
    own = shift_between(lumas[0][rows, columns], lumas[1][there])
    if own.sureness < _SURE or max(abs(own.x), abs(own.y)) > _TILE / 4:
        own = Shift(whole.x - across, whole.y - down, whole.sureness)
    near, far = overlapping(one[rows, columns], other[there], own)
    return _colours(near), _colours(far)


def _colours(side: Floats) -> Floats:
    """The colours of a tile, a row for each of its reduced pixels, from 0 to 1."""
    return reduced(side, 4).reshape(-1, 3) / np.float32(255)
