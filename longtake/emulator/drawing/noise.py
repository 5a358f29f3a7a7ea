"""Smooth noise, cheap to draw: coarse random lattices, interpolated and summed in octaves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]


def _ease(positions: Floats) -> tuple[npt.NDArray[np.intp], Floats]:
    """The lattice cell of each position and a smooth 0..1 way through it."""
    cells = np.floor(positions).astype(np.intp)
    part = positions - cells
    return cells, (part * part * (3 - 2 * part)).astype(np.float32)


def line(rng: np.random.Generator, length: int, wavelength: float, octaves: int = 4) -> Floats:
    """A wandering line of ``length`` values in about 0..1; ``wavelength`` in samples."""
    total = np.zeros(length, np.float32)
    weight, size = 0.5, wavelength
    for _ in range(octaves):
        lattice = rng.random(int(length / size) + 3, np.float32)
        cells, part = _ease(np.arange(length, dtype=np.float32) / np.float32(size))
        total += np.float32(weight) * (lattice[cells] * (1 - part) + lattice[cells + 1] * part)
        weight, size = weight / 2, max(size / 2.1, 1.5)
    return total


def field(
    rng: np.random.Generator, height: int, width: int, tall: float, wide: float, octaves: int = 4
) -> Floats:
    """A cloudy (height, width) field in about 0..1; features ``tall`` by ``wide`` samples."""
    total = np.zeros((height, width), np.float32)
    weight = 0.5
    for _ in range(octaves):
        lattice = rng.random((int(height / tall) + 3, int(width / wide) + 3), np.float32)
        rows, down = _ease(np.arange(height, dtype=np.float32) / np.float32(tall))
        columns, across = _ease(np.arange(width, dtype=np.float32) / np.float32(wide))
        bands = lattice[:, columns] * (1 - across) + lattice[:, columns + 1] * across
        total += np.float32(weight) * (
            bands[rows] * (1 - down[:, None]) + bands[rows + 1] * down[:, None]
        )
        weight, tall, wide = weight / 2, max(tall / 2.1, 1.5), max(wide / 2.1, 1.5)
    return total


def enlarge(small: Floats, height: int, width: int) -> Floats:
    """``small`` stretched to (height, width), smoothly."""
    rows, down = _ease(np.linspace(0, small.shape[0] - 1.001, height, dtype=np.float32))
    columns, across = _ease(np.linspace(0, small.shape[1] - 1.001, width, dtype=np.float32))
    bands = small[:, columns] * (1 - across) + small[:, columns + 1] * across
    return np.asarray(bands[rows] * (1 - down[:, None]) + bands[rows + 1] * down[:, None])
