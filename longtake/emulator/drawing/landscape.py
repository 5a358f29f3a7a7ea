"""A landscape wider than the frame, drawn from words and a seed: what a t2v clip pans across."""

from __future__ import annotations

import hashlib

import numpy as np

from longtake.emulator.drawing import noise
from longtake.emulator.drawing.noise import Floats
from longtake.emulator.drawing.notes import ClipNotes
from longtake.emulator.drawing.palettes import Colour
from longtake.emulator.drawing.pictures import Picture
from longtake.emulator.drawing.ridges import ridge, trees
from longtake.emulator.drawing.scenery import Scenery, scenery
from longtake.emulator.drawing.things import draw_boat, draw_far_light, draw_lighthouse

HORIZON = 0.62
"""Where the sky ends, as a share of the height from the top."""


def _colour(value: Colour) -> Floats:
    return np.asarray(value, np.float32)


def _mix(near: Floats, far: Floats, share: float) -> Floats:
    """``near`` with ``share`` (0..1) of ``far`` in it, as air between us and a hill does."""
    return np.asarray(near * (1 - share) + far * share, np.float32)


def _sky(scene: Scenery, height: int, width: int) -> Floats:
    """A smooth gradient of the hour's three colours, down to the horizon."""
    stops = np.asarray(scene.palette.sky, np.float32)
    way = np.clip(np.arange(height, dtype=np.float32) / (height * HORIZON), 0, 1)
    column = np.stack([np.interp(way, (0, 0.58, 1), stops[:, band]) for band in range(3)], axis=1)
    return np.repeat(column[:, None, :].astype(np.float32), width, axis=1)


def _add_stars(canvas: Floats, rng: np.random.Generator, brightness: float, size: int) -> None:
    """Points of light, denser towards the top."""
    height, width = canvas.shape[:2]
    count = int(260 * brightness * width / height)
    rows = (rng.random(count) ** 1.6 * height * HORIZON * 0.9).astype(int)
    columns = rng.integers(0, width - size, count)
    shine = (rng.random(count) ** 3 * 150 + 30) * brightness
    for row, column, light in zip(rows, columns, shine, strict=True):
        canvas[row : row + size, column : column + size] += light


def _add_light(canvas: Floats, scene: Scenery, column: float, unit: float) -> None:
    """The sun or moon: a disc with a soft edge in a glow."""
    height, width = canvas.shape[:2]
    row = height * HORIZON * (1 - scene.palette.height)
    step = 4  # the glow is smooth: a sixteenth of the samples is enough
    rows = np.arange(0, height, step, dtype=np.float32)[:, None] - row
    columns = np.arange(0, width, step, dtype=np.float32)[None, :] - column
    away = np.sqrt(rows * rows * 1.4 + columns * columns) / unit
    glow = 0.62 * np.exp(-away / 0.16) + 0.34 * np.exp(-away / 0.6)
    strength = noise.enlarge((glow * scene.palette.glow).astype(np.float32), height, width)
    canvas += np.clip(strength, 0, 0.9)[:, :, None] * (_colour(scene.palette.light) - canvas)
    radius = 0.052 * unit if scene.palette.stars < 0.9 else 0.045 * unit
    top, left = int(row - radius) - 2, int(column - radius) - 2
    side = int(2 * radius) + 5
    patch = canvas[max(top, 0) : top + side, max(left, 0) : left + side]
    down = np.arange(max(top, 0), max(top, 0) + patch.shape[0], dtype=np.float32)[:, None] - row
    across = np.arange(max(left, 0), max(left, 0) + patch.shape[1], dtype=np.float32) - column
    edge = np.clip(radius - np.sqrt(down * down + across * across), 0, 1)[:, :, None]
    patch += scene.palette.disc * edge * (_colour(scene.palette.light) - patch)


