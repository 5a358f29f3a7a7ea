"""The film of a render: its takes and seams, and the pieces that are encoded while others come."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import anyio.to_thread

from longtake.ledger import Ledger
from longtake.media import FilmShape, Segment, Side, dissolve, normalise
from longtake.media.fonts import find_font
from longtake.media.lettering import Lettering
from longtake.media.measure.keeping import Begun
from longtake.media.packets import read_packets
from longtake.profile_parts import Picture
from longtake.rendering.film_recipe import draws_words, lettering_of, piece_recipe
from longtake.rendering.folder import RenderFolder
from longtake.rendering.known_film import KnownFilm
from longtake.rendering.measuring import Measuring
from longtake.rendering.media_work import MediaWork
from longtake.rendering.previous_film import PreviousFilm
from longtake.rendering.remembered_measures import MeasureTools
from longtake.rendering.takes import StoredTake, Take
from longtake.rendering.urgency import Urgency, WorkSlots
from longtake.story import Handover, Plan
from longtake.story.plan import SegmentPlan, Source
from longtake.surroundings import give_memory_back


class Encoding(NamedTuple):
    """A clip on its way into the film's shape: which frames of what, its recipe, and the work."""

    of: tuple[Side, str]
    task: asyncio.Task[Segment]


class Film(KnownFilm):
    """A film that is being made.

    ``changes`` is set once it will be another than before; only then are clips encoded for it, and
    only if this render ``assembles`` one. ``recipe`` names the picture of the film that was made.
    What the film ``previous`` has already is cut out of it. Captions are drawn with ``font``.
    ``growing`` has the guides that are being made, by id, for all chains that wait for them.
    """

    def __init__(
        self,
        plan: Plan,
        ledger: Ledger,
        folder: RenderFolder,
        picture: Picture,
        *,
        media: MediaWork,
        ffmpeg_slots: WorkSlots,
        font: Path | None = None,
        assembles: bool = True,
    ) -> None:
        measuring = Measuring(
            ledger, picture.untagged_matrix, MeasureTools(folder, media, ffmpeg_slots)
        )
        super().__init__(plan, ledger, folder.pictures, measuring)
        self.changes = asyncio.Event()
        self.recipe = ""
        self.growing: dict[str, asyncio.Task[bool]] = {}
        self.previous = PreviousFilm(folder.film)
        self.media = media
        self._font = font
        self._folder = folder
        self._picture = picture
        self._ffmpeg_slots = ffmpeg_slots
        self._assembles = assembles
        self._encodings: dict[str, Encoding] = {}

    def encode_ahead(self, take: StoredTake) -> None:
        """Bring what the film has of a clip into the film's shape while others still generate.

        It waits until it is known that there will be another film than the one that is there.
        """
        part = self.seams.plan.segment_of(take.clip.id)
        if part is None or not self._assembles:
            return
        side = self.side(part.sources[0], take)
        piece = self.piece(part, [take])
        known = self._encodings.get(take.clip.id)
        if known is not None and known.of == (side, piece):
            return
        if known is not None:
            known.task.cancel()
        work = asyncio.create_task(self._normalised(part, side, piece))
        self._encodings[take.clip.id] = Encoding((side, piece), work)

    def expect(self, take: Take) -> None:
        """The take is on its way: prepare what it will be measured with. Safe to repeat."""
        self.media.helpers.begin()
        self.measuring.expect(take.clip, self._before(take))

    def ahead(self, take: Take, sha256: str | None) -> AbstractContextManager[Begun | None]:
        """Measure a clip's first frames while the block decodes it, if its content is known."""
        if sha256 is None:
            return nullcontext()
        unchecked = self._folder.unchecked(take)
        stored, before = take.stored(sha256), self._before(take)
        return self.measuring.ahead(stored, take.images, before, unchecked)

    def encoding(self, clip_id: str) -> asyncio.Task[Segment] | None:
        """The clip's piece of the film on its way; None where there is none to come."""
        known = self._encodings.get(clip_id)
        return known and known.task

    async def segments(self) -> list[Segment]:
        """The pieces of the film, in order: each clip's, and the dissolves between them."""
        self.changes.set()
        return await asyncio.gather(
            *(
                self._encodings[part.clip_ids[0]].task
                if part.kind == "clip"
                else self._dissolved(part)
                for part in self.seams.plan.segments
            )
        )

    def side(self, source: Source, take: StoredTake) -> Side:
        """A clip's frames, and what is undone in them."""
        return Side(self._folder.clip(take), source.skip_frames, take.calibration, take.flash)

    async def drop(self) -> None:
        """End whatever is still being encoded or measured: the render is over."""
        await self.measuring.drop()
        tasks = [encoding.task for encoding in self._encodings.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def piece(self, part: SegmentPlan, takes: Sequence[StoredTake] = ()) -> str:
        """The recipe of a piece of the film, made of these takes (or of those that are known)."""
        takes = takes or [self.takes[source.clip_id] for source in part.sources]
        return piece_recipe(part, takes, self.plan, self._picture, self._lettering(part))

    def picture(self, part: SegmentPlan, take: StoredTake) -> str:
        """The name of a clip's piece but for the words that are drawn into it."""
        return piece_recipe(part, [take], self.plan, self._picture, None)

    def has_words(self, part: SegmentPlan, frames: range) -> bool:
        """Whether words are drawn into any of these frames of a piece, counted in it."""
        begin, end = frames.start / self.plan.fps, frames.stop / self.plan.fps
        drawn = self._lettering(part)
        words = (*drawn.lines, *drawn.titles) if drawn else ()
        return any(one.begin_seconds < end and one.end_seconds > begin for one in words)

    async def without_words(self, part: SegmentPlan, frames: range, into: Path) -> None:
        """Encode some frames of a clip's piece as they are under the words, to be looked at."""
        take = self.takes[part.clip_ids[0]]
        side = self.side(part.sources[0], take)
        side = replace(side, skip_frames=side.skip_frames + frames.start)
        how = {**self._how(part), "frame_count": len(frames), "lettering": None}
        async with self._ffmpeg_slots.place(Urgency.REVIEW):
            await normalise(side, into, **how)

    def _before(self, take: Take) -> StoredTake | None:
        """The take that handed over to this one."""
        start = take.clip.start
        return self.takes.get(start.clip_id) if isinstance(start, Handover) else None

    def _lettering(self, part: SegmentPlan) -> Lettering | None:
        if not draws_words(self.plan):
            return None
        return lettering_of(part, self.plan, find_font(self._font))

    async def _normalised(self, part: SegmentPlan, side: Side, piece: str) -> Segment:
        await self.changes.wait()
        into = self._folder.segment(self.plan.clip(part.clip_ids[0]))

        async def encode() -> None:
            await normalise(side, into, **self._how(part))

        return await self._piece(part, piece, into, encode)

    async def _dissolved(self, part: SegmentPlan) -> Segment:
        """The only frames that are made of two clips."""
        left, right = (self.side(source, self.takes[source.clip_id]) for source in part.sources)
        into = self._folder.segment(self.plan.clip(part.clip_ids[0]), dissolve=True)

        async def encode() -> None:
            await dissolve(left, right, into, **self._how(part))

        return await self._piece(part, self.piece(part), into, encode)

    async def _piece(
        self, part: SegmentPlan, piece: str, into: Path, encode: Callable[[], Awaitable[None]]
    ) -> Segment:
        """A piece out of the film before, or encoded; what is in it is read at once."""
        count, fps = part.frame_count, self.plan.fps
        async with self._ffmpeg_slots.film():
            there = await self.previous.cut(piece, into, frame_count=count, fps=fps)
            if there is not None:
                return there
            await encode()
            packets = await anyio.to_thread.run_sync(read_packets, into)
        await anyio.to_thread.run_sync(give_memory_back)  # no next clip waits here
        return Segment(into, count, packets)

    def _how(self, part: SegmentPlan) -> dict[str, Any]:
        plan, picture = self.plan, self._picture
        return {
            "ffmpeg": self.media.ffmpeg,
            "frame_count": part.frame_count,
            "shape": FilmShape(
                *(plan.width, plan.height, plan.fps),
                *(picture.untagged_matrix, picture.crf, picture.preset),
            ),
            "lettering": self._lettering(part),
        }
