"""The review of a render: its film, its record and its seams become the page and the seam reel.

No Prefect in here: the command line makes the page of an old render with the same steps as the
flow does at the end of a new one.
"""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread

from longtake.errors import DiskFull, MediaError, OperatorError
from longtake.media import Ffmpeg, Matrix
from longtake.media.files import whole_file
from longtake.media.probe import read_header
from longtake.media.reel import (
    Benches,
    ReelPart,
    Shape,
    Stretch,
    beginnings,
    jpeg_of,
    make_reel,
)
from longtake.record import ClipRecord, RunRecord
from longtake.review import (
    Material,
    Moment,
    SeamFrames,
    Treatment,
    render_review,
    seam_name,
    seams_of,
)
from longtake.story import SeamReading

PAGE = "review.html"
REEL = "review/seams.mp4"
"""Where page and reel lie in the render's folder."""


@dataclass(frozen=True)
class Reviewed:
    """What was made; ``remarks`` say what could not be, and why."""

    page: Path
    reel: Path | None
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class SeamEnds:
    """The frames around one seam: where they are in the film, or in segments while there is none.

    ``uncorrected`` are those after the seam as the service made them, where they were corrected.
    """

    name: str
    left: Stretch | None
    right: Stretch | None
    uncorrected: Stretch | None = None


async def write_review(
    folder: Path,
    record: RunRecord,
    *,
    ffmpeg: Ffmpeg,
    untagged_matrix: Matrix = "bt601",
    benches: Benches | None = None,
) -> Path:
    """Make the review of the render in ``folder`` and return the page's path; see make_review."""
    made = await make_review(
        folder, record, ffmpeg=ffmpeg, untagged_matrix=untagged_matrix, benches=benches
    )
    return made.page


async def make_review(
    folder: Path,
    record: RunRecord,
    *,
    ffmpeg: Ffmpeg,
    untagged_matrix: Matrix = "bt601",
    benches: Benches | None = None,
) -> Reviewed:
    """Write ``review.html`` and ``review/seams.mp4`` from what is there; safe to repeat.

    ``benches`` bounds the ffmpeg runs, by default one for each processor. What is missing, damaged
    or was never measured is said on the page. Raises OperatorError or DiskFull where the folder
    does not take the page.
    """
    benches = benches or asyncio.Semaphore(os.cpu_count() or 1)
    absent = await anyio.to_thread.run_sync(absent_files, folder, record)
    shape = await _shape(folder, record, untagged_matrix)
    material = Material(absent=absent)
    if shape is not None:
        ends = [_ends(folder, record, seam, shape.fps, absent) for seam in seams_of(record)]
        material = await _material(folder, record, ends, shape, ffmpeg, benches, absent)
    page = folder / PAGE
    text = render_review(record, material)
    await anyio.to_thread.run_sync(_write, page, text)
    reel = folder / material.reel if material.reel else None
    return Reviewed(page=page, reel=reel, remarks=material.remarks)


def absent_files(folder: Path, record: RunRecord) -> frozenset[str]:
    """The media files that the record names and the folder does not have."""
    named = {record.film.file} if record.film else set()
    for clip in record.clips.values():
        named |= {file for file in (clip.file, *(take.file for take in clip.takes)) if file}
    return frozenset(file for file in named if not (folder / file).is_file())


async def _shape(folder: Path, record: RunRecord, untagged_matrix: Matrix) -> Shape | None:
    """The film's shape; without a film, that of the first segment there is."""
    if film := record.film:
        return Shape(film.width, film.height, film.fps, untagged_matrix)
    for clip in record.clips.values():
        segment = _segment(folder, clip)
        if segment.is_file():
            try:
                facts = await read_header(segment)
            except MediaError:
                continue
            return Shape(facts.width, facts.height, round(facts.fps), untagged_matrix)
    return None


