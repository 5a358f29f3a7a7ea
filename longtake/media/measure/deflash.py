"""Deflash: first frames that flare up and fade are brought back, by an additive ramp of luma.

Only additive and only for a few frames: gains and long blends were tried by others and gave
pumping and ghosts. Brightness is compared on surfaces that were followed from frame to frame, so
that a bright thing that comes into view is no flash.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import anyio.to_thread
import numpy as np
import numpy.typing as npt

from longtake.media.commands import Matrix
from longtake.media.measure.pixels import Floats, decode_rgb, read_png
from longtake.media.measure.registering import detail_likeness, luma_of, overlapping, shift_between
from longtake.media.measure.tracking import small_size
from longtake.story.readings import Flash

FRAMES = 12
"""How many frames may belong to a flash."""

MAX_OFFSET = 0.10
"""The most that is added or taken off, as a share of the whole range."""

THRESHOLD = 2.0
"""Luma levels below which nothing is done."""

_TREND_FRAMES = 20
_LEAST_TREND_FRAMES = 6
_SAME_VIEW = 0.4
_LATE_FRAMES = 4
_FADED = 0.35
# A flash departs from the image that was sent, too; light that goes out later does not.
_DEPARTED = 0.5
_STEADY = 0.15
"""Levels a frame by which steady light may change."""


async def find_flash(sent: Path, clip: Path, *, untagged_matrix: Matrix = "bt601") -> Flash:
    """Whether the first frames of ``clip`` flare up, against the PNG ``sent`` as its start image.

    Only for clips that continue another: after a cut there is nothing to compare with. Never
    raises because of what the frames show; raises MediaError when a file cannot be read.
    """
    return await anyio.to_thread.run_sync(_find_flash, sent, clip, untagged_matrix)


def flash_in(exposures: npt.NDArray[np.float64]) -> Flash:
    """Judge a curve of exposures: levels beside the image that was sent, one for each frame."""
    if len(exposures) < FRAMES + _LEAST_TREND_FRAMES:
        return Flash(applied=False, reason="the clip is too short to know its usual brightness")
    line, chord = _baselines(exposures)
    first = exposures[:FRAMES]
    offsets = first - chord
    top = int(np.abs(offsets).argmax())
    peak = float(offsets[top])
    # Beside a line alone, light that turns would be a flash; beside a chord alone, a drift would.
    beside_line = float(first[top] - line[top])
    if min(abs(peak), beside_line * np.sign(peak)) < THRESHOLD:
        return Flash(applied=False, reason=f"no flash: at most {abs(peak):.1f} levels", peak=peak)
    late = float(np.median(np.abs(offsets[-_LATE_FRAMES:])))
    beside_sent = float(first[top]) / peak
    if late > _FADED * abs(peak) or top > FRAMES // 2 or beside_sent < _DEPARTED:
        reason = f"the light changes by {abs(peak):.1f} levels but does not come back: no flash"
        return Flash(applied=False, reason=reason, peak=peak)
    held = np.clip(offsets, -MAX_OFFSET * 255, MAX_OFFSET * 255)
    word = "flare up" if peak > 0 else "sink"
    return Flash(
        applied=True,
        reason=f"the first frames {word} by {abs(peak):.1f} levels and fade",
        peak=peak,
        offsets=tuple(round(float(one), 2) for one in held),
    )


def _baselines(exposures: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How bright the first frames would be without a flash, by the later ones: two guesses.

    The later frames' line, and the chord from where the clip begins to where that line begins. In
    steady light the clip begins on the line (which a drift has moved), else with the image that was
    sent: a line through changing light leads astray soon.
    """
    later = np.arange(FRAMES, len(exposures))
    slope, level = _trend(later, exposures[FRAMES:])
    line = level + slope * np.arange(FRAMES)
    start = level if abs(slope) < _STEADY else 0.0
    return np.stack([line, np.linspace(start, level + slope * FRAMES, FRAMES, endpoint=False)])


def _find_flash(sent: Path, clip: Path, untagged_matrix: Matrix) -> Flash:
    first = decode_rgb(clip, count=1, untagged_matrix=untagged_matrix)[0]
    size = small_size(first.shape[1], first.shape[0])
    count = FRAMES + _TREND_FRAMES
    frames = decode_rgb(clip, count=count, size=size, untagged_matrix=untagged_matrix)
    lumas = [luma_of(one) for one in (read_png(sent, size=size), *frames)]
    exposures: list[float] = []
    level = 0.0
    for before, now in pairwise(lumas):
        change = _brighter(before, now)
        if change is None:
            break
        level += change
        exposures.append(level)
    if len(exposures) < min(FRAMES, len(frames)):
        reason = f"frame {len(exposures)} shows something else than the one before it"
        return Flash(applied=False, reason=reason)
    return flash_in(np.array(exposures))


def _brighter(before: Floats, now: Floats) -> float | None:
    """Levels by which the same surfaces became brighter; None where the view is another."""
    one, other = overlapping(before, now, shift_between(before, now))
    if detail_likeness(one, other) < _SAME_VIEW:
        return None
    usable = (one > 4) & (one < 251) & (other > 4) & (other < 251)
    return float(np.median((other - one)[usable])) if usable.any() else 0.0


def _trend(indexes: npt.NDArray[np.int_], values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Slope and level at 0 of the line that most pairs of points agree on (Theil and Sen)."""
    one, other = np.triu_indices(len(indexes), 1)
    slope = float(np.median((values[other] - values[one]) / (indexes[other] - indexes[one])))
    return slope, float(np.median(values - slope * indexes))
