"""Looking at clips as they come: what is to be undone, how a take reads, where to hand over.

Every measure is taken once; the ledger remembers it.
"""

from __future__ import annotations

import asyncio

from pydantic import BaseModel

from longtake.media import (
    best_handover,
    best_splice,
    calibrate,
    find_flash,
    read_clip,
    read_ends,
    read_pair,
    seam_reading,
)
from longtake.media.measure.deflash import MAX_OFFSET
from longtake.rendering.measure_cache import (
    SplicePoint,
    is_looked_at,
    measured,
    reading_of,
    score_of,
    splice_of,
    tail_of,
    treatment_of,
)
from longtake.rendering.render import Render, StoredTake
from longtake.rendering.takes import Image
from longtake.story import (
    ClipPlan,
    ClipReading,
    Finding,
    Flash,
    Handover,
    SeamReading,
    Treatment,
    score_take,
)


class Score(BaseModel):
    """How a take reads: 0 is faultless, 1 at the limit; and what a person should know of it."""

    score: float
    findings: list[Finding]
    seam: SeamReading | None = None

    @property
    def falls_short(self) -> bool:
        """Whether the gate should not let it pass."""
        return self.score > 1


async def treatment(
    render: Render, clip: ClipPlan, kept: StoredTake, sent: Image | None
) -> Treatment | None:
    """What the service did to a clip that goes on from another; None where nobody is to look."""
    continuity = clip.continuity
    if sent is None or not is_looked_at(clip):
        return None
    matrix = render.settings.picture.untagged_matrix

    async def look() -> Treatment:
        async with render.ffmpeg_slots:
            pair = await read_pair(sent.path, kept.path, untagged_matrix=matrix)
            flash: Flash | None = None
            if continuity.deflash:
                flash = await find_flash(sent.path, kept.path, untagged_matrix=matrix)
            calibration = await calibrate(
                sent.path, kept.path, mode=continuity.colour, flash=flash, untagged_matrix=matrix
            )
        return Treatment(pair=pair, calibration=calibration, flash=flash)

    subject = treatment_of(clip, kept.sha256, sent.sha256, matrix)
    return await measured(render.ledger, subject, Treatment, look)


async def reading(render: Render, kept: StoredTake) -> ClipReading:
    """How a clip's own file looks, and what is broken inside."""
    matrix = render.settings.picture.untagged_matrix

    async def look() -> ClipReading:
        async with render.ffmpeg_slots:
            return await read_clip(kept.path, untagged_matrix=matrix)

    return await measured(render.ledger, reading_of(kept.sha256, matrix), ClipReading, look)


async def score(
    render: Render, clip: ClipPlan, kept: StoredTake, before: StoredTake | None
) -> Score:
    """How a take reads as the follower of ``before``: its pair, its seam, and its inside."""
    found = kept.treatment
    follows = before if isinstance(clip.start, Handover) else None
    last = render.seams.clip(follows.clip.id).last_kept_frame_index if follows else 0

    async def look() -> Score:
        inside, seam = await asyncio.gather(
            reading(render, kept), _seam(render, clip, kept, follows)
        )
        judged = score_take(
            clip.id,
            reading=inside,
            pair=kept.pair,
            seam=seam and _deflashed(seam, found),
            calibration=kept.calibration,
            fps=render.plan.fps,
        )
        return Score(score=judged.score, findings=list(judged.findings), seam=seam)

    subject = score_of(
        found.model_dump_json() if found else "",
        kept.sha256,
        f"{follows.sha256} {last}" if follows else None,
        (clip.skip_frames, clip.kept_frame_count),
    )
    return await measured(render.ledger, subject, Score, look)


async def _seam(
    render: Render, clip: ClipPlan, kept: StoredTake, before: StoredTake | None
) -> SeamReading | None:
    """The seam as the service made it, before anything of it is corrected."""
    if before is None:
        return None
    matrix = render.settings.picture.untagged_matrix
    left = render.seams.clip(before.clip.id)
    async with render.ffmpeg_slots:
        ends = [
            await read_ends(
                one.path,
                first=part.skip_frames,
                count=part.kept_frame_count,
                untagged_matrix=matrix,
            )
            for one, part in ((before, left), (kept, clip))
        ]
    return seam_reading(
        *ends,
        left=left.id,
        right=clip.id,
        kind="continuous",
        frame_index=clip.first_frame_index,
        pair=kept.pair,
    )


def _deflashed(seam: SeamReading, found: Treatment | None) -> SeamReading:
    """The seam with what deflash takes off taken off: only the rest is seen in the film."""
    if seam.flash is None or found is None or found.flash is None or not found.flash.applied:
        return seam
    rest = max(0.0, abs(seam.flash) - 255 * MAX_OFFSET)
    return seam.model_copy(update={"flash": rest if seam.flash > 0 else -rest})


async def handover_frame(render: Render, clip: ClipPlan, kept: StoredTake) -> int:
    """The frame of the clip's file that the next clip had best be started from."""
    last, window = clip.last_kept_frame_index, clip.handle_frame_count
    if window == 0:
        return last
    matrix = render.settings.picture.untagged_matrix

    async def look() -> SplicePoint:
        async with render.ffmpeg_slots:
            best = await best_handover(
                kept.path, window + 1, last_frame_index=last, untagged_matrix=matrix
            )
        return SplicePoint(left_frame_index=best.frame_index, right_frame_index=0)

    subject = tail_of(kept.sha256, last, window, matrix)
    return (await measured(render.ledger, subject, SplicePoint, look)).left_frame_index


async def splice(render: Render, left: StoredTake, right: StoredTake) -> SplicePoint:
    """Where the seam of two clips is seen least; ``left`` as it was before it handed over."""
    window, last = left.clip.handle_frame_count, left.clip.last_kept_frame_index

    async def look() -> SplicePoint:
        async with render.ffmpeg_slots:
            found = await best_splice(
                left.path,
                right.path,
                window + 1,
                window + 1,
                left_last_frame_index=last,
                skip_frames=right.clip.skip_frames,
                untagged_matrix=render.settings.picture.untagged_matrix,
            )
        return SplicePoint(
            left_frame_index=found.left_frame_index, right_frame_index=found.right_frame_index
        )

    subject = splice_of(left.sha256, right.sha256, last, window)
    return await measured(render.ledger, subject, SplicePoint, look)
