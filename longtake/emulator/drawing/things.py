"""What may stand in a landscape: a lighthouse on its rock, a boat."""

from __future__ import annotations

import numpy as np

from longtake.emulator.drawing import noise
from longtake.emulator.drawing.noise import Floats


def _box(
    canvas: Floats, rows: tuple[float, float], columns: tuple[float, float], colour: Floats
) -> None:
    top, bottom = (round(row) for row in rows)
    left, right = (round(column) for column in columns)
    canvas[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = colour


def _tower(
    canvas: Floats, column: float, top: float, foot: float, unit: float, banded: bool
) -> None:
    """A tapered white tower, with red bands if it is ``banded``, lit from the left."""
    for row in range(max(int(top), 0), min(int(foot), canvas.shape[0])):
        way = (row - top) / (foot - top)
        half = unit * (0.021 + 0.017 * way)
        first, last = max(int(column - half), 0), min(int(column + half) + 1, canvas.shape[1])
        if first >= last:
            continue
        round_off = np.linspace(1.0, 0.5, last - first, dtype=np.float32)[:, None]
        red = banded and int(way * 5) % 2 == 1
        paint = np.asarray((176, 52, 46) if red else (236, 230, 218), np.float32)
        canvas[row, first:last] = canvas[row, first:last] * 0.25 + paint * round_off * 0.75


def _glow(canvas: Floats, column: float, row: float, reach: float, strength: float) -> None:
    """Warm light around the lamp."""
    height, width = canvas.shape[:2]
    top, bottom = max(int(row - reach), 0), min(int(row + reach), height)
    left, right = max(int(column - reach), 0), min(int(column + reach), width)
    down = np.arange(top, bottom, dtype=np.float32)[:, None] - np.float32(row)
    across = np.arange(left, right, dtype=np.float32) - np.float32(column)
    away = np.sqrt(down * down + across * across) / np.float32(reach)
    light = (np.clip(1 - away, 0, 1) ** 3 * strength)[:, :, None]
    warm = np.asarray((255, 222, 150), np.float32)
    canvas[top:bottom, left:right] += light * (warm - canvas[top:bottom, left:right])


def draw_lighthouse(
    canvas: Floats,
    column: float,
    horizon: float,
    unit: float,
    dark: Floats,
    rng: np.random.Generator,
    night: float,
    *,
    banded: bool = True,
) -> None:
    """A lighthouse on a headland at ``column``; its lamp burns brighter the darker it is."""
    height, width = canvas.shape[:2]
    across = np.arange(width, dtype=np.float32) - np.float32(column)
    slope = np.abs(across) / (unit * np.where(across < 0, 0.5, 0.44).astype(np.float32))
    rough = (noise.line(rng, width, unit * 0.16, 6) - 0.5) * unit * 0.16 * np.clip(slope, 0.1, 1)
    edge = horizon + unit * (0.005 + 0.42 * slope**1.7) + rough
    top_of_rock = float(edge[min(max(int(column), 0), width - 1)])
    foot = top_of_rock + unit * 0.02
    top = foot - unit * 0.36
    lamp = top - unit * 0.022
    _glow(canvas, column, lamp, unit * 0.34, 0.35 + 0.5 * night)
    _tower(canvas, column, top, foot, unit, banded)
    iron = np.asarray((40, 38, 44), np.float32)
    half = unit * 0.029
    _box(canvas, (top - unit * 0.006, top + unit * 0.006), (column - half, column + half), iron)
    lamp_half = unit * 0.016
    bright = np.asarray((255, 238, 188), np.float32)
    _box(
        canvas,
        (top - unit * 0.042, top - unit * 0.006),
        (column - lamp_half, column + lamp_half),
        bright,
    )
    for step in range(max(int(unit * 0.026), 1)):
        part = lamp_half * 1.3 * step / (unit * 0.026)
        row = top - unit * 0.068 + step
        _box(canvas, (row, row + 1), (column - part, column + part), iron)
    rows = np.arange(int(max(edge.min() - 1, 0)), height, dtype=np.float32)[:, None]
    cover = np.clip(rows - edge[None, :] + 0.5, 0, 1)
    canvas[int(rows[0, 0]) :] += cover[:, :, None] * (dark - canvas[int(rows[0, 0]) :])
    _glow(canvas, column, lamp, unit * 0.06, 0.9)


def draw_far_light(canvas: Floats, column: float, horizon: float, unit: float) -> None:
    """A lamp on the horizon, too far away for its tower to be seen, and its beam."""
    row = horizon - unit * 0.012
    _glow(canvas, column, row, unit * 0.11, 0.5)
    _glow(canvas, column, row, unit * 0.016, 1.0)


def draw_boat(canvas: Floats, column: float, horizon: float, unit: float, dark: Floats) -> None:
    """A small sailing boat a little below the horizon."""
    water = horizon + unit * 0.085
    tall = unit * 0.12
    canvas_colour = np.asarray((232, 222, 204), np.float32)
    for step in range(int(tall)):
        part = step / tall
        row = water - tall * 1.12 + step
        sail = unit * 0.042 * part
        _box(
            canvas,
            (row, row + 1),
            (column + 1, column + 1 + sail),
            canvas_colour * (0.9 - 0.1 * part),
        )
        _box(canvas, (row, row + 1), (column - sail * 0.55, column - 1), canvas_colour * 0.78)
    hull = max(int(unit * 0.018), 2)
    for step in range(hull):
        half = unit * (0.052 - 0.02 * step / hull)
        _box(
            canvas,
            (water - hull / 2 + step, water - hull / 2 + step + 1),
            (column - half, column + half),
            dark,
        )
