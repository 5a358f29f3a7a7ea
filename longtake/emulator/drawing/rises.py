"""Land that rises out of new ground: peaks, trees, roofs with lit windows."""

from __future__ import annotations

import numpy as np

from longtake.emulator.drawing.noise import Floats
from longtake.emulator.drawing.ridges import ridge, trees
from longtake.emulator.drawing.scenery import Scenery

PLACES = ("city", "forest", "mountains")

_TALL = {"city": 0.3, "forest": 0.12, "mountains": 0.3}
_LAYERS = (0.12, 0.38, 0.72)


def add_rises(
    found: Floats, profile: Floats, skyline: int, scene: Scenery, rng: np.random.Generator
) -> None:
    """Let land rise from each of three depths below ``skyline``, in the colours it has there.

    At the first column nothing has risen, so that it meets whatever is next to it.
    """
    height, extra = found.shape[:2]
    unit = height * 0.62
    ease = np.clip(np.arange(extra, dtype=np.float32) / 50, 0, 1)
    for near in _LAYERS:
        foot = int(skyline + (height - skyline) * near)
        if foot >= height - 2 or profile[foot].sum() > profile[max(skyline - 8, 0)].sum():
            continue  # below the picture, or no land
        rise = ridge(scene.place, rng, extra, unit, near) * _TALL[scene.place] * unit
        rise *= 1 - 0.45 * near
        if scene.place == "forest" or (scene.place == "mountains" and near > 0.3):
            rise = rise + trees(rng, extra, unit, near)
        edge = foot - rise * ease
        _raise(found, edge.astype(np.float32), foot, profile[foot])
        if scene.place == "city":
            _light(found, edge, scene, unit, near, rng)


def _raise(found: Floats, edge: Floats, foot: int, colour: Floats) -> None:
    """Paint from ``edge`` (a row for each column) down to ``foot``."""
    first = max(int(edge.min()) - 1, 0)
    rows = np.arange(first, foot, dtype=np.float32)[:, None]
    cover = np.clip(rows - edge[None, :] + 0.5, 0, 1)[:, :, None]
    found[first:foot] += cover * (colour - found[first:foot])


def _light(
    found: Floats, edge: Floats, scene: Scenery, unit: float, near: float, rng: np.random.Generator
) -> None:
    """Lit windows under the roofs, more of them when it is dark."""
    height, extra = found.shape[:2]
    size = max(int(unit / 160 * (0.6 + near)), 1)
    count = int((150 + 900 * scene.palette.stars) * extra / unit * (0.4 + near) / 3)
    columns = rng.integers(0, max(extra - size, 1), count)
    drops = rng.random(count) * unit * 0.3 + unit * 0.012
    for column, drop in zip(columns, drops, strict=True):
        row = int(edge[column] + drop) // (2 * size) * (2 * size)
        if edge[column] + size < row < height - size:
            found[row : row + size, column : column + size] = (255, 206, 128)
