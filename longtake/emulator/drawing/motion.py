"""What happens to a clip's frames besides the camera's move: a passing shadow, the dials' faults.

What moves here starts and ends at nothing: frame 0 of an i2v clip is its start image and the step
across a seam equals the steps next to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from longtake.emulator.drawing.dials import ColourDrift, Dials
from longtake.emulator.drawing.pictures import Plane, Planes

LIFE_LEVELS = 7
"""How much a passing cloud's shadow moves the luma at most."""


def _blend(near: Plane, far: Plane, share: int) -> Plane:
    """``share`` (0..256) of ``far`` over ``near``."""
    mixed = near.astype(np.uint16) * np.uint16(256 - share) + far * np.uint16(share)
    return ((mixed + np.uint16(128)) >> 8).astype(np.uint8)


def morph(near: Iterator[Planes], far: Iterator[Planes], frame_count: int) -> Iterator[Planes]:
    """From the first of ``near`` exactly to the last of ``far``, smoothly."""
    for frame_index, (one, other) in enumerate(zip(near, far, strict=True)):
        way = frame_index / (frame_count - 1)
        share = round(256 * way * way * (3 - 2 * way))
        yield Planes(
            _blend(one.luma, other.luma, share),
            _blend(one.blue, other.blue, share),
            _blend(one.red, other.red, share),
        )


def _shadow(height: int, width: int, seed: int) -> npt.NDArray[np.float32]:
    """A wide, soft, slanting band of light and shade, three frames wide."""
    slant = np.linspace(0, 0.6 + seed % 5 / 10, height, dtype=np.float32)[:, None]
    across = np.linspace(0, 3, 3 * width, dtype=np.float32)[None, :]
    return np.asarray(np.sin((across + slant + seed % 97 / 97) * np.float32(2 * np.pi)))


def live(frames: Iterator[Planes], times: Sequence[float], seed: int) -> Iterator[Planes]:
    """A cloud's shadow passes: nothing at both ends, at most LIFE_LEVELS of luma between.

    ``times`` say which moment each frame shows: where the view stands still, the shadow does.
    """
    frame_count = len(times)
    band: Plane | None = None
    waves = np.linspace(-1, 1, 256)
    for time, frame in zip(times, frames, strict=True):
        strength = LIFE_LEVELS * np.sin(np.pi * time / (frame_count - 1)) ** 2
        if strength < 0.5:
            yield frame
            continue
        height, width = frame.luma.shape
        if band is None:
            band = np.round((_shadow(height, width, seed) + 1) * 127.5).astype(np.uint8)
        left = round(width * 1.5 * time / frame_count)
        # Bytes that wrap around are signed numbers that cost no wider type: limited-range luma
        # leaves room for them at both ends.
        change = np.round(waves * strength).astype(np.int8).tobytes()
        shade = band[:, left : left + width].tobytes().translate(change)
        change_of_luma = np.frombuffer(shade, np.uint8).reshape(height, width)
        yield Planes(frame.luma + change_of_luma, frame.blue, frame.red)


def drift(frames: Iterator[Planes], dial: ColourDrift) -> Iterator[Planes]:
    """Shift the colours of every frame by what the dial says of its index."""
    tables: dict[float, tuple[Plane, Plane, Plane]] = {}
    for frame_index, frame in enumerate(frames):
        share = 0.0 if dial.is_still else dial.share_at(frame_index)
        if share == 0:
            yield frame
            continue
        luma, blue, red = tables.setdefault(share, _drifted(dial, share))
        shifted = Planes(luma[frame.luma], blue[frame.blue], red[frame.red])
        yield _channels(shifted, dial, share) if dial.has_channels else shifted


def flare(frames: Iterator[Planes], dials: Dials) -> Iterator[Planes]:
    """Brighten the first frames by ``dials.flash``, less with every frame."""
    levels = np.arange(256, dtype=np.float32)
    for frame_index, frame in enumerate(frames):
        # The dial counts full-range levels, the planes hold limited range.
        added = dials.flare_at(frame_index) * 219 / 255
        yield Planes(_bytes(levels + added)[frame.luma], frame.blue, frame.red) if added else frame


def lift(frames: Iterator[Planes], dials: Dials) -> Iterator[Planes]:
    """Take contrast from the first frames, less with every one: black is raised, white lowered."""
    levels = np.arange(256, dtype=np.float32)
    shadows, highlights = dials.lift_shadows, dials.lift_highlights
    points = [16, 16 + 219 / 4, 16 + 219]
    curve = np.interp(levels, points, [shadows / 3, shadows, highlights]) * 219 / 255
    for frame_index, frame in enumerate(frames):
        if not dials.lifts:
            yield frame
            continue
        added = (curve * dials.lift_share(frame_index)).astype(np.float32)
        yield Planes(_bytes(levels + added)[frame.luma], frame.blue, frame.red)


