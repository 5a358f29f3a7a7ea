"""Views that move as a camera would, drawn: for readings that need motion, light and detail."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

from longtake.media.measure.registering import luma_of
from longtake.media.measure.samples import Samples, laplacian_variance

WIDTH, HEIGHT = 208, 120

Frames = npt.NDArray[np.uint8]
"""Shape (n, height, width, 3)."""


@cache
def world(seed: int = 1, *, width: int = 900, height: int = 240) -> npt.NDArray[np.float32]:
    """A wide landscape in RGB levels: blobs of every size in mid tones, and a little detail."""
    chance = np.random.default_rng(seed)
    picture = np.full((height, width, 3), 118.0)
    for cell, strength in ((60, 34), (20, 20), (6, 12), (2, 6)):
        coarse = chance.normal(0, strength, (height // cell + 2, width // cell + 2, 3))
        rows, columns = np.arange(height) / cell, np.arange(width) / cell
        picture += _between(_between(coarse, rows, 0), columns, 1)
    return np.clip(picture, 20, 235).astype(np.float32)


def pan(
    count: int, *, speed: float = 2.0, first: float = 0.0, seed: int = 1, noise: float = 1.0
) -> Frames:
    """``count`` frames of a camera that moves right by ``speed`` pixels a frame."""
    return walk([first + speed * at for at in range(count)], seed=seed, noise=noise)


def walk(positions: list[float], *, seed: int = 1, noise: float = 1.0) -> Frames:
    """One frame for each position of the camera, in pixels from the left."""
    view = world(seed)
    chance = np.random.default_rng(seed + 100)
    rows = 60 + np.arange(HEIGHT)
    frames = []
    for position in positions:
        seen = _between(view[rows], position + np.arange(WIDTH), 1)
        frames.append(levels(seen + chance.normal(0, noise, seen.shape)))
    return np.stack(frames)


def levels(values: npt.NDArray[np.floating]) -> Frames:
    """Rounded and clipped to whole levels."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)


def samples(frames: Frames, first_frame_index: int = 0) -> Samples:
    """The samples of these frames, without a file."""
    luma = np.stack([luma_of(picture) for picture in frames])
    sharpness = np.array([laplacian_variance(picture.astype(np.uint8)) for picture in luma])
    return Samples(frames, luma, sharpness, 1.0, first_frame_index)


def softened(frames: Frames, times: int = 2) -> Frames:
    """Blurred by a small bell, ``times`` over."""
    soft = frames.astype(np.float32)
    for _ in range(times):
        for axis in (-3, -2):
            soft = (np.roll(soft, 1, axis) + 2 * soft + np.roll(soft, -1, axis)) / 4
    return levels(soft)


def _between(
    picture: npt.NDArray[np.floating], at: npt.NDArray[np.floating], axis: int
) -> npt.NDArray[np.floating]:
    low = np.clip(np.floor(at).astype(int), 0, picture.shape[axis] - 2)
    part = (at - low)[:, None, None] if axis == 0 else (at - low)[None, :, None]
    return np.take(picture, low, axis) * (1 - part) + np.take(picture, low + 1, axis) * part
