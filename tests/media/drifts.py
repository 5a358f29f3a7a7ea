"""A view, and what a drift of its colours makes of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]


WIDTH, HEIGHT = 208, 128


DRIFT = np.array([[1.04, 0.02, -0.02, 0.01], [-0.01, 0.97, 0.02, -0.02], [0.01, -0.03, 1.06, 0.01]])


def view(left: int = 0, seed: int = 1) -> Rgb:
    """Part of a wide picture of soft, colourful shapes with edges; ``seed`` makes another."""
    rng = np.random.default_rng(seed)
    light = np.kron(rng.uniform(60, 190, (16, 48, 1)), np.ones((8, 8, 1)))
    colour = np.kron(rng.uniform(-45, 45, (8, 24, 3)), np.ones((16, 16, 1)))
    for axis in (0, 1) * 3:
        colour = (np.roll(colour, 3, axis) + colour + np.roll(colour, -3, axis)) / 3
    wide = np.clip(light + colour, 12, 243)
    return wide[:HEIGHT, left : left + WIDTH].astype(np.uint8)
