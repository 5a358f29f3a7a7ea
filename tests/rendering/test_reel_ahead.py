"""Moments of the reel are cut while others still are, each in a place of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

from longtake.media import Segment
from longtake.media.binary import Ffmpeg
from longtake.media.reel import NOTHING, Piece, Stretch
from longtake.media.shape import FilmShape
from longtake.record import FilmRecord, RunRecord, Stage
from longtake.rendering.reel_ahead import Cutter, ReelAhead
from longtake.rendering.reel_moments import Around
from longtake.rendering.urgency import WorkSlots
from longtake.story import SeamReading
from tests.rendering.taken import plan_of

NO_FFMPEG = Ffmpeg("/nowhere/ffmpeg", "none", "system", frozenset())


def record_of(*beats: str) -> RunRecord:
    """A finished film, without any file of it."""
    plan = plan_of(*beats)
    record = RunRecord.of(plan, storyboard="x", folder="x")
    for clip in record.clips.values():
        clip.stage = Stage.STORED
    counts = {"frame_count": plan.frame_count, "seconds": plan.seconds, "fps": plan.fps}
    size = {"width": plan.width, "height": plan.height, "size_bytes": 1}
    record.film = FilmRecord(file="film.mp4", sha256="", **counts, **size)
    record.seams = [
        SeamReading(left=one.left, right=one.right, kind=one.kind, frame_index=one.frame_index)
        for one in plan.seams
    ]
    return record


async def test_seams_that_are_cut_at_once_do_not_write_into_one_place(tmp_path: Path) -> None:
    places: list[Path] = []

    class Patient(Cutter):
        """Cuts nothing, and ends with all that were begun together."""

        async def cut(
            self, moment: Around, folder: Path, known: Mapping[Stretch, Segment] = NOTHING
        ) -> Piece:
            places.append(folder)
            await asyncio.sleep(0)
            cuts = tuple(Segment(folder, one.frame_count) for one in moment.part.stretches)
            return Piece(moment.part, cuts, ())

    record = record_of("a boat", "it sails on", "it lands", "it rests")
    cutter = Patient(FilmShape(832, 480, 16), NO_FFMPEG, WorkSlots(4).review)
    reel = ReelAhead(tmp_path, record, cutter)
    names = [(seam.left, seam.right) for seam in record.seams]
    await asyncio.gather(*(reel.cut(*each) for each in zip(record.seams, names, strict=True)))
    await reel.drop()
    assert len(set(places)) == len(places) == 3
