"""What the review tells of clips and seams, read as they come and not all after the last one.

A seam is read as soon as what the film has of its two clips is encoded, from those frames alone
that it is judged by; so a film of any length needs the memory of a few frames.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import anyio.to_thread
from pydantic import BaseModel

from longtake.errors import LongtakeError
from longtake.ledger import Ledger
from longtake.media import ReadStretch
from longtake.media.measure.seam import HEAD_FRAMES
from longtake.media.reel import Piece
from longtake.media.shape import TAIL_FRAMES
from longtake.rendering.film import Film
from longtake.rendering.folder import RenderFolder
from longtake.rendering.measure_cache import measured, seam_of
from longtake.rendering.reel_ahead import ReelAhead
from longtake.rendering.reel_moments import Around
from longtake.rendering.scored import repeats_handover
from longtake.rendering.takes import StoredTake
from longtake.review import load_page
from longtake.story import ClipPlan, ClipReading, SeamReading
from longtake.story.plan import SeamPlan, SegmentPlan

_PAGE = ("page",)


class SeamSide(NamedTuple):
    """What the film has of a clip next to a seam, but for words; and a name for that.

    ``covered``: the piece and its frames next to the seam, where words are drawn into them.
    """

    stretch: ReadStretch
    name: str
    covered: tuple[SegmentPlan, range] | None = None


class Readings:
    """The readings of one film; ``wanted`` ones are taken ahead, as clips come."""

    def __init__(
        self, film: Film, ledger: Ledger, folder: RenderFolder, reel: ReelAhead, *, wanted: bool
    ) -> None:
        self._film = film
        self._ledger = ledger
        self._folder = folder
        self._reel = reel
        self._wanted = wanted
        self._ahead: dict[tuple[str, ...], asyncio.Task[Any]] = {}
        self._alongside: set[tuple[str, ...]] = set()

    def begin(self, take: StoredTake) -> None:
        """The clip is in the film: read it, and its seams to those that are, in the background."""
        if not self._wanted:
            return
        self._start(_PAGE, anyio.to_thread.run_sync(load_page))  # before anybody waits for it
        plan, clip_id = self._film.seams.plan, take.clip.id
        if self.reads(take.clip):
            self._start((take.sha256,), self._clip(take))
        for seam in plan.seams:
            if clip_id in (seam.left, seam.right) and seam.kind != "dissolve":
                pieces = [self._film.encoding(name) for name in (seam.left, seam.right)]
                if all(pieces):
                    self._start(self._key(seam), self._encoded_seam(seam))

    def reads(self, clip: ClipPlan) -> bool:
        """Whether a clip is read when it comes."""
        return self._wanted and clip.continuity.gate != "off"

    def alongside(self, key: tuple[str, ...], work: Coroutine[Any, Any, None]) -> None:
        """Have this done while the service makes clips; ``finished`` waits for it."""
        self._start(key, work)
        self._alongside.add(key)

    async def finished(self) -> None:
        """Everything that is done alongside has ended; a film is not less for what went wrong."""
        work = [self._ahead[key] for key in self._alongside]
        for error in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(error, BaseException) and not isinstance(error, LongtakeError):
                raise error

    async def clip(self, take: StoredTake) -> ClipReading:
        """How a clip's own file looks, and what is broken inside."""
        found: ClipReading = await (
            self._begun((take.sha256,)) or self._film.measuring.reading(take)
        )
        return found

    async def seam(self, seam: SeamPlan) -> SeamReading:
        """The seam as it is in the film; only a continuous one is measured."""
        found = await (self._begun(self._key(seam)) or self._seam(seam))
        return self._placed(found, seam)

    def moment(self, moment: Around) -> Piece | None:
        """A moment of the reel, if it was cut ahead and the film is of just what it was cut of."""
        return self._reel.piece(moment, self._names(moment.left, moment.right))

    async def drop(self) -> None:
        """End whatever is still being read: the render is over."""
        for task in self._ahead.values():
            task.cancel()
        await asyncio.gather(*self._ahead.values(), return_exceptions=True)
        await self._reel.drop()

    def _start(self, key: tuple[str, ...], work: Coroutine[Any, Any, BaseModel | None]) -> None:
        if self._begun(key):
            work.close()
        else:
            self._ahead[key] = asyncio.create_task(work)

    def _begun(self, key: tuple[str, ...]) -> asyncio.Task[Any] | None:
        """What is being read, or was; not what ended with an encoding that was given up."""
        ahead = self._ahead.get(key)
        return None if ahead is None or ahead.cancelled() else ahead

    def _key(self, seam: SeamPlan) -> tuple[str, ...]:
        """The seam between these two pieces; another take of either makes it another one."""
        return self._names(seam.left, seam.right)

    def _names(self, *clip_ids: str) -> tuple[str, ...]:
        return tuple(self._name(clip_id) for clip_id in clip_ids)

    def _name(self, clip_id: str) -> str:
        """The clip's piece of the film by its recipe, words and all; or the take."""
        take, part = self._film.takes[clip_id], self._film.seams.plan.segment_of(clip_id)
        if part is None or not self._has_piece(clip_id):
            return take.sha256
        return self._film.piece(part, [take])

    async def _clip(self, take: StoredTake) -> ClipReading:
        await self._film.changes.wait()
        return await self._film.measuring.reading(take)

    async def _encoded_seam(self, seam: SeamPlan) -> SeamReading:
        for name in (seam.left, seam.right):
            encoding = self._film.encoding(name)
            if encoding is not None:
                await asyncio.shield(encoding)
        place = SeamReading(left=seam.left, right=seam.right, kind=seam.kind, frame_index=0)
        found, _ = await asyncio.gather(
            self._seam(seam),
            self._reel.cut(self._placed(place, seam), self._key(seam)),
            return_exceptions=True,  # both have ended, whatever went wrong with one
        )
        if isinstance(found, BaseException):
            raise found
        return self._placed(found, seam)

    def _placed(self, found: SeamReading, seam: SeamPlan) -> SeamReading:
        """The reading, which goes by what is seen, as that of a place in this film."""
        at = {"left": seam.left, "right": seam.right, "frame_index": seam.frame_index}
        return found.model_copy(update={**at, "pair": self._film.takes[seam.right].pair})

    async def _seam(self, seam: SeamPlan) -> SeamReading:
        if seam.kind != "continuous":
            return SeamReading(left=seam.left, right=seam.right, kind=seam.kind, frame_index=0)
        plan, take = self._film.seams.plan, self._film.takes[seam.right]
        left, right = plan.clip(seam.left), plan.clip(seam.right)
        sides = self._side(seam.left, at_end=True), self._side(seam.right, at_end=False)
        repeats = repeats_handover(left, right, take.pair)

        async def look() -> SeamReading:
            with TemporaryDirectory(prefix="longtake-seam-") as place:
                before, after = [await self._uncovered(side, Path(place)) for side in sides]
                return await self._film.measuring.seam(
                    (before, after),
                    (left, right),
                    take.pair,
                    repeat=self._folder.clip(take) if repeats else None,
                )

        subject = seam_of(*(side.name for side in sides), repeats=repeats)
        return await measured(self._ledger, subject, SeamReading, look, take.sha256)

    def _side(self, clip_id: str, *, at_end: bool) -> SeamSide:
        """The clip's piece of the film; of its own file where the film has none of it alone."""
        take, part = self._film.takes[clip_id], self._film.seams.plan.segment_of(clip_id)
        span = take.clip.skip_frames, take.clip.kept_frame_count
        if part is None or not self._has_piece(clip_id):
            return SeamSide(ReadStretch(self._folder.clip(take), *span), f"{take.sha256} {span}")
        count = part.frame_count
        frames = range(max(count - TAIL_FRAMES, 0), count) if at_end else range(count)[:HEAD_FRAMES]
        covered = (part, frames) if self._film.has_words(part, frames) else None
        path = self._folder.segment(take.clip)
        return SeamSide(ReadStretch(path, 0, count), self._film.picture(part, take), covered)

    def _has_piece(self, clip_id: str) -> bool:
        path = self._folder.segment(self._film.plan.clip(clip_id))
        return path.is_file() or self._film.encoding(clip_id) is not None

    async def _uncovered(self, side: SeamSide, place: Path) -> ReadStretch:
        """The frames of a side without words: a card that begins at a seam is no flash there."""
        if side.covered is None:
            return side.stretch
        into = place / side.stretch.path.name
        await self._film.without_words(*side.covered, into)
        return ReadStretch(into, 0, len(side.covered[1]))