def smooth(frames: Iterator[Planes], levels: float) -> Iterator[Planes]:
    """Take fine detail of less than ``levels`` away: what a decoder of latents does not draw."""
    for frame in frames:
        if levels == 0:
            yield frame
            continue
        soft = _blurred(frame.luma, 0.8).astype(np.float32)
        detail = frame.luma - soft
        yield Planes(_bytes(soft + detail * (np.abs(detail) >= levels)), frame.blue, frame.red)


def shift(frames: Iterator[Planes], right: int, down: int) -> Iterator[Planes]:
    """Move every frame by even numbers of pixels; its edges are repeated where it has left."""
    for frame in frames:
        if not (right or down):
            yield frame
            continue
        luma = _moved(frame.luma, right, down)
        chroma = (_moved(one, right // 2, down // 2) for one in (frame.blue, frame.red))
        yield Planes(luma, *chroma)


def soften(frames: Iterator[Planes], sigma: float) -> Iterator[Planes]:
    """Blur every frame by a bell of ``sigma`` pixels (of luma)."""
    for frame in frames:
        if sigma == 0:
            yield frame
            continue
        chroma = (_blurred(one, sigma / 2) for one in (frame.blue, frame.red))
        yield Planes(_blurred(frame.luma, sigma), *chroma)


def grain(frames: Iterator[Planes], levels: float, seed: int) -> Iterator[Planes]:
    """Add noise to every frame's luma, another one each time."""
    rng = np.random.default_rng(seed)
    for frame in frames:
        if levels == 0:
            yield frame
            continue
        noise = rng.standard_normal(frame.luma.shape, np.float32) * np.float32(levels)
        yield Planes(_bytes(frame.luma + noise), frame.blue, frame.red)


def _drifted(dial: ColourDrift, share: float) -> tuple[Plane, Plane, Plane]:
    """What each level of luma, blue and red becomes with ``share`` of the drift."""
    levels = np.arange(256, dtype=np.float32)
    colour = (levels - 128) * (1 + dial.saturation * share) + 128
    return (
        _bytes((levels - 16) * (1 + dial.gain * share) + 16),
        _bytes(colour + dial.tint_blue * share),
        _bytes(colour + dial.tint_red * share),
    )


def _channels(planes: Planes, dial: ColourDrift, share: float) -> Planes:
    """Red, green and blue by gains of their own, on planes: BT.601's matrix there and back."""
    gains = share * np.array([dial.red_gain, dial.green_gain, dial.blue_gain], np.float32)
    mixed = _TO_PLANES @ np.diag(1 + gains) @ np.linalg.inv(_TO_PLANES)
    matrix = np.asarray(mixed, np.float32)
    luma = (planes.luma.astype(np.float32) - 16) / 219
    blue, red = ((one.astype(np.float32) - 128) / 224 for one in (planes.blue, planes.red))
    wide = [np.repeat(np.repeat(one, 2, 0), 2, 1) for one in (blue, red)]
    small = luma.reshape(luma.shape[0] // 2, 2, luma.shape[1] // 2, 2).mean(axis=(1, 3))
    return Planes(
        _bytes(16 + 219 * (matrix[0, 0] * luma + matrix[0, 1] * wide[0] + matrix[0, 2] * wide[1])),
        _bytes(128 + 224 * (matrix[1, 0] * small + matrix[1, 1] * blue + matrix[1, 2] * red)),
        _bytes(128 + 224 * (matrix[2, 0] * small + matrix[2, 1] * blue + matrix[2, 2] * red)),
    )


# Red, green and blue to luma and the two chroma planes, by BT.601.
_TO_PLANES = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]], np.float32
)


def _moved(plane: Plane, right: int, down: int) -> Plane:
    height, width = plane.shape
    rows = np.clip(np.arange(height) - down, 0, height - 1)
    columns = np.clip(np.arange(width) - right, 0, width - 1)
    return plane[rows][:, columns]


def _blurred(plane: Plane, sigma: float) -> Plane:
    reach = max(int(3 * sigma + 0.5), 1)
    bell = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma * sigma)).astype(np.float32)
    bell /= bell.sum()
    soft = plane.astype(np.float32)
    for axis in (0, 1):
        padding = [(reach, reach) if one == axis else (0, 0) for one in (0, 1)]
        padded = np.pad(soft, padding, mode="edge")
        length = plane.shape[axis]
        soft = sum(
            (
                weight * np.take(padded, range(place, place + length), axis)
                for place, weight in enumerate(bell)
            ),
            np.zeros_like(soft),
        )
    return _bytes(soft)


def _bytes(levels: npt.NDArray[np.float32]) -> Plane:
    return np.clip(np.round(levels), 0, 255).astype(np.uint8)
