"""Paired colour calibration: what a round trip through the service did to the colours, undone.

The service returns the image that it was sent as the clip's first frame. That pair, pixel for
pixel, says what happened to the colours; statistics of other moments would take new content for
drift, which on a moving view is worse than doing nothing. One constant transform serves the whole
clip, always towards the image that was sent. The frame that is handed on is corrected too, so the
error of one hop never reaches the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import anyio.to_thread
import numpy as np
import numpy.typing as npt

from longtake.media.commands import Matrix
from longtake.media.files import whole_file
from longtake.media.measure.fitting import IDENTITY, Transform, applied, fit
from longtake.media.measure.pixels import Floats, Rgb, decode_rgb, delta_e, read_png, write_png
from longtake.media.measure.registering import (
    Shift,
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_between,
    ssim,
)
from longtake.media.measure.tracking import follow
from longtake.story.readings import Calibration, Flash

Mode = Literal["off", "paired", "tracked"]
"""``tracked`` also follows drift that grows inside a clip; intended changes of light go with it."""

THRESHOLD = 0.3
"""Mean ΔE by which a transform must move the colours to be applied (see the seam bench)."""

FLARE_THRESHOLD = 1.0
"""The same beside a flash in the first frame: what deflash leaves of it moves colours by 0.3 to 0.7
and, handed on, would darken the chain a little with every hop."""

RAMP_THRESHOLD = 0.6
"""The same for what was followed inside a clip, where small errors add up."""

LEAST_SSIM = 0.8
"""Structural similarity below which the two are not the same picture."""

LEAST_DETAIL = 0.5
"""The same for the correlation of their details: two skies are alike without it."""

LUT_SIZE = 2
"""An affine transform is interpolated without error between the corners alone."""

_MAX_SHIFT_PIXELS = 16.0
_SAMPLES_ACROSS = 160
_CLIPPED = (4, 251)
_LEAST_SAMPLES = 200

Row = tuple[float, float, float, float]


@dataclass(frozen=True)
class Pair:
    """The image that was sent and the frame that came, registered and reduced: samples (n, 3)."""

    sent: Floats
    came: Floats
    shift: Shift
    ssim: float
    detail: float


async def calibrate(
    sent: Path,
    clip: Path,
    *,
    mode: Mode = "paired",
    flash: Flash | None = None,
    untagged_matrix: Matrix = "bt601",
    threshold: float = THRESHOLD,
) -> Calibration:
    """What takes the colours of ``clip`` back to those of the PNG ``sent`` as its start image.

    ``flash``: what ``find_flash`` found, so that a flare of the first frame is not taken for drift.
    Never raises because of what the pictures show: where the pair does not register, ``applied`` is
    False and ``reason`` says why. Raises MediaError when one of the files cannot be read.
    """
    if mode == "off":
        return Calibration(applied=False, reason="colour calibration is off")

    def work() -> Calibration:
        return _calibrate(sent, clip, mode == "tracked", flash, untagged_matrix, threshold)

    return await anyio.to_thread.run_sync(work)


async def correct_frame(
    png: Path, calibration: Calibration, into: Path, *, frame_index: int = -1
) -> Path:
    """Write ``png``, frame ``frame_index`` of the clip (-1: its last), with corrected colours.

    The same arithmetic as the LUT of the encode: what is handed on is what the film shows.
    """

    def work() -> None:
        corrected = apply(read_png(png), transform_at(calibration, frame_index))
        with whole_file(into) as part:
            write_png(corrected, part)

    await anyio.to_thread.run_sync(work)
    return into


def apply(picture: Rgb, transform: Transform) -> Rgb:
    """RGB levels (…, 3), transformed, rounded and clipped."""
    levels = picture.astype(np.float32) @ transform[:, :3].T.astype(np.float32)
    levels += (255 * transform[:, 3]).astype(np.float32)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def transform_at(calibration: Calibration, frame_index: int) -> Transform:
    """The transform of one frame, (3, 4), -1 for the last; the identity where none is applied."""
    if not calibration.applied or calibration.transform is None:
        return IDENTITY
    if not calibration.ramp:
        return np.array(calibration.transform)
    indexes = [at for at, _ in calibration.ramp]
    transforms = np.array([one for _, one in calibration.ramp])
    at = indexes[-1] if frame_index < 0 else frame_index
    flat = transforms.reshape(len(indexes), 12)
    return np.array([np.interp(at, indexes, column) for column in flat.T]).reshape(3, 4)


def cube(transform: Transform, size: int = LUT_SIZE) -> str:
    """The text of a .cube 3D LUT that does what ``transform`` does, red fastest.

    Values beyond 0 and 1 stay: clipping comes after the interpolation, which is then exact. Half a
    level is added, because ffmpeg's lut3d (5.1 and 9.0) drops what lies beyond the whole level:
    without it every channel darkens by half a level; with it, the identity changes no bit.
    """
    steps = np.linspace(0, 1, size)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    colours = applied(transform, np.stack([red, green, blue], axis=-1)).reshape(-1, 3) + 0.5 / 255
    lines = [f"{r:.6f} {g:.6f} {b:.6f}" for r, g, b in colours]
    return "\n".join([f"LUT_3D_SIZE {size}", *lines, ""])


def lut_plan(calibration: Calibration, frame_count: int) -> list[tuple[int, Transform]]:
    """From which frame of a clip of ``frame_count`` frames on which transform is due; or none."""
    if not calibration.applied:
        return []
    frames = range(frame_count) if calibration.ramp else range(1)
    return [(frame_index, transform_at(calibration, frame_index)) for frame_index in frames]


def pair_of(sent: Rgb, came: Rgb, *, flare: float = 0.0) -> Pair:
    """Register the two; ``flare`` (levels) is taken off what came. Clipped samples are left out."""
    coarse = [reduced(luma_of(one), 2) for one in (sent, came)]
    half = shift_between(coarse[0], coarse[1])
    shift = Shift(2 * half.x, 2 * half.y, half.sureness)
    if max(abs(shift.x), abs(shift.y)) > _MAX_SHIFT_PIXELS:
        shift = Shift(0, 0, half.sureness)
    one, other = overlapping(sent, came, shift)
    factor = max(1, round(one.shape[1] / _SAMPLES_ACROSS))
    lumas = reduced(luma_of(one), 2), reduced(luma_of(other), 2)
    low, high = _CLIPPED
    both = np.concatenate([one, other], axis=-1)
    inside = np.asarray(((both > low) & (both < high)).all(axis=-1))
    kept = reduced(inside, factor) == 1
    samples = [reduced(side, factor)[kept] / 255 for side in (one, other - np.float32(flare))]
    return Pair(samples[0], samples[1], shift, ssim(*lumas), detail_likeness(*lumas))


def _calibrate(
    sent: Path,
    clip: Path,
    tracked: bool,
    flash: Flash | None,
    untagged_matrix: Matrix,
    threshold: float,
) -> Calibration:
    first = decode_rgb(clip, count=1, untagged_matrix=untagged_matrix)[0]
    size = (first.shape[1], first.shape[0])
    picture = read_png(sent)
    if picture.shape != first.shape:
        picture = read_png(sent, size=size)  # the service stretches what has another shape
    flares = flash.offsets if flash is not None and flash.applied else ()
    pair = pair_of(picture, first, flare=flares[0] if flares else 0.0)
    refused = _refusal(pair)
    if refused is not None:
        return _report(pair, None, refused)
    found = _judged(pair, max(threshold, FLARE_THRESHOLD) if flares else threshold)
    if not tracked:
        return found
    start = IDENTITY if found.transform is None else np.array(found.transform)
    ramp = follow(clip, start, flares=flares, untagged_matrix=untagged_matrix)
    return _with_ramp(found, pair, ramp)


def _refusal(pair: Pair) -> str | None:
    """Why the two cannot be compared, in words; None where they can."""
    if pair.ssim < LEAST_SSIM or pair.detail < LEAST_DETAIL:
        return (
            f"the clip's first frame is not the image that was sent: SSIM {pair.ssim:.2f} "
            f"({LEAST_SSIM} is needed), likeness of details {pair.detail:.2f} ({LEAST_DETAIL})"
        )
    if len(pair.sent) < _LEAST_SAMPLES:
        return "the picture is almost all black or white: too little of it shows its colours"
    return None


def _judged(pair: Pair, threshold: float) -> Calibration:
    """Fit, and keep what was fitted if it moves colours by ``threshold`` and leaves less apart.

    What the transform does is judged, not how far apart the pair is: noise and softness are a
    distance, too, and no transform takes them away.
    """
    transform = fit(pair.came, pair.sent)
    corrected = applied(transform, pair.came)
    moved = _colour_step(corrected, pair.came)
    before, after = (_colour_step(pair.sent, one) for one in (pair.came, corrected))
    if moved < threshold or after >= before:
        least = f"less than {threshold:g}" if moved < threshold else "and nothing is gained"
        return _report(pair, None, f"the colours are kept: they moved by ΔE {moved:.2f}, {least}")
    reason = f"the colours had moved by ΔE {moved:.2f}; the pair's ΔE is {after:.2f} now"
    return _report(pair, transform, reason)


def _with_ramp(
    found: Calibration, pair: Pair, ramp: tuple[tuple[int, Transform], ...]
) -> Calibration:
    """``found`` with what was followed inside the clip, if that is worth it."""
    drifted = _colour_step(applied(ramp[-1][1], pair.came), applied(ramp[0][1], pair.came))
    if drifted < RAMP_THRESHOLD:
        return found
    reason = f"{found.reason}; inside the clip they move on by ΔE {drifted:.2f}, followed"
    moved = {"applied": True, "reason": reason, "transform": _rows(ramp[0][1])}
    return found.model_copy(update={**moved, "ramp": tuple((at, _rows(one)) for at, one in ramp)})


def _colour_step(one: npt.NDArray[np.floating], other: npt.NDArray[np.floating]) -> float:
    return float(delta_e(one * 255, other * 255).mean())


def _report(pair: Pair, transform: Transform | None, reason: str) -> Calibration:
    before = _colour_step(pair.sent, pair.came) if len(pair.sent) else None
    after = before
    if transform is not None:
        after = _colour_step(pair.sent, applied(transform, pair.came))
    return Calibration(
        applied=transform is not None,
        reason=reason,
        shift_x=round(pair.shift.x, 3),
        shift_y=round(pair.shift.y, 3),
        colour_step_before=before,
        colour_step_after=after,
        transform=None if transform is None else _rows(transform),
    )


def _rows(transform: Transform) -> tuple[Row, ...]:
    return tuple((float(r), float(g), float(b), float(one)) for r, g, b, one in transform)
