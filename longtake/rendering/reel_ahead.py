"""The moments of the seam reel, cut while others still generate: from segments, as they come.

What cannot be cut ahead, or turned out otherwise in the end, is cut from the film with the page.
"""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import anyio.to_thread

from longtake.errors import MediaError
from longtake.media import Ffmpeg, Segment
from longtake.media.reel import NOTHING, FfmpegSlots, Piece, Stretch, cut_part
from longtake.media.shape import FilmShape
from longtake.record import RunRecord
from longtake.rendering.reel_moments import Around, moments_of_seam
from longtake.story import SeamReading


class Cutter(NamedTuple):
    """What it takes to cut pieces of the film's shape."""

    shape: FilmShape
    ffmpeg: Ffmpeg
    slots: FfmpegSlots

    async def cut(
        self, moment: Around, folder: Path, known: Mapping[Stretch, Segment] = NOTHING
    ) -> Piece:
        """The moment as a piece in ``folder``; raises MediaError."""
        return await cut_part(
            moment.part,
            folder,
            ffmpeg=self.ffmpeg,
            shape=self.shape,
            ffmpeg_slots=self.slots,
            known=known,
        )


class ReelAhead:
    """The pieces of one render's reel that are there already."""

    def __init__(self, folder: Path, record: RunRecord, cutter: Cutter) -> None:
        self._folder = folder
        self._record = record
        self._cutter = cutter
        self._place: Path | None = None
        self._pieces: dict[tuple[object, ...], Piece] = {}
        self._numbers = itertools.count()  # of places: several seams are cut at once

    async def cut(self, seam: SeamReading, made_of: Sequence[str]) -> None:
        """Cut the moments of a seam whose two segments, named by ``made_of``, are there."""
        fps = self._cutter.shape.fps
        moments = await moments_of_seam(self._folder, self._record, seam, fps, frozenset())
        known = NOTHING
        for moment in reversed(moments):  # before and after a correction have one clip in common
            place = Path(self._room(), f"{next(self._numbers)}-{moment.treatment}")
            try:
                piece = await self._cutter.cut(moment, place, known)
            except (MediaError, OSError):
                return  # the page tries again, and says why it cannot be
            known = piece.cut
            self._pieces[_key(moment, made_of)] = piece

    def piece(self, moment: Around, made_of: Sequence[str]) -> Piece | None:
        """The moment, if it was cut ahead of just these segments."""
        return self._pieces.get(_key(moment, made_of))

    async def drop(self) -> None:
        """Forget the pieces: the reel is made, or will not be."""
        self._pieces.clear()
        if self._place is not None:
            await anyio.to_thread.run_sync(shutil.rmtree, self._place, True)

    def _room(self) -> Path:
        if self._place is None:
            self._place = Path(tempfile.mkdtemp(dir=self._folder, prefix=".review-"))
        return self._place


def _key(moment: Around, made_of: Sequence[str]) -> tuple[object, ...]:
    return (*made_of, moment.treatment, moment.frames_before, moment.part.frame_count)
