"""Normalising: a clip becomes a segment that can be joined to all others without encoding again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from longtake.errors import DamagedClip
from longtake.files import whole_file
from longtake.media import film_commands
from longtake.media.binary import Ffmpeg
from longtake.media.frames import unsaid_colour
from longtake.media.grade_filters import Grades
from longtake.media.lettering import Lettering, on_disk
from longtake.media.measure.correcting import cube, grade_plan, lines_of, mixture_of
from longtake.media.measure.grading import flash_curve
from longtake.media.probe import ClipFacts, read_header
from longtake.media.run import STANDING_BACK, Limits, run
from longtake.media.shape import FilmShape, Matrix
from longtake.story.readings import Calibration, Flash


@dataclass(frozen=True)
class Side:
    """Frames of a clip's file, and what is to be undone in them."""

    clip: Path
    skip_frames: int
    """Index of the first frame that is taken."""
    calibration: Calibration | None = None
    flash: Flash | None = None


async def normalise(
    side: Side,
    into: Path,
    *,
    ffmpeg: Ffmpeg,
    frame_count: int,
    shape: FilmShape,
    limits: Limits = STANDING_BACK,
    lettering: Lettering | None = None,
) -> Path:
    """Encode ``frame_count`` frames of a clip, from those of ``side`` on, as a segment.

    The segment is H.264 yuv420p, BT.709 tagged, without sound, of the film's shape (a clip of
    another size is scaled and padded), one frame per clip frame at the film's rate, whatever the
    clip's own timestamps say. What ``calibrate`` and ``find_flash`` found of this clip is undone in
    the same encode; without them no colour is touched. ``lettering`` is drawn over it.
    Raises DamagedClip when the clip has too few frames.
    """
    clip, skip_frames = side.clip, side.skip_frames
    if skip_frames < 0 or frame_count < 1:
        raise ValueError(f"cannot take {frame_count} frames after {skip_frames}")
    facts = await read_header(clip)
    with (
        whole_file(into) as part,
        TemporaryDirectory(prefix="longtake-luts-") as folder,
        on_disk(lettering) as words,
    ):
        command = film_commands.normalise(
            ffmpeg.path,
            clip,
            part,
            skip_frames=skip_frames,
            frame_count=frame_count,
            shape=shape,
            same_size=(facts.width, facts.height) == shape.size,
            colour=unsaid_colour(facts, shape.untagged_matrix),
            grades=_grades(side.calibration, skip_frames + frame_count, Path(folder)),
            luma_curves=_luma_curves(side.flash),
            matrix_alone=_lacks_matrix_alone(facts, shape.untagged_matrix),
            words=words,
        )
        finished = await run(command, subject=f"normalising {clip}", limits=limits)
        if finished.frame_count != frame_count:
            raise DamagedClip(
                f"{clip} has {skip_frames + finished.frame_count} frames, but "
                f"{skip_frames + frame_count} are needed; generate it again"
            )
    return into


def _lacks_matrix_alone(facts: ClipFacts, untagged_matrix: Matrix) -> bool:
    """Whether the clip's pictures are a segment's but for BT.601's matrix, as most clips' are."""
    matrix = facts.color_matrix or untagged_matrix
    return matrix == "bt601" and facts.color_range != "pc" and facts.pixel_format == "yuv420p"


def _grades(calibration: Calibration | None, frame_count: int, folder: Path) -> Grades:
    """The grades that are due: all as lines or as mixtures if they can be, else as .cube files."""
    plan = grade_plan(calibration, frame_count) if calibration else []
    for way in (lines_of, mixture_of):
        found = [(frame_index, how) for frame_index, grade in plan if (how := way(grade))]
        if len(found) == len(plan):
            return found
    cubes = [(frame_index, folder / f"{frame_index}.cube") for frame_index, _ in plan]
    for (_, path), (_, grade) in zip(cubes, plan, strict=True):
        path.write_text(cube(grade), encoding="ascii")
    return cubes


def _luma_curves(flash: Flash | None) -> list[list[float]]:
    """For frames 0, 1, 2 … what is added to luma at the points of a curve, as shares of 1."""
    count = len(flash.offsets) if flash is not None and flash.applied else 0
    return [[float(-one) for one in flash_curve(flash, at)] for at in range(count)]