def _add_clouds(canvas: Floats, scene: Scenery, rng: np.random.Generator, unit: float) -> None:
    """Long banks of cloud, lighter at their upper edge, thinner near the horizon."""
    height, width = canvas.shape[:2]
    small_height, small_width = height // 3, width // 3
    cloudy = noise.field(rng, small_height, small_width, unit / 22, unit / 5.5, octaves=5)
    rise = max(int(unit / 90), 1)
    above = np.concatenate([cloudy[:rise], cloudy[:-rise]])
    way = np.arange(small_height, dtype=np.float32) / (small_height * HORIZON)
    fade = np.clip(1.25 - way, 0, 1) * np.clip(way * 4 + 0.4, 0, 1)
    edge = 1.0 - scene.palette.cover
    thick = np.clip((cloudy - edge) / 0.24, 0, 1) * fade[:, None] * 0.85
    lit = np.clip((cloudy - above) * 7 + 0.55, 0, 1)
    thick, lit = noise.enlarge(thick, height, width), noise.enlarge(lit, height, width)
    shade = _mix(_colour(scene.palette.cloud), _colour(scene.palette.sky[0]), 0.42)
    bright = _mix(_colour(scene.palette.cloud), _colour(scene.palette.light), 0.35)
    colour = shade + lit[:, :, None] * (bright - shade)
    canvas += thick[:, :, None] * (colour - canvas)


def _fill_below(canvas: Floats, ridge: Floats, top: Floats, bottom: Floats, depth: float) -> None:
    """Paint under ``ridge`` (a row for each column), from ``top`` colour down to ``bottom``."""
    height = canvas.shape[0]
    first = max(int(ridge.min()) - 1, 0)
    rows = np.arange(first, height, dtype=np.float32)[:, None]
    cover = np.clip(rows - ridge[None, :] + 0.5, 0, 1)[:, :, None]
    way = np.clip((rows - first) / depth, 0, 1)[:, :, None]
    canvas[first:] += cover * (top + way * (bottom - top) - canvas[first:])


def _add_land(canvas: Floats, scene: Scenery, rng: np.random.Generator, unit: float) -> None:
    """Layers of land from the far, hazy one to the near, dark one."""
    height, width = canvas.shape[:2]
    air, dark = _colour(scene.palette.sky[2]), _colour(scene.palette.dark)
    layers = 2 if scene.place == "sea" else 4
    for layer in range(layers):
        near = layer / 3
        foot = height * (HORIZON + 0.005 + (0.30 * near if scene.place != "sea" else 0))
        tall = unit * {"mountains": 0.46, "sea": 0.085, "city": 0.34}.get(scene.place, 0.2)
        rise = ridge(scene.place, rng, width, unit, near) * tall * (1 - 0.45 * near)
        if scene.place == "sea":
            rise = np.maximum(rise - tall * (0.3 + 0.16 * layer), -2).astype(np.float32)
        if scene.place in ("forest", "mountains") and near > 0.3:
            rise = rise + trees(rng, width, unit, near)
        haze = scene.palette.haze * (1 - near) ** 1.2
        top = _mix(dark, air, haze)
        bottom = _mix(top, air, 0.30 * (1 - near))
        _fill_below(canvas, np.float32(foot) - rise, top, bottom, unit * 0.3)
        if scene.place == "city":
            _light_windows(canvas, scene, rng, np.float32(foot) - rise, unit, near)


def _light_windows(
    canvas: Floats,
    scene: Scenery,
    rng: np.random.Generator,
    ridge: Floats,
    unit: float,
    near: float,
) -> None:
    """Small lit windows under a city's edge; more of them when it is dark."""
    height, width = canvas.shape[:2]
    size = max(int(unit / 160 * (0.6 + near)), 1)
    count = int((150 + 900 * scene.palette.stars) * width / unit * (0.4 + near) / 4)
    columns = rng.integers(0, width - size, count)
    drops = rng.random(count) * unit * 0.3 + unit * 0.012
    for column, drop in zip(columns, drops, strict=True):
        row = int(ridge[column] + drop) // (2 * size) * (2 * size)
        if ridge[column] + size < row < height - size:
            canvas[row : row + size, column : column + size] = (255, 206, 128)


