"""The review of a render: its film, its record and its seams become the page and the seam reel.

No Prefect in here: the command line makes the page of an old render with the same steps as the
flow does at the end of a new one.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import anyio.to_thread

from longtake.errors import MediaError
from longtake.files import unwritable, whole_file
from longtake.media import Ffmpeg, Matrix
from longtake.media.reel import FfmpegSlots, Piece, beginnings, join_reel
from longtake.media.sound import waveform
from longtake.record import RunRecord
from longtake.rendering.kept_material import keep_material
from longtake.rendering.reel_ahead import Cutter
from longtake.rendering.reel_moments import Around, moments_of, shape_of
from longtake.rendering.urgency import WorkSlots
from longtake.review import Material, Moment, SeamFrames, render_review

PAGE = "review.html"
REEL = "review/seams.mp4"
"""Where page and reel lie in the render's folder."""

WAVEFORM_PARTS = 600
"""Of the film's sound, as it is drawn."""


Ahead = Callable[[Around], Piece | None]
"""The piece of a moment, where it was cut before."""


def nothing_ahead(moment: Around) -> Piece | None:
    """Nothing was."""
    return None


@dataclass(frozen=True)
class Reviewed:
    """What was made; ``remarks`` say what could not be, and why."""

    page: Path
    reel: Path | None
    remarks: tuple[str, ...]


def as_ended(record: RunRecord, at: datetime) -> RunRecord:
    """The record for the last step of a render, its review: as it will be when that has ended."""
    state = "completed" if record.film else "incomplete"
    return record.model_copy(update={"state": state, "ended_at": at})


async def make_review(
    folder: Path,
    record: RunRecord,
    *,
    ffmpeg: Ffmpeg,
    untagged_matrix: Matrix = "bt601",
    ffmpeg_slots: FfmpegSlots | None = None,
    ahead: Ahead = nothing_ahead,
) -> Reviewed:
    """Write ``review.html`` and ``review/seams.mp4`` from what is there; safe to repeat.

    ``ffmpeg_slots`` bounds the ffmpeg runs, by default one for each processor; ``ahead`` has what
    was cut before. What is missing,
    damaged or was never measured is said on the page. Raises OperatorError or DiskFull where the
    folder does not take the page.
    """
    ffmpeg_slots = ffmpeg_slots or WorkSlots(os.cpu_count() or 1).review
    absent = await anyio.to_thread.run_sync(absent_files, folder, record)
    shape = await shape_of(folder, record, untagged_matrix)
    material = Material(absent=absent)
    if shape is not None:
        moments = await moments_of(folder, record, shape.fps, absent)
        with _written_into(folder):
            cutter = Cutter(shape, ffmpeg, ffmpeg_slots)
            material = await _material(folder, record.title, moments, cutter, ahead, absent)
    levels = await anyio.to_thread.run_sync(_waveform, folder, record, absent)
    material = replace(material, waveform=levels)
    page = folder / PAGE
    text = render_review(record, material)
    with _written_into(page):
        await anyio.to_thread.run_sync(_write, page, text)
        await anyio.to_thread.run_sync(keep_material, folder, record, material)
    reel = folder / material.reel if material.reel else None
    return Reviewed(page=page, reel=reel, remarks=material.remarks)


def _waveform(folder: Path, record: RunRecord, absent: frozenset[str]) -> tuple[float, ...]:
    """How loud the film is along its length; nothing of a film that cannot be heard."""
    if record.film is None or record.film.file in absent:
        return ()
    try:
        return tuple(waveform(folder / record.film.file, WAVEFORM_PARTS))
    except (MediaError, OSError, ValueError):
        return ()  # the page says already what is wrong with the film


def absent_files(folder: Path, record: RunRecord) -> frozenset[str]:
    """The media files that the record names and the folder does not have."""
    named = {record.film.file} if record.film else set()
    for clip in record.clips.values():
        named |= {file for file in (clip.file, *(take.file for take in clip.takes)) if file}
    return frozenset(file for file in named if not (folder / file).is_file())


async def _material(
    folder: Path,
    title: str,
    moments: Sequence[Around],
    cutter: Cutter,
    ahead: Ahead,
    absent: frozenset[str],
) -> Material:
    """Frames and reel; what cannot be made becomes a remark."""
    remarks: list[str] = []
    reel, shape = None, cutter.shape
    with tempfile.TemporaryDirectory(dir=folder, prefix=".review-") as cutting:

        async def cut(number: int, moment: Around) -> Piece | None:
            try:
                return ahead(moment) or await cutter.cut(moment, Path(cutting, str(number)))
            except MediaError as error:
                remarks.append(str(error))
                return None

        cuts = await asyncio.gather(*(cut(*each) for each in enumerate(moments)))
        kept = [(moment, piece) for moment, piece in zip(moments, cuts, strict=True) if piece]
        pieces = [piece for _, piece in kept]
        try:
            if pieces:
                into = folder / REEL
                async with cutter.slots():
                    reel = await join_reel(
                        pieces, into, ffmpeg=cutter.ffmpeg, shape=shape, title=f"{title}: seams"
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
    with whole_file(page) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def _written_into(place: Path) -> Iterator[None]:
    """What the disk refuses becomes an error with its fix."""
    try:
        yield
    except OSError as error:
        raise unwritable(
            place,
            error,
            "fix the folder, then `longtake review` again",
            full="make room, then `longtake review` makes the page",
        ) from error
