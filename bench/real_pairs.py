"""Genuine pairs, before and after their treatment: block ΔE, bias, contrast of edges, and rules."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.real_footage import RealClip
from longtake.media import calibrate, find_flash, read_pair
from longtake.media.measure.correcting import apply, grade_at
from longtake.media.measure.exposures import exposures_of
from longtake.media.measure.fitting import IDENTITY
from longtake.media.measure.grading import KNOTS, Grade, flash_curve
from longtake.media.measure.pairing import Distance, Pair, distance, pair_of
from longtake.media.measure.pixels import Rgb, decode_rgb, read_png
from longtake.media.measure.registering import luma_of, overlapping, reduced
from longtake.media.measure.tracking import small_size
from longtake.story.judging import score_take
from longtake.story.readings import Calibration, Flash

_Z = 1.96


async def pair_rows(clips: list[RealClip]) -> list[str]:
    """One row of Markdown for each clip whose start image is known."""
    rows = [
        "| pair | repeats | model | block ΔE | bias | edges | flash | lift left | tracked | said |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    return rows + [await _row(clip, clip.sent) for clip in clips if clip.sent is not None]


async def _row(clip: RealClip, start: Path) -> str:
    pair = await read_pair(start, clip.path)
    flash = await find_flash(start, clip.path)
    found = await calibrate(start, clip.path, flash=flash)
    tracked = await calibrate(start, clip.path, mode="tracked", flash=flash)
    sent, came = read_png(start), decode_rgb(clip.path, count=1)[0]
    registered = pair_of(sent, came)
    before = distance(registered)
    plain = apply(came, Grade(IDENTITY, -flash_curve(flash, 0)))
    after = distance(_shown(registered, sent, apply(plain, grade_at(found, 0))))
    judged = score_take(clip.name, pair=pair, calibration=found)
    said = ", ".join(f"{one.rule} {one.severity}" for one in judged.findings) or "nothing"
    return (
        f"| {clip.name} | {'yes' if pair.repeats else 'no'} | {found.model or 'kept'} | "
        f"{_change(before, after)} | {f'{flash.peak:+.1f}' if flash.applied else 'none'} | "
        f"{_lift(start, clip, None, None)} → {_lift(start, clip, flash, found)} | "
        f"{'followed' if tracked.ramp else 'paired'} | {said} |"
    )


def _shown(registered: Pair, sent: Rgb, shown: Rgb) -> Pair:
    """The same blocks of what is shown: treated pixel by pixel, as a film is."""
    _, other = overlapping(sent, shown, registered.shift)
    factor = other.shape[1] // registered.came.shape[1]
    return replace(registered, came=reduced(other, factor) / np.float32(255))


def _change(before: Distance, after: Distance) -> str:
    names = ("colour", "bias", "gradient")
    return " | ".join(f"{getattr(before, one):.2f} → {getattr(after, one):.2f}" for one in names)


def _lift(sent: Path, clip: RealClip, flash: Flash | None, calibration: Calibration | None) -> str:
    """Levels, at the brightness that is farthest off, by which frame 1 is not as frames 4 to 8.

    A dash where the same surfaces are not seen for so long.
    """
    height, width = decode_rgb(clip.path, count=1).shape[1:3]
    size = small_size(width, height)
    frames = list(decode_rgb(clip.path, count=9, size=size))
    if calibration is not None:
        for at, one in enumerate(frames):
            plain = apply(one, Grade(IDENTITY, -flash_curve(flash, at)))
            frames[at] = apply(plain, grade_at(calibration, at))
    start = luma_of(read_png(sent, size=size))
    exposures = 255 * np.array(exposures_of([start, *(luma_of(one) for one in frames)]))
    seen = np.histogram(start, bins=KNOTS, range=(0, 255))[0] >= start.size / 100
    if len(exposures) < len(frames):
        return "-"
    return f"{np.abs(exposures[1] - exposures[4:].mean(axis=0))[seen].max():.1f}"


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Wilson's interval of a share, 95 per cent."""
    if count == 0:
        return 0.0, 1.0
    share = hits / count
    middle = share + _Z**2 / (2 * count)
    spread = _Z * (share * (1 - share) / count + _Z**2 / (4 * count**2)) ** 0.5
    whole = 1 + _Z**2 / count
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)
