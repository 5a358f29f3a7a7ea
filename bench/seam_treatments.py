"""What may be done to a clip of a chain: longtake's own treatment, and others next to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.seam_scenes import Rgb
from longtake.media import Handed, calibrate, find_flash
from longtake.media.measure.colour import Mode
from longtake.media.measure.correcting import apply, grade_at
from longtake.media.measure.fitting import IDENTITY
from longtake.media.measure.grading import FLAT, UNCHANGED, Grade, flash_curve, graded
from longtake.media.measure.pairing import pair_of
from longtake.media.measure.pixels import decode_rgb, read_png
from longtake.media.measure.registering import luma_of
from longtake.media.measure.sharpening import sharp
from longtake.story.readings import Calibration, Flash

FRAMES = 19
"""Of every clip of a chain."""

Picture = npt.NDArray[np.floating[Any]]
Stage = Callable[[Picture], Picture]
"""What happens to a picture, in levels, on its way."""


@dataclass(frozen=True)
class Correction:
    """What a treatment does to a clip: grades by frame index, and to the frame it hands on."""

    grades: Callable[[int], Sequence[Grade]]
    sharpening: float = 0.0

    def shown(self, frame: Rgb, index: int) -> Rgb:
        """The frame as the film has it."""
        for grade in self.grades(index):
            frame = apply(frame, grade)
        return frame

    @property
    def stages(self) -> list[Stage]:
        """What it does to the errors that the last frame hands on."""
        colours = [partial(graded_levels, one) for one in self.grades(FRAMES - 1)]
        return [*colours, partial(_sharpened, self.sharpening)]


Treatment = Callable[[Path, Path, Rgb, Handed], Awaitable[Correction]]
"""Image that was sent, clip as it came, the scene's opening clip, where the image is from → what is
done to each frame."""


async def untreated(sent: Path, clip: Path, opening: Rgb, handed: Handed) -> Correction:
    """Nothing is done."""
    return Correction(lambda _: ())


async def statistics(sent: Path, clip: Path, opening: Rgb, handed: Handed) -> Correction:
    """As others do: each channel's mean and deviation, over the clip, like the opening clip's."""
    came, goal = decode_rgb(clip), opening.mean((0, 1, 2))
    gain = opening.std((0, 1, 2)) / np.maximum(came.std((0, 1, 2)), 1e-3)
    line = np.column_stack([np.diag(gain), (goal - gain * came.mean((0, 1, 2))) / 255])
    return Correction(lambda _: (Grade(line, FLAT),))


async def per_channel(sent: Path, clip: Path, opening: Rgb, handed: Handed) -> Correction:
    """The pair alone, a gain and an offset for each channel."""
    pair = pair_of(read_png(sent), decode_rgb(clip, count=1)[0])
    wanted, came = pair.samples
    lines = [np.polyfit(came[:, one], wanted[:, one], 1) for one in range(3)]
    gain, offset = np.array(lines).T
    line = np.column_stack([np.diag(gain), offset])
    return Correction(lambda _: (Grade(line, FLAT),))


def calibrated(mode: Mode, *, deflash: bool) -> Treatment:
    """longtake's own, with or without its deflash."""

    async def treat(sent: Path, clip: Path, opening: Rgb, handed: Handed) -> Correction:
        flash = await find_flash(sent, clip, handed=handed) if deflash else None
        return _undoing(await calibrate(sent, clip, mode=mode, flash=flash), flash)

    return treat


def _undoing(calibration: Calibration, flash: Flash | None) -> Correction:
    """What the encode does with these findings: luma first, then colours."""

    def grades(index: int) -> Sequence[Grade]:
        return Grade(IDENTITY, -flash_curve(flash, index)), grade_at(calibration, index)

    return Correction(grades, calibration.sharpening)


TREATMENTS: dict[str, Treatment] = {
    "none": untreated,
    "mean/std to the opening": statistics,
    "pair, per channel": per_channel,
    "paired": calibrated("paired", deflash=False),
    "paired + deflash": calibrated("paired", deflash=True),
    "tracked + deflash": calibrated("tracked", deflash=True),
}

TRIED = {
    "none": ("none", "mean/std to the opening", "paired + deflash", "tracked + deflash"),
    "constant": tuple(name for name in TREATMENTS if name != "paired"),
    "ramping": ("none", "pair, per channel", "paired + deflash", "tracked + deflash"),
    "flash": ("none", "pair, per channel", "paired", "paired + deflash"),
    "wan-fast": ("none", "pair, per channel", "paired + deflash", "tracked + deflash"),
}
"""For each drift the treatments that it can tell apart."""


def graded_levels(grade: Grade, levels: Picture) -> Picture:
    """A picture in levels, graded, not rounded."""
    return levels if grade is UNCHANGED else 255 * graded(grade, levels / 255)


def _sharpened(amount: float, levels: Picture) -> Picture:
    if amount <= 0:
        return levels
    luma = luma_of(levels.astype(np.float32))
    return levels + (sharp(luma, amount) - luma)[..., None]
