"""What crosses a picture's right edge: its colours there, the skyline, and the lines that go on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from longtake.emulator.drawing.noise import Floats
from longtake.emulator.drawing.pictures import Picture

_EDGE = 10
"""Columns whose median is the edge's colours."""


_STEP_LEVELS = 14.0
"""Levels by which two rows differ where one thing ends and another begins."""


_LAMP_LEVELS = 24.0
"""Levels by which a lit window is lighter than its wall: no line that goes on."""


_MOST_LINES = 4


@dataclass(frozen=True)
class Outline:
    """Where one thing ends and another begins at a picture's edge.

    ``slope`` is rows a column, outwards: above 0 it sinks.
    """

    row: float
    slope: float


def lines_at_edge(picture: Picture) -> list[Outline]:
    """The lines that cross the right edge of ``picture``, from the skyline down."""
    height, width = picture.shape[:2]
    profile = edge_profile(picture, width)
    reach = min(48, width // 2)
    inner = edge_profile(picture, width - reach)
    skyline = skyline_of(profile) - height // 40
    steps = [row for row in _steps(profile) if row >= skyline]
    return [Outline(row, _slope(profile, inner, row, reach)) for row in steps]


def skyline_of(profile: Floats) -> int:
    """The row where the sky ends: where it grows darker at once, or else by most.

    Skies grow lighter towards the horizon; clouds and a disc are too small to count, or, in a
    storm, no darker below than those near the top.
    """
    span, height = max(len(profile) // 10, 2), len(profile)
    light = without_spots(profile, span).sum(axis=1) / 3
    sinks = light[:-8] - light[8:]
    clouds = float(np.abs(sinks[: height // 4]).max())
    steep = np.flatnonzero(sinks[height // 8 :] > max(7.0, 1.3 * clouds))
    if len(steep):
        return int(steep[0]) + height // 8 + 4
    sums = np.cumsum(np.pad(light, (1, 0)), dtype=np.float64)
    means = (sums[span:] - sums[:-span]) / span
    return int(np.argmax(means[:-span] - means[span:])) + span


def without_spots(profile: Floats, reach: int) -> Floats:
    """``profile`` (rows, 3) without what is lower than ``reach`` rows; edges stay sharp."""
    padded = np.pad(profile[::2], ((reach // 2, reach // 2), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, reach // 2 * 2 + 1, axis=0)
    middle = np.median(windows, axis=2).astype(np.float32)
    return np.asarray(np.repeat(middle, 2, axis=0)[: len(profile)])


def edge_profile(picture: Picture, end: int) -> Floats:
    """The colours of the columns up to ``end``, row by row, without what is thin."""
    strip = picture[:, max(end - _EDGE, 0) : end]
    found = np.asarray(np.median(strip, axis=1), np.float32)
    even = without_spots(found, max(len(found) // 34, 2))
    lamps = (found - even).max(axis=1, keepdims=True) > _LAMP_LEVELS
    return np.where(lamps, even, found)


def _steps(profile: Floats) -> list[float]:
    """The rows of the greatest steps of colour, from the top down."""
    height = len(profile)
    change = np.zeros(height, np.float32)
    change[2:-2] = np.abs(profile[4:] - profile[:-4]).sum(axis=1) / 3
    found: list[int] = []
    for row in np.argsort(-change):
        if change[row] < _STEP_LEVELS or len(found) == _MOST_LINES:
            break
        if all(abs(int(row) - other) > height // 28 for other in found):
            found.append(int(row))
    return [float(row) for row in sorted(found)]


def _slope(profile: Floats, inner: Floats, row: float, reach: int) -> float:
    """How fast a line falls towards the edge, by where it lies ``reach`` columns inside."""
    span, height = 10, len(profile)
    first, last = max(int(row) - span, 0), min(int(row) + span + 1, height)
    window = profile[first:last]
    shifts = [s for s in range(-40, 41) if first + s >= 0 and last + s <= height]
    unlike = [
        float(np.abs(inner[first + s : last + s] - window).mean()) + 0.03 * abs(s) for s in shifts
    ]
    return -shifts[int(np.argmin(unlike))] / reach
