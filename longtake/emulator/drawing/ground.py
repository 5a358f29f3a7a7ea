"""New ground: what lies beyond a picture's edges, so that a camera can leave it without a seam.

Nothing is copied out of the picture, for a copied lighthouse is a second lighthouse. What crosses
the edge (skylines, shores, slopes) is found there and goes on: level lines level, slopes down to
where they end, ridges as ridges. Between them lie the edge's own colours, with fresh clouds and
ripples that are as strong as the picture's.
"""

from __future__ import annotations

import numpy as np

from longtake.emulator.drawing import noise, rises
from longtake.emulator.drawing.edge_lines import (
    Outline,
    edge_profile,
    lines_at_edge,
    skyline_of,
    without_spots,
)
from longtake.emulator.drawing.noise import Floats
from longtake.emulator.drawing.pictures import Picture
from longtake.emulator.drawing.ridges import roughness
from longtake.emulator.drawing.scenery import Scenery
from longtake.emulator.drawing.stage import Margins


def extended(picture: Picture, margins: Margins, scene: Scenery, seed: int) -> Picture:
    """``picture`` with new ground of that many pixels around it; itself where it was."""
    rng = np.random.default_rng([seed, 20])
    left, right = picture[:, ::-1], picture
    parts = [right]
    if margins.left:
        parts.insert(0, _next_to(left, margins.left, scene, rng)[:, ::-1])
    if margins.right:
        parts.append(_next_to(right, margins.right, scene, rng))
    wide = np.concatenate(parts, axis=1) if len(parts) > 1 else picture
    parts = [wide]
    if margins.top:
        parts.insert(0, _above(wide, margins.top, scene, rng))
    if margins.bottom:
        parts.append(_below(wide, margins.bottom, rng))
    return np.concatenate(parts, axis=0) if len(parts) > 1 else wide


