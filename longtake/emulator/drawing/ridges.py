"""The upper edges of land: hills, peaks, dunes, roofs, and trees along them."""

from __future__ import annotations

import numpy as np

from longtake.emulator.drawing import noise
from longtake.emulator.drawing.noise import Floats


def ridge(place: str, rng: np.random.Generator, width: int, unit: float, near: float) -> Floats:
    """The upper edge of one layer of land, in heights above its foot (0..1 of its tallest).

    ``unit`` is the length in pixels that all sizes follow; ``near`` runs from 0 (far) to 1.
    """
    wavelength = unit * (0.95 - 0.35 * near)
    if place == "mountains" and near < 0.7:
        peaks = 1 - np.abs(noise.line(rng, width, wavelength * 0.7, 6) * 2 - 1)
        return np.asarray(peaks**1.6, np.float32)
    if place == "desert":
        return np.asarray(np.abs(np.sin(noise.line(rng, width, wavelength, 2) * 5)), np.float32)
    if place == "city":
        block = max(int(unit / 16), 1)
        blocks = rng.random(width // block + 2, np.float32)
        return np.asarray(0.3 + 0.7 * np.repeat(blocks, block)[:width] ** 2, np.float32)
    return noise.line(rng, width, wavelength, 5)


def trees(rng: np.random.Generator, width: int, unit: float, near: float) -> Floats:
    """Conifers along a ridge: how far each column rises above it, in pixels."""
    rise = np.zeros(width, np.float32)
    spacing = unit * (0.012 + 0.02 * near)
    for centre in np.cumsum(rng.uniform(0.5, 1.6, int(width / spacing) + 1)) * spacing:
        tall = unit * (0.03 + 0.12 * near) * rng.uniform(0.55, 1.2)
        half = max(tall * 0.2, 1.5)
        first, last = max(int(centre - half), 0), min(int(centre + half) + 1, width)
        if first >= last:
            continue
        away = np.abs(np.arange(first, last, dtype=np.float32) - np.float32(centre))
        rise[first:last] = np.maximum(rise[first:last], tall * (1 - away / half))
    return rise


def roughness(place: str, rng: np.random.Generator, width: int, unit: float, near: float) -> Floats:
    """How the edge of a layer goes up (above 0) and down along new ground, in pixels."""
    rise = ridge(place, rng, width, unit, near) * {"mountains": 0.26}.get(place, 0.12) * unit
    wooded = place == "forest" or (place == "mountains" and near > 0.2)
    return rise + trees(rng, width, unit, near) if wooded else rise
