"""Following things from frame to frame, to compare the same surfaces at two moments."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np

from longtake.media.commands import Matrix
from longtake.media.measure.fitting import Transform, composed, fit, limited
from longtake.media.measure.pixels import Floats, Rgb, decode_rgb
from longtake.media.measure.registering import (
    Shift,
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_between,
)

STRIDE = 5
"""Frames between two that are compared: far enough for drift to show, near enough to match."""

WIDTH = 208
"""Width in pixels at which frames are followed."""

_TILE = 32
_SURE = 0.35
_SAME_VIEW = 0.4
# A few frames change far less than a hop does: steps are held to "nothing changed" more firmly,
# since their errors add up over the clip.
_BELIEF = 5e-4


def small_size(width: int, height: int) -> tuple[int, int]:
    """The size (width, height) at which frames of that size are followed."""
    small = min(WIDTH, width)
    return small, max(_TILE, round(height * small / width))


def follow(
    clip: Path,
    start: Transform,
    *,
    flares: tuple[float, ...] = (),
    untagged_matrix: Matrix = "bt601",
) -> tuple[tuple[int, Transform], ...]:
    """Transforms that take frames 0, STRIDE, 2 STRIDE … and the last back to the sent image.

    ``start`` is frame 0's. ``flares`` are luma levels that are taken off the first frames. Behind
    a cut nothing is followed: what is there cannot be compared.
    """
    first = decode_rgb(clip, count=1, untagged_matrix=untagged_matrix)[0]
    size = small_size(first.shape[1], first.shape[0])
    frames = decode_rgb(clip, size=size, untagged_matrix=untagged_matrix)
    indexes = [*range(0, len(frames) - 1, STRIDE), len(frames) - 1]
    ramp = [(indexes[0], start)]
    for before, now in pairwise(indexes):
        earlier, later = (_without(flares, frames[at], at) for at in (before, now))
        found = matched(later, earlier)
        if found is None:
            ramp.append((indexes[-1], ramp[-1][1]))
            break
        ramp.append((now, limited(composed(ramp[-1][1], fit(*found, belief=_BELIEF)))))
    return tuple(ramp)


def matched(one: Floats, other: Floats) -> tuple[Floats, Floats] | None:
    """Colours (n, 3), 0 to 1, of the same surfaces in two RGB frames; None if nothing matches.

    The whole frame's shift is found first, then each tile's own beside it.
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


def _without(flares: tuple[float, ...], frame: Rgb, frame_index: int) -> Floats:
    flare = flares[frame_index] if frame_index < len(flares) else 0.0
    return frame.astype(np.float32) - np.float32(flare)


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
    return tuple(  # type: ignore[return-value]
        reduced(side, 4).reshape(-1, 3) / np.float32(255) for side in (near, far)
    )