def _ends(
    folder: Path, record: RunRecord, seam: SeamReading, fps: int, absent: frozenset[str]
) -> SeamEnds:
    """Half a second on either side, or as much as the clips have."""
    left, right = record.clips[seam.left], record.clips[seam.right]
    half = max(1, round(fps / 2))
    before, after = min(half, left.kept_frame_count), min(half, right.kept_frame_count)
    name = seam_name(seam.left, seam.right)
    uncorrected = None
    calibration = right.calibration
    corrected = calibration is not None and calibration.applied and seam.kind == "continuous"
    if corrected and right.file and right.file not in absent:
        uncorrected = Stretch(folder / right.file, right.skip_frames, after, as_it_came=True)
    if record.film and record.film.file not in absent:
        film = folder / record.film.file
        tail = Stretch(film, seam.frame_index - before, before)
        return SeamEnds(name, tail, Stretch(film, seam.frame_index, after), uncorrected)
    tails, heads = _segment(folder, left), _segment(folder, right)
    return SeamEnds(
        name,
        Stretch(tails, left.kept_frame_count - before, before) if tails.is_file() else None,
        Stretch(heads, 0, after) if heads.is_file() else None,
        uncorrected,
    )


def _segment(folder: Path, clip: ClipRecord) -> Path:
    """A clip's segment, unless the clip is missing from this very render."""
    name = clip.id.replace("/", "-")
    return folder / "segments" / f"{name}.mp4" if clip.stage.ended_well else folder / "absent"


async def _material(
    folder: Path,
    record: RunRecord,
    ends: list[SeamEnds],
    shape: Shape,
    ffmpeg: Ffmpeg,
    benches: Benches,
    absent: frozenset[str],
) -> Material:
    """Frames and reel; what cannot be made becomes a remark."""
    remarks: list[str] = []

    async def frame(stretch: Stretch | None, at: int) -> bytes | None:
        if stretch is None:
            return None
        try:
            async with benches:
                index = stretch.first_frame_index + at % stretch.frame_count
                return await jpeg_of(stretch.path, index, ffmpeg=ffmpeg, fps=shape.fps)
        except MediaError as error:
            remarks.append(str(error))
            return None

    async def both(each: SeamEnds) -> SeamFrames:
        return SeamFrames(*await asyncio.gather(frame(each.left, -1), frame(each.right, 0)))

    frames = dict(
        zip((each.name for each in ends), await asyncio.gather(*map(both, ends)), strict=True)
    )
    parts = [part for each in ends for part in _parts(each, frames)]
    reel = None
    if parts:
        try:
            reel = await make_reel(
                [part for _, _, part in parts],
                folder / REEL,
                ffmpeg=ffmpeg,
                shape=shape,
                title=f"{record.title}: seams",
                benches=benches,
            )
        except MediaError as error:
            remarks.append(f"the seam reel could not be made: {error}")
    return Material(
        frames=frames,
        reel=REEL if reel else None,
        moments=tuple(_moments(parts, shape.fps)) if reel else (),
        absent=absent,
        remarks=tuple(remarks),
    )


Part = tuple[str, Treatment, ReelPart]
"""A seam's name, before or after its correction, and the part of the reel."""


def _parts(ends: SeamEnds, frames: Mapping[str, SeamFrames]) -> Iterator[Part]:
    """A seam's parts of the reel; none for one whose frames cannot be had."""
    shown = frames[ends.name]
    if ends.left is None or ends.right is None or not (shown.left and shown.right):
        return
    if ends.uncorrected:
        caption = f"{ends.name} · before correction"
        yield ends.name, "before", ReelPart(caption, (ends.left, ends.uncorrected))
    caption = f"{ends.name} · corrected" if ends.uncorrected else ends.name
    yield ends.name, "after", ReelPart(caption, (ends.left, ends.right))


def _moments(parts: list[Part], fps: int) -> Iterator[Moment]:
    starts = beginnings([part for _, _, part in parts])
    for (name, treatment, part), start in zip(parts, starts, strict=True):
        join = start + part.stretches[0].frame_count
        yield Moment(name, treatment, start / fps, part.frame_count / fps, join / fps)


def _write(page: Path, text: str) -> None:
    try:
        with whole_file(page) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        words = f"cannot write {page}: {error.strerror}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{words}; make room, then `longtake review` makes the page") from error
        raise OperatorError(f"{words}; mend the folder, then `longtake review` again") from error
