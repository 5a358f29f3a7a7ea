"""The review of a render: its film, its record and its seams become the page and the seam reel.

No Prefect in here: the command line makes the page of an old render with the same steps as the
flow does at the end of a new one.
"""

from __future__ import annotations

import asyncio
import errno
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import anyio.to_thread

from longtake.errors import DiskFull, MediaError, OperatorError
from longtake.media import Ffmpeg, Matrix
from longtake.media.files import whole_file
from longtake.media.probe import read_header
from longtake.media.reel import (
    Benches,
    Piece,
    ReelPart,
    Shape,
    Stretch,
    beginnings,
    cut_part,
    join_reel,
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
class Around:
    """The moment around one seam, to be cut out; ``frames_before`` of its frames are before it."""

    name: str
    treatment: Treatment
    frames_before: int
    part: ReelPart


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
        moments = [
            moment
            for seam in seams_of(record)
            for moment in await _around(folder, record, seam, shape.fps, absent)
        ]
        material = await _material(folder, record.title, moments, shape, ffmpeg, benches, absent)
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
        if segment := _segment(folder, clip):
            try:
                facts = await read_header(segment)
            except MediaError:
                continue
            return Shape(facts.width, facts.height, round(facts.fps), untagged_matrix)
    return None


async def _around(
    folder: Path, record: RunRecord, seam: SeamReading, fps: int, absent: frozenset[str]
) -> list[Around]:
    """A seam's moments: half a second on either side, or as much as the clips have.

    They are cut from the film, or from segments while there is none. Before correction, the clip
    after the seam is as the service made it. Nothing comes of a seam where a clip is missing.
    """
    left, right = record.clips[seam.left], record.clips[seam.right]
    # Both clips are in the film while one dissolves into the other: all of that is shown.
    both = max(0, left.first_frame_index + left.kept_frame_count - right.first_frame_index)
    half = max(1, round(fps / 2))
    before = min(half, left.kept_frame_count - both)
    after = both + min(half, right.kept_frame_count - both)
    if record.film and record.film.file not in absent:
        film = folder / record.film.file
        first = seam.frame_index - before
        tail = Stretch(film, first, before)
        shown: tuple[Stretch, ...] = (
            Stretch(film, first, before + after, pictures=(before - 1, before + both)),
        )
    else:
        tail_file, head_file = _segment(folder, left), _segment(folder, right)
        if tail_file is None or head_file is None or seam.kind == "dissolve":
            return []
        try:
            last = (await read_header(tail_file)).frame_count
        except MediaError:
            return []  # a damaged segment; the next render makes it again
        tail = Stretch(tail_file, last - before, before, pictures=(before - 1,))
        shown = (tail, Stretch(head_file, 0, after, pictures=(0,)))
    name = seam_name(left.id, right.id)
    corrected = seam.kind == "continuous" and right.calibration and right.calibration.applied
    moments = []
    if corrected and right.file and right.file not in absent:
        head = Stretch(folder / right.file, right.skip_frames, after, as_it_came=True)
        part = ReelPart(f"{name} · before correction", (replace(tail, pictures=()), head))
        moments.append(Around(name, "before", before, part))
    caption = f"{name} · corrected" if corrected else name
    return [*moments, Around(name, "after", before, ReelPart(caption, shown))]


def _segment(folder: Path, clip: ClipRecord) -> Path | None:
    """A clip's segment; what lies there of a clip that is missing is another render's."""
    name = clip.id.replace("/", "-")
    file = folder / "segments" / f"{name}.mp4"
    return file if clip.stage.ended_well and file.is_file() else None


async def _material(
    folder: Path,
    title: str,
    moments: Sequence[Around],
    shape: Shape,
    ffmpeg: Ffmpeg,
    benches: Benches,
    absent: frozenset[str],
) -> Material:
    """Frames and reel; what cannot be made becomes a remark."""
    remarks: list[str] = []
    reel = None
    with tempfile.TemporaryDirectory(dir=folder, prefix=".review-") as cutting:

        async def cut(number: int, moment: Around) -> Piece | None:
            place = Path(cutting, str(number))
            try:
                return await cut_part(
                    moment.part, place, ffmpeg=ffmpeg, shape=shape, benches=benches
                )
            except MediaError as error:
                remarks.append(str(error))
                return None

        cuts = await asyncio.gather(*(cut(*each) for each in enumerate(moments)))
        kept = [(moment, piece) for moment, piece in zip(moments, cuts, strict=True) if piece]
        pieces = [piece for _, piece in kept]
        try:
            if pieces:
                into = folder / REEL
                async with benches:
                    reel = await join_reel(
                        pieces, into, ffmpeg=ffmpeg, shape=shape, title=f"{title}: seams"
                    )
        except MediaError as error:
            remarks.append(f"the seam reel could not be made: {error}")
    return Material(
        frames={moment.name: SeamFrames(*piece.jpegs) for moment, piece in kept if piece.jpegs},
        reel=REEL if reel else None,
        moments=tuple(_moments(kept, shape.fps)) if reel else (),
        absent=absent,
        remarks=tuple(remarks),
    )


def _moments(kept: Sequence[tuple[Around, Piece]], fps: int) -> Iterator[Moment]:
    starts = beginnings([piece.part for _, piece in kept])
    for (each, piece), start in zip(kept, starts, strict=True):
        yield Moment(
            each.name,
            each.treatment,
            first_seconds=start / fps,
            seconds=piece.part.frame_count / fps,
            seam_seconds=(start + each.frames_before) / fps,
        )


def _write(page: Path, text: str) -> None:
    try:
        with whole_file(page) as part:
            part.write_text(text, encoding="utf-8")
    except OSError as error:
        words = f"cannot write {page}: {error.strerror}"
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(f"{words}; make room, then `longtake review` makes the page") from error
        raise OperatorError(f"{words}; mend the folder, then `longtake review` again") from error