def _add_sea(
    canvas: Floats, scene: Scenery, rng: np.random.Generator, column: float, unit: float
) -> None:
    """Water below the horizon: the sky mirrored darkly, ripples, and the light's path.

    What stands in the sky is not mirrored: ripples break a disc up into the path.
    """
    height, width = canvas.shape[:2]
    first = int(height * HORIZON)
    deep = height - first
    sky = _sky(scene, height, 1)
    mirrored = sky[np.clip(first - 1 - np.arange(deep), 0, None)]
    way = (np.arange(deep, dtype=np.float32) / deep)[:, None, None]
    water = mirrored * (0.74 - 0.3 * way) + _colour(scene.palette.dark) * (0.2 + 0.26 * way)
    ripple = np.zeros((deep, width), np.float32)
    for tall, wide, share in ((2.5, 30, 0.5), (6, 90, 0.3), (13, 220, 0.2)):
        scale = unit / 480
        ripple += share * noise.field(rng, deep, width, tall * scale, wide * scale, octaves=1)
    ripple -= ripple.mean()
    across = np.arange(width, dtype=np.float32) - np.float32(column)
    spread = unit * (0.05 + 0.22 * way[:, :, 0])
    path = np.exp(-((across[None, :] / spread) ** 2)) * scene.palette.glow
    glitter = np.clip(ripple * 5.5 - 0.12, 0, 1) * path
    water = water + (ripple * 46 * (0.35 + way[:, :, 0]))[:, :, None]
    canvas[first:] = water + np.clip(glitter, 0, 1)[:, :, None] * (
        _colour(scene.palette.light) - water
    )


def draw_landscape(
    prompt: str,
    seed: int,
    width: int,
    height: int,
    frame_width: int,
    *,
    frame_left: int = 0,
    notes: ClipNotes | None = None,
) -> Picture:
    """An RGB picture (height, width, 3) of what the words say; the seed places things.

    ``frame_left`` and ``frame_width`` are the part a camera sees at first: what matters stands in
    it. ``notes`` are the prompt's parts; without them the prompt is taken as a whole.
    """
    digest = hashlib.sha256(f"{prompt}\n{seed}".encode()).digest()
    rng = np.random.default_rng(list(digest))
    scene = scenery(notes or ClipNotes.of_prompt(prompt))
    unit = float(min(height, frame_width) if height < frame_width else height * 0.62)
    canvas = _sky(scene, height, width)
    column = frame_left + frame_width * float(rng.uniform(0.45, 0.8))
    if scene.palette.stars:
        _add_stars(canvas, rng, scene.palette.stars, max(round(unit / 480), 1))
    _add_light(canvas, scene, column, unit)
    _add_clouds(canvas, scene, rng, unit)
    _add_land(canvas, scene, rng, unit)
    if scene.place == "sea":
        _add_sea(canvas, scene, rng, column, unit)
    _add_things(canvas, scene, rng, frame_left, frame_width, unit)
    canvas += rng.normal(0, 0.5, (height, width, 1)).astype(np.float32)
    return np.clip(canvas, 0, 255).astype(np.uint8)


def _add_things(
    canvas: Floats,
    scene: Scenery,
    rng: np.random.Generator,
    frame_left: int,
    frame_width: int,
    unit: float,
) -> None:
    """The boat and the lighthouse of the scenery, well inside the frame."""
    dark, horizon = _colour(scene.palette.dark), canvas.shape[0] * HORIZON
    if "boat" in scene.things:
        place = frame_left + frame_width * float(rng.uniform(0.2, 0.5))
        draw_boat(canvas, place, horizon, unit, dark)
    if "far light" in scene.things:
        draw_far_light(canvas, frame_left + frame_width * 0.86, horizon, unit)
    if "lighthouse" in scene.things:
        place = frame_left + frame_width * float(rng.uniform(0.6, 0.78))
        night, banded = scene.palette.stars, "white" not in scene.things
        draw_lighthouse(canvas, place, horizon, unit, dark, rng, night, banded=banded)