def _next_to(picture: Picture, extra: int, scene: Scenery, rng: np.random.Generator) -> Picture:
    """``extra`` columns that go on from the right edge of ``picture``."""
    height, width = picture.shape[:2]
    profile = edge_profile(picture, width)
    lines = lines_at_edge(picture)
    rows = _warped_rows(lines, height, extra, scene, rng)
    found = _painted(profile, lines, rows, extra)
    skyline = skyline_of(profile)
    end = min([skyline, *(int(one.min()) for one in rows)]) - 4
    clouds = _cloud_colour(picture[: max(end, 8), -200:])
    _add_sky(found[: max(end, 0)], without_spots(profile, height // 9), clouds, scene, rng)
    if scene.place in rises.PLACES:
        rises.add_rises(found, without_spots(profile, height // 16), skyline, scene, rng)
    else:
        lowest = max([skyline, *(int(one.max()) for one in rows[:1])])
        _add_ripples(found, picture[:, -96:], lowest, rng)
    # The edge itself, pixel for pixel, fades out over the first columns.
    soft = min(16, extra)
    fading = (1 - np.arange(1, soft + 1, dtype=np.float32) / (soft + 1))[None, :, None]
    edge = picture[:, -3:].mean(axis=1)[:, None, :]
    found[:, :soft] += fading * (edge - found[:, :1])
    return np.clip(found, 0, 255).astype(np.uint8)


def _warped_rows(
    lines: list[Outline], height: int, extra: int, scene: Scenery, rng: np.random.Generator
) -> Floats:
    """For each line, the row that it is on in each of the new columns; (lines, extra)."""
    away = np.arange(1, extra + 1, dtype=np.float32)
    warped = np.zeros((len(lines), extra), np.float32)
    for index, line in enumerate(lines):
        if scene.place == "sea" and line.slope > 0.3:  # a headland: down into the water
            warped[index] = line.row + line.slope * away * (1 + away / 90)
        elif scene.place == "sea":  # the horizon
            warped[index] = line.row
        else:
            slope = float(np.clip(line.slope, -0.15, 0.15))
            warped[index] = line.row + slope * 60 * (1 - np.exp(-away / 60))
        if scene.place not in ("sea", "city", "plain"):
            near = float(np.clip((line.row / height - 0.5) * 2, 0, 1))
            wander = roughness(scene.place, rng, extra, height * 0.62, near)
            warped[index] -= (wander - wander[0]) * np.clip(away / 60, 0, 1)
    for index in range(1, len(lines)):  # no line crosses the one above it
        warped[index] = np.maximum(warped[index], warped[index - 1] + 2)
    return warped


def _painted(profile: Floats, lines: list[Outline], rows: Floats, extra: int) -> Floats:
    """The edge's colours between the lines, wherever these have gone."""
    height = len(profile)
    if not lines:
        return np.repeat(profile[:, None, :], extra, axis=1)
    places = np.arange(height, dtype=np.float32)
    sources = np.array([0.0, *(line.row for line in lines), height - 1.0])
    found = np.empty((height, extra, 3), np.float32)
    for column in range(extra):
        targets = np.array([0.0, *rows[:, column], max(height - 1.0, rows[-1, column] + 1)])
        source = np.interp(places, targets, sources)
        low = source.astype(np.intp)
        part = (source - low).astype(np.float32)[:, None]
        found[:, column] = (
            profile[low] * (1 - part) + profile[np.minimum(low + 1, height - 1)] * part
        )
    return found


def _add_sky(
    sky: Floats, even: Floats, clouds: Floats, scene: Scenery, rng: np.random.Generator
) -> None:
    """The edge's clouds, and a disc cut by it, give way to an even sky, and new clouds come."""
    end, extra = sky.shape[:2]
    if end < 24:
        return
    away = np.arange(extra, dtype=np.float32)
    even = _even_rows(even[:end, None], max(end // 9, 4))
    stands_out = np.abs(sky[:, :1] - even).mean(axis=2)
    discs = np.maximum(stands_out - 45, 0) / 200  # clouds may trail off
    settle = 1 - np.exp(-away * (1 / 45 + discs))[:, :, None]
    sky += settle * (even - sky)
    near = np.clip((end - np.arange(end, dtype=np.float32)) / (0.3 * end), 0, 1)[:, None]
    _add_clouds(sky, near * np.clip(away / 90, 0, 1), clouds, scene, rng)


def _add_clouds(
    sky: Floats, strength: Floats, clouds: Floats, scene: Scenery, rng: np.random.Generator
) -> None:
    """Long thin clouds, where and as far as ``strength`` (0..1) lets them come."""
    height, width = sky.shape[:2]
    cloudy = noise.field(rng, height // 2 + 1, width // 2 + 1, 7, 40, octaves=4)
    thick = np.clip((cloudy - 1 + scene.palette.cover) / 0.24, 0, 1).astype(np.float32)
    share = noise.enlarge(thick, height, width) * strength * 0.5
    sky += share[:, :, None] * np.clip(clouds - sky, -46, 46)


def _cloud_colour(sky: Picture) -> Floats:
    """The colour of the lightest twentieth of ``sky`` but its very brightest."""
    pixels = sky[::4, ::4].reshape(-1, 3)
    order = np.argsort(pixels.sum(axis=1, dtype=np.int32), kind="stable")
    lightest = pixels[order[-max(len(order) // 10, 1) : len(order) - len(order) // 20]]
    return np.asarray(lightest.mean(axis=0), np.float32)


def _even_rows(sky: Floats, reach: int) -> Floats:
    """``sky`` (rows, 1, 3) without what is smaller than ``reach`` rows."""
    padded = np.pad(sky[:, 0], ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    sums = np.cumsum(np.pad(padded, ((1, 0), (0, 0))), axis=0, dtype=np.float64)
    smooth = (sums[2 * reach + 1 :] - sums[: -2 * reach - 1]) / (2 * reach + 1)
    return smooth.astype(np.float32)[:, None, :]


def _add_ripples(found: Floats, strip: Picture, skyline: int, rng: np.random.Generator) -> None:
    """Below the skyline: ripples and blades, as strong in each row as they are in ``strip``."""
    height, extra = found.shape[:2]
    first = skyline + 3
    if first >= height - 8:
        return
    light = strip[first:].astype(np.float32).mean(axis=2)
    uneven = np.median(np.abs(light - np.median(light, axis=1, keepdims=True)), axis=1)
    uneven = np.convolve(np.pad(uneven, 6, mode="edge"), np.full(13, 1 / 13), "valid")
    scale = height / 480
    ripple = noise.field(rng, height - first, extra, 3 * scale, 40 * scale, octaves=2) - 0.375
    away = np.clip(np.arange(extra, dtype=np.float32) / 30, 0, 1)
    found[first:] += (ripple * np.minimum(uneven, 7)[:, None] * 5 * away)[:, :, None]


def _above(picture: Picture, extra: int, scene: Scenery, rng: np.random.Generator) -> Picture:
    """``extra`` rows of sky over ``picture``: its gradient goes on, clouds and stars are new."""
    width = picture.shape[1]
    edge = picture[:4].mean(axis=0).astype(np.float32)
    soft = _softened(edge, width // 8)
    rise = np.clip(picture[:4].mean(axis=(0, 1)) - picture[40:48].mean(axis=(0, 1)), -16, 16) / 44
    up = np.arange(extra, 0, -1, dtype=np.float32)[:, None, None]
    found = _settled(edge, soft, up) + rise * 60 * (1 - np.exp(-up / 60))
    clouds = _cloud_colour(picture[: picture.shape[0] // 3])
    _add_clouds(found, np.clip(up[:, 0] / 60, 0, 1), clouds, scene, rng)
    if scene.palette.stars and soft.mean() < 90:
        _add_stars(found, scene.palette.stars, rng)
    return np.asarray(np.clip(found, 0, 255), np.uint8)


def _add_stars(sky: Floats, brightness: float, rng: np.random.Generator) -> None:
    height, width = sky.shape[:2]
    count = int(brightness * height * width / 1400)
    rows, columns = rng.integers(0, height, count), rng.integers(0, width, count)
    sky[rows, columns] += (rng.random(count, np.float32) ** 3 * 150 + 30)[:, None] * brightness


def _below(picture: Picture, extra: int, rng: np.random.Generator) -> Picture:
    """``extra`` rows of ground under ``picture``: its lowest rows, softer and softer, rippled."""
    height, width = picture.shape[:2]
    edge = picture[-3:].mean(axis=0).astype(np.float32)
    soft = _softened(edge, 24)
    down = np.arange(1, extra + 1, dtype=np.float32)[:, None, None]
    found = _settled(edge, soft, down) * (1 - 0.1 * (1 - np.exp(-down / 120)))
    light = picture[-40:].astype(np.float32).mean(axis=2)
    uneven = float(np.median(np.abs(light - np.median(light, axis=1, keepdims=True))))
    scale = height / 480
    ripple = noise.field(rng, extra, width, 7 * scale, 80 * scale, octaves=2) - 0.375
    found += (ripple[:, :, None] * min(uneven, 7) * 5) * np.clip(down / 24, 0, 1)
    return np.clip(found, 0, 255).astype(np.uint8)


def _settled(edge: Floats, soft: Floats, away: Floats) -> Floats:
    """The edge's row, softer with every row ``away`` from it until it is ``soft``."""
    fine = _softened(edge, 5)
    first, then = np.exp(-away / 5), np.exp(-away / 16)
    return np.asarray(first * edge + (then - first) * fine + (1 - then) * soft, np.float32)


def _softened(row: Floats, reach: int) -> Floats:
    """``row`` (columns, 3) without what is narrower than ``reach`` columns."""
    return _even_rows(row[:, None, :], min(reach, len(row) - 1))[:, 0]
