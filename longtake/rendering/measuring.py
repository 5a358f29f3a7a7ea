"""Looking at clips as they come: what is to be undone, how a take reads, where to hand over.

Every measure is taken once; the ledger remembers it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from longtake.ledger import Ledger
from longtake.media import Handed, Matrix, ReadStretch, best_handover, best_splice
from longtake.media.measure.keeping import Begun
from longtake.media.measure.kept import ClipFile, Decoded, less_of, path_of
from longtake.rendering.measure_cache import (
    AnchorFrames,
    SplicePoint,
    anchors_of,
    arrival_of,
    is_looked_at,
    measured,
    reading_of,
    recalled,
    score_of,
    splice_of,
    tail_of,
    treatment_of,
)
from longtake.rendering.remembered_measures import MeasureTools, RememberedMeasures
from longtake.rendering.scored import ScoredTake, as_known, deflashed, repeats_handover
from longtake.rendering.takes import Images, StoredTake
from longtake.rendering.treating import Treating
from longtake.rendering.urgency import Urgency
from longtake.story import (
    ClipPlan,
    ClipReading,
    PairReading,
    SeamReading,
    Treatment,
    score_take,
)


class Measuring:
    """The measures of a film. Without ``tools`` it only recalls those that were taken before.

    ``span_of`` tells which frames of a clip's file the film has, as far as that is settled.
    """

    def __init__(self, ledger: Ledger, matrix: Matrix, tools: MeasureTools | None = None) -> None:
        self.matrix: Matrix = matrix
        self.span_of: Callable[[str], ClipPlan]
        self._ledger = ledger
        self._measures = RememberedMeasures(ledger, tools)
        self._treating = Treating(tools, matrix) if tools else None

    async def treatment(
        self, take: StoredTake, images: Images, before: StoredTake | None
    ) -> Treatment | None:
        """What the service did to a clip that goes on from ``before``; None where nobody looks."""
        if images.start is None or not is_looked_at(take.clip):
            return None
        subject = treatment_of(take.clip, take.sha256, images, self.matrix)
        if (treating := self._treating) is None:
            return await recalled(self._ledger, subject, Treatment, take.sha256)

        async def look(_: MeasureTools) -> Treatment:
            return await treating.treatment(take, self._handed(take.clip, before))

        return await self._measures.recalled_or(subject, Treatment, look, take.sha256)

    def expect(self, clip: ClipPlan, before: StoredTake | None) -> None:
        """See how light went before the clip, while the service is at work on it."""
        if self._treating is None or not clip.continuity.deflash or before is None:
            return
        if (handed := self._handed(clip, before)) is not None:
            self._treating.look_back(clip, before.sha256, handed)

    async def drop(self) -> None:
        """Look back no more: the render is over."""
        if self._treating is not None:
            await self._treating.drop()

    def ahead(
        self, take: StoredTake, images: Images, before: StoredTake | None, unchecked: Path
    ) -> AbstractContextManager[Begun | None]:
        """Measure a clip's first frames while the block decodes it: see ``Treating.ahead``."""
        if self._treating is None or images.start is None or not is_looked_at(take.clip):
            return nullcontext()
        return self._treating.ahead(take, self._handed(take.clip, before), unchecked)

    async def arrival(self, take: StoredTake, images: Images) -> PairReading | None:
        """How near a clip came to the picture that it was to end on; None where none was sent.

        The service honoured it where the reading ``repeats``.
        """
        if images.end is None:
            return None
        if take.treatment is not None and take.treatment.arrival is not None:
            return take.treatment.arrival
        subject = arrival_of(take.sha256, images.end, self.matrix)

        async def look(tools: MeasureTools) -> PairReading:
            sent, came = tools.folder.image(take.clip, "end"), tools.folder.clip(take)
            return await tools.media.read_arrival(sent, came, untagged_matrix=self.matrix)

        return await self._measures.recalled_or(subject, PairReading, look, take.sha256)

    async def anchors(self, guide: StoredTake, count: int) -> tuple[int, ...] | None:
        """Which frames of a guide are its anchors; None where nobody looks, or has looked."""

        async def look(tools: MeasureTools) -> AnchorFrames:
            return AnchorFrames(
                frame_indexes=await tools.media.choose_anchors(
                    tools.folder.clip(guide), count, untagged_matrix=self.matrix
                )
            )

        subject = anchors_of(guide.sha256, count, self.matrix)
        found = await self._measures.recalled_or(subject, AnchorFrames, look, guide.sha256)
        return None if found is None else found.frame_indexes

    async def handover_frame(self, take: StoredTake) -> int:
        """The frame of the clip's file that the next clip had best be started from."""
        last, window = take.clip.last_kept_frame_index, take.clip.handle_frame_count
        if window == 0:
            return last

        async def look(tools: MeasureTools) -> SplicePoint:
            best = await best_handover(
                self._clip(tools, take),
                window + 1,
                last_frame_index=last,
                untagged_matrix=self.matrix,
                run=tools.media.helpers.run,
            )
            return SplicePoint(left_frame_index=best.frame_index)

        subject = tail_of(take.sha256, last, window, self.matrix)
        found = await self._measures.recalled_or(subject, SplicePoint, look, take.sha256)
        return found.left_frame_index if found else last

    async def splice(self, left: StoredTake, right: StoredTake) -> SplicePoint | None:
        """Where the seam of two clips is seen least; ``left`` as it was before it handed over."""
        window, last = left.clip.handle_frame_count, left.clip.last_kept_frame_index

        async def look(tools: MeasureTools) -> SplicePoint:
            found = await best_splice(
                tools.folder.clip(left),
                tools.folder.clip(right),
                window + 1,
                window + 1,
                left_last_frame_index=last,
                skip_frames=right.clip.skip_frames,
                untagged_matrix=self.matrix,
                run=tools.media.helpers.run,
            )
            return SplicePoint(
                left_frame_index=found.left_frame_index, right_frame_index=found.right_frame_index
            )

        subject = splice_of(left.sha256, right.sha256, last, window)
        return await self._measures.recalled_or(subject, SplicePoint, look, right.sha256)

    async def reading(self, take: StoredTake, urgency: Urgency = Urgency.REVIEW) -> ClipReading:
        """How a clip's own file looks, and what is broken inside."""

        async def look(tools: MeasureTools) -> ClipReading:
            kept = _is_sampled(self._clip(tools, take))
            async with tools.ffmpeg_slots.place(min(urgency, Urgency.KEPT) if kept else urgency):
                run, clip = tools.runner(urgency), self._clip(tools, take)
                found = await tools.media.read_clip(
                    clip if _is_sampled(clip) else path_of(clip),
                    untagged_matrix=self.matrix,
                    run=run,
                )
            tools.media.decodes.forget(take.sha256, Decoded.without_samples)
            return found

        subject = reading_of(take.sha256, self.matrix)
        return await self._measures.taken(subject, ClipReading, look, take.sha256)

    async def seam(
        self,
        sides: tuple[ReadStretch, ReadStretch],
        clips: tuple[ClipPlan, ClipPlan],
        pair: PairReading | None,
        *,
        repeat: Path | None,
        urgency: Urgency = Urgency.REVIEW,
    ) -> SeamReading:
        """The seam between the two, read from the last frames of one and the first of the other.

        ``repeat``: the right clip's own file, where its frame 0 repeats the one handed over.
        """
        tools = self._measures.tools_for(SeamReading)
        async with tools.ffmpeg_slots.place(urgency):
            run = tools.runner(urgency)
            return await tools.media.read_seam(
                sides, clips, pair, untagged_matrix=self.matrix, repeat=repeat, run=run
            )

    async def score(self, take: StoredTake, before: StoredTake | None, fps: int) -> ScoredTake:
        """How a take reads as the follower of ``before``: its pair, its seam, and its inside."""
        clip = take.clip
        follows = before if clip.continues else None
        last = self.span_of(follows.clip.id).last_kept_frame_index if follows else 0
        subject = score_of(
            as_known(take.treatment),
            take.sha256,
            f"{follows.sha256} {last}" if follows else None,
            (clip.skip_frames, clip.kept_frame_count),
        )

        async def look() -> ScoredTake:
            inside, seam = await asyncio.gather(
                self.reading(take, Urgency.NEXT_CLIP), self._seam(take, follows)
            )
            judged = score_take(
                clip.id,
                reading=inside,
                pair=take.pair,
                seam=seam and deflashed(seam, take.flash),
                calibration=take.calibration,
                fps=fps,
            )
            return ScoredTake(score=judged.score, findings=list(judged.findings), seam=seam)

        return await measured(self._ledger, subject, ScoredTake, look, take.sha256)

    def _handed(self, clip: ClipPlan, before: StoredTake | None) -> Handed | None:
        """Where the frame that the clip was started from lies."""
        if before is None or not clip.continues:
            return None
        tools = self._measures.tools_for(Treatment)
        last = self.span_of(before.clip.id).last_kept_frame_index
        handed = Handed(less_of(self._clip(tools, before), Decoded.without_samples), last)
        return self._treating.looked_back(before.sha256, handed) if self._treating else handed

    def _clip(self, tools: MeasureTools, take: StoredTake) -> ClipFile:
        """The take's file, with what was kept of it when it came."""
        return tools.media.decodes.of(take.sha256, tools.folder.clip(take))

    async def _seam(self, take: StoredTake, before: StoredTake | None) -> SeamReading | None:
        """The seam as the service made it, before anything of it is corrected."""
        tools = self._measures.tools
        if before is None or tools is None:
            return None
        left, right = self.span_of(before.clip.id), take.clip
        clip = tools.folder.clip
        repeat = clip(take) if repeats_handover(left, right, take.pair) else None
        return await self.seam(
            (
                ReadStretch(clip(before), left.skip_frames, left.kept_frame_count),
                ReadStretch(clip(take), right.skip_frames, right.kept_frame_count),
            ),
            (left, right),
            take.pair,
            repeat=repeat,
            urgency=Urgency.NEXT_CLIP,
        )


def _is_sampled(clip: ClipFile) -> bool:
    """Whether what a reading is made from was kept."""
    return isinstance(clip, Decoded) and clip.sampled is not None
