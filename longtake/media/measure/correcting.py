"""Correcting: what was found of a clip's colours, done to single frames and to whole encodes."""

from __future__ import annotations

from pathlib import Path

import anyio.to_thread
import numpy as np

from longtake.files import whole_file
from longtake.media.grade_filters import WHITE, Mixture
from longtake.media.measure.fitting import IDENTITY, Transform
from longtake.media.measure.grading import FLAT, UNCHANGED, Grade, curved, graded
from longtake.media.measure.pixels import Rgb, read_png, write_png
from longtake.media.measure.sharpening import sharpened
from longtake.story.readings import Calibration

LUT_SIZE = 33
"""Points a side: with a curve of luma they leave an error of at most a fifth of a level."""


_LINES = 32  # at once: what a processor's cache holds is worked on faster


async def correct_frame(
    png: Path, calibration: Calibration, into: Path, *, frame_index: int = -1
) -> Path:
    """Write ``png``, frame ``frame_index`` of the clip (-1: its last), as it is handed on."""

    def work() -> None:
        with whole_file(into) as part:
            write_png(handed_on(read_png(png), calibration, frame_index), part)

    await anyio.to_thread.run_sync(work)
    return into


def handed_on(frame: Rgb, calibration: Calibration, frame_index: int) -> Rgb:
    """A frame of the clip as the next one is to start from it.

    Its colours are corrected by the same arithmetic as the LUT of the encode: what is handed on is
    what the film shows. And it is sharpened by what this hop took.
    """
    corrected = apply(frame, grade_at(calibration, frame_index))
    return sharpened(corrected, calibration.sharpening)


def apply(picture: Rgb, grade: Grade) -> Rgb:
    """RGB levels (height, width, 3), graded, rounded and clipped."""
    if grade.is_affine and np.array_equal(grade.transform, IDENTITY):
        return picture
    matrix = grade.transform[:, :3].T.astype(np.float32)
    offset = (255 * grade.transform[:, 3]).astype(np.float32)
    done = np.empty_like(picture)
    for at in range(0, len(picture), _LINES):
        levels = picture[at : at + _LINES].astype(np.float32)
        if not grade.is_affine:
            levels = 255 * np.asarray(curved(grade.curve, levels / 255), np.float32)
        levels = levels @ matrix
        levels += offset
        done[at : at + _LINES] = np.clip(np.rint(levels, out=levels), 0, 255, out=levels)
    return done


def grade_at(calibration: Calibration, frame_index: int) -> Grade:
    """The grade of one frame, -1 for the last; ``UNCHANGED`` where none is applied."""
    if not calibration.applied or calibration.transform is None:
        return UNCHANGED
    curve = np.array(calibration.curve) if calibration.curve else FLAT
    if not calibration.ramp:
        return Grade(np.array(calibration.transform), curve)
    return Grade(_between(calibration, frame_index), curve)


def lines_of(grade: Grade) -> tuple[tuple[float, float], ...] | None:
    """Gain and offset (0 to 1) of red, green and blue; None where they depend on each other."""
    gains, offsets = np.diagonal(grade.transform), grade.transform[:, 3]
    if not grade.is_affine or (grade.transform[:, :3] != np.diag(gains)).any():
        return None
    return tuple(zip(gains.tolist(), offsets.tolist(), strict=True))


def mixture_of(grade: Grade) -> Mixture | None:
    """The grade as a mixture of the three colours; None where it has a curve."""
    red, green, blue = grade.transform.tolist()
    return Mixture((tuple(red), tuple(green), tuple(blue))) if grade.is_affine else None


def cube(grade: Grade) -> str:
    """The text of a .cube 3D LUT that does what ``grade`` does, red fastest.

    It is for pictures in floats, whose white is ``WHITE``. Values beyond 0 and 1 stay: clipping
    comes after the interpolation, which is then exact.
    """
    steps = np.linspace(0, 1 / WHITE, LUT_SIZE)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    colours = WHITE * graded(grade, np.stack([red, green, blue], axis=-1)).reshape(-1, 3)
    lines = [f"{r:.7f} {g:.7f} {b:.7f}" for r, g, b in colours]
    return "\n".join([f"LUT_3D_SIZE {LUT_SIZE}", *lines, ""])


def grade_plan(calibration: Calibration, frame_count: int) -> list[tuple[int, Grade]]:
    """From which frame of a clip of ``frame_count`` frames on which grade is due; or none."""
    if not calibration.applied:
        return []
    frames = range(frame_count) if calibration.ramp else range(1)
    return [(frame_index, grade_at(calibration, frame_index)) for frame_index in frames]


def _between(calibration: Calibration, frame_index: int) -> Transform:
    """A followed drift's transform of one frame, by its share between two that are known."""
    indexes = [at for at, _ in calibration.ramp]
    transforms = np.array([one for _, one in calibration.ramp])
    at = indexes[-1] if frame_index < 0 else frame_index
    flat = transforms.reshape(len(indexes), 12)
    return np.array([np.interp(at, indexes, column) for column in flat.T]).reshape(3, 4)
