"""Two pictures of the same thing, laid over each other to a fraction of a pixel."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from longtake.media.measure.pixels import Floats, Luma, Rgb

_SMOOTHING = 0.18
"""Width of the low-pass over the spectrum, in cycles a pixel: noise and codec edges lie above."""

_STRIP = 64
"""Lines at once: what a processor's cache holds is worked on several times as fast."""

_AT_ONCE = 1 << 17  # pixels of frames in a row: the same
_LEAST_PART = 1e-6


@dataclass(frozen=True)
class Shift:
    """How far the second picture lies from the first, in pixels right and down.

    ``sureness``: height of the correlation's peak, 1 for the same picture, near 0 for any two.
    """

    x: float
    y: float
    sureness: float


Complex = npt.NDArray[np.complexfloating]


class Spectrum(NamedTuple):
    """A frame's spectrum, and the frame's shape (height, width)."""

    values: Complex
    shape: tuple[int, ...]


def luma_of(rgb: Rgb | Floats) -> Floats:
    """Full-range BT.601 luma of (height, width, 3), as floats in levels."""
    return np.asarray(rgb @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)


def reduced(picture: npt.NDArray[np.generic], factor: int) -> Floats:
    """Means over blocks of ``factor`` x ``factor`` pixels; a rest at the right or below is cut."""
    height, width = (side // factor * factor for side in picture.shape[:2])
    lines = _together([picture[at:height:factor, :width] for at in range(factor)])
    sums = _together([lines[:, at::factor] for at in range(factor)])
    return np.asarray(sums / np.float32(factor**2))


def _together(parts: Sequence[npt.NDArray[Any]]) -> Floats:
    """Their sum: one after another takes a fraction of what a sum over so short an axis does."""
    total = parts[0].astype(np.float32)
    for part in parts[1:]:
        total += part
    return total


def shift_between(one: Floats | Luma, other: Floats | Luma) -> Shift:
    """By phase correlation with a smoothed peak: brightness and contrast do not matter.

    Good to about a tenth of a pixel for shifts of less than a quarter of the picture.
    """
    return shift_of(spectrum_of(one), spectrum_of(other))


def shifts_between(frames: Sequence[Floats | Luma] | Floats | Luma) -> list[Shift]:
    """``shift_between`` of each frame and the one before it; all are of one size."""
    shifts: list[Shift] = []
    step = max(1, _AT_ONCE // frames[0].size) if len(frames) else 1
    for at in range(0, len(frames) - 1, step):
        spectra = _spectra(frames[at : at + step + 1])
        shifts += _shifts(spectra[:-1], spectra[1:], frames[0].shape)
    return shifts


def spectrum_of(frame: Floats | Luma) -> Spectrum:
    """What ``shift_of`` takes: for a frame that is compared with several."""
    return Spectrum(_spectra([frame]), frame.shape)


def shift_of(one: Spectrum, other: Spectrum) -> Shift:
    """``shift_between`` of the two frames, which are of one size."""
    (shift,) = _shifts(one.values, other.values, one.shape)
    return shift


def _spectra(frames: Sequence[Floats | Luma] | Floats | Luma) -> Complex:
    window, _, _ = _shaped(*frames[0].shape)
    return np.fft.rfft2(np.stack([(frame - frame.mean()) * window for frame in frames]))


def _shifts(ones: Complex, others: Complex, shape: tuple[int, ...]) -> list[Shift]:
    """Between the frames of that shape whose spectra these are, (n, height, …), pair by pair."""
    _, smooth, best = _shaped(*shape)
    cross = others * np.conj(ones)
    strength = np.abs(cross)
    greatest = strength.max(axis=(1, 2), keepdims=True)
    cross *= smooth / np.maximum(strength, 1e-6 * greatest + 1e-12)
    return [_highest(surface, best) for surface in np.fft.irfft2(cross, s=shape)]


def _highest(surface: Floats, best: float) -> Shift:
    """The shift at the top of a correlation, which is ``best`` where two pictures are the same."""
    height, width = surface.shape
    row, column = np.unravel_index(np.argmax(surface), surface.shape)
    return Shift(
        x=_signed(column + _subpixel(surface[row], int(column)), width),
        y=_signed(row + _subpixel(surface[:, column], int(row)), height),
        sureness=float(surface[row, column]) / best,
    )


@lru_cache(maxsize=16)
def _shaped(height: int, width: int) -> tuple[Floats, npt.NDArray[np.float64], float]:
    """For pictures of that size: the window, the smoothing, and what a perfect match reaches."""
    window = np.outer(np.hanning(height), np.hanning(width)).astype(np.float32)
    down = np.fft.fftfreq(height)[:, None]
    across = np.fft.rfftfreq(width)[None]
    smooth = np.exp(-(down**2 + across**2) / (2 * _SMOOTHING**2))
    # The smoothing's own mean over the whole spectrum.
    best = float(np.fft.irfft2(smooth.astype(complex), s=(height, width))[0, 0])
    return window, smooth, best


def overlapping(
    one: npt.NDArray[np.generic], other: npt.NDArray[np.generic], shift: Shift
) -> tuple[Floats, Floats]:
    """The part of each that both show: the second is interpolated onto the first's pixels."""
    rows, columns = _moved(one.shape[0], shift.y), _moved(one.shape[1], shift.x)
    # Levels of 8 bits become floats where they are first interpolated.
    seen = other if other.dtype == np.uint8 else other.astype(np.float32)
    seen = _interpolated(seen, shift.y, rows, axis=0)
    seen = _interpolated(seen, shift.x, columns, axis=1)
    return np.asarray(one[rows, columns], np.float32), np.asarray(seen, np.float32)


def ssim(one: Floats, other: Floats, *, window: int = 7) -> float:
    """Mean structural similarity of two luma pictures in levels, over square windows."""
    likeness = [
        _likeness(
            one[top : top + _STRIP + window - 1], other[top : top + _STRIP + window - 1], window
        )
        for top in range(0, len(one) - window + 1, _STRIP)
    ]
    return float(np.concatenate(likeness).mean())


def _likeness(one: Floats, other: Floats, window: int) -> Floats:
    first, second = _means(one, window), _means(other, window)
    spread_one = _means(one * one, window) - first * first
    spread_other = _means(other * other, window) - second * second
    together = _means(one * other, window) - first * second
    level, structure = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = (2 * first * second + level) * (2 * together + structure)
    likeness /= (first**2 + second**2 + level) * (spread_one + spread_other + structure)
    return np.asarray(likeness, np.float32)


def detail_likeness(one: Floats, other: Floats, *, window: int = 9) -> float:
    """Correlation of what two luma pictures show next to their local means, -1 to 1.

    Structural similarity alone takes two skies for the same picture (0.83 for two foggy seas, where
    this is 0.2); this stays above 0.7 under blur and noise.
    """
    edge = window // 2
    details = [
        side[edge : side.shape[0] - edge, edge : side.shape[1] - edge] - _means(side, window)
        for side in (one, other)
    ]
    strength = np.sqrt((details[0] ** 2).sum() * (details[1] ** 2).sum())
    return float((details[0] * details[1]).sum() / max(strength, 1e-9))


def _signed(position: float, length: int) -> float:
    return float(position - length if position > length / 2 else position)


def _subpixel(line: npt.NDArray[np.floating], peak: int) -> float:
    """How far the top of a bell lies next to its highest sample: a parabola through its logs."""
    around = (line[peak - 1], line[peak], line[(peak + 1) % len(line)])
    before, top, after = (math.log(max(float(one), 1e-9)) for one in around)
    bend = before - 2 * top + after
    return min(max((before - after) / (2 * bend), -0.5), 0.5) if bend < 0 else 0.0


def _moved(length: int, by: float) -> slice:
    """Positions p with both p and p + ``by`` inside."""
    return slice(max(0, int(np.ceil(-by))), min(length, int(np.floor(length - 1 - by)) + 1))


def _interpolated(
    picture: npt.NDArray[Any], by: float, kept: slice, *, axis: int
) -> npt.NDArray[Any]:
    whole = int(np.floor(by))
    part = np.float32(by - whole)
    lines = picture if axis == 0 else picture.swapaxes(0, 1)
    first, last = kept.start + whole, kept.stop + whole
    found = lines[first:last]
    if part > _LEAST_PART:  # else the line beyond may be none
        found = found * (1 - part)
        beyond = lines[first + 1 : last + 1]
        for at in range(0, len(found), _STRIP):
            found[at : at + _STRIP] += beyond[at : at + _STRIP] * part
    return found if axis == 0 else found.swapaxes(0, 1)


def _means(picture: Floats, window: int) -> Floats:
    """The mean of every ``window`` x ``window`` square inside the picture."""
    down = _sums(np.asarray(picture, np.float32), window)
    return np.asarray(_sums(down.T, window).T / np.float32(window**2))


def _sums(lines: Floats, window: int) -> Floats:
    """The sum of every ``window`` lines in a row, by doubling: few passes, and nothing piles up."""
    count, at, parts = len(lines) - window + 1, 0, []
    for bit in range(window.bit_length()):
        if bit:
            lines = lines[: -(1 << bit - 1)] + lines[1 << bit - 1 :]
        if window >> bit & 1:
            parts.append(lines[at : at + count])
            at += 1 << bit
    return np.asarray(reduce(np.add, parts))
