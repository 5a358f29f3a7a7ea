"""A clip leaves, the next one arrives: whether it continues, and where their seam lies."""

from __future__ import annotations

from longtake.record import ClipRecord
from longtake.story import BEGINS_FROM, ChainPlan, ClipPlan, DriftForecast, Handover, anchoring_of
from tasks.assemble import encode_ahead
from tasks.looking import handover_frame, splice
from tasks.studio import Kept, Studio


async def leave(studio: Studio, chain: ChainPlan, kept: Kept, follower: ClipPlan) -> Kept:
    """Decide, before ``follower`` is bought, whether it continues the clip, and from which frame.

    Returns the clip, which ends as it was planned where it is not continued.
    """
    if forecast := _drift(studio, chain, follower):
        kept = _over_budget(studio, kept, follower, forecast)
    if isinstance(studio.seams.clip(follower.id).start, Handover):
        frame_index = await handover_frame(studio, kept.clip, kept)
        studio.seams.leave(kept.clip, follower, frame_index)
    return kept


async def arrive(studio: Studio, chain: ChainPlan, before: Kept | None, kept: Kept) -> Kept:
    """The clip is there: settle the seam it begins with, and what the film has of both.

    The first frame is left out only where it is the one that was handed over.
    """
    found = kept.treatment
    clip = studio.seams.arrive(kept.clip, repeats=found is None or found.pair.repeats)
    if before is not None and before.clip.handle_frame_count:
        at = await splice(studio, before, kept._replace(clip=clip))
        clip = studio.seams.splice(before.clip, clip, at)
    kept = kept._replace(clip=clip)
    studio.kept[clip.id] = kept
    for one in filter(None, (before, kept)):
        _note_span(studio, one.clip.id)
    if before is not None and before.clip.handle_frame_count:
        encode_ahead(studio, before)
    if not clip.handle_frame_count:  # else its last frames are not settled yet
        encode_ahead(studio, kept)
    if forecast := _drift(studio, chain, clip):
        _remark(studio, clip, _says(studio, clip, forecast))
    return kept


def _note_span(studio: Studio, clip_id: str) -> None:
    """Put on record which frames of a clip the film has, as far as that is settled."""
    clip = studio.seams.clip(clip_id)
    span = {
        "skip_frames": clip.skip_frames,
        "kept_frame_count": clip.kept_frame_count,
        "first_frame_index": clip.first_frame_index,
    }
    record = studio.record.clips[clip_id]
    if any(getattr(record, name) != value for name, value in span.items()):
        studio.note(clip, **span)


def _drift(studio: Studio, chain: ChainPlan, clip: ClipPlan) -> DriftForecast | None:
    """The forecast that the clip, continued, would lie beyond the drift limit."""
    treatments = {
        name: kept.treatment for name, kept in studio.kept.items() if kept.treatment is not None
    }
    return studio.seams.drift(chain, clip.id, treatments)


def _over_budget(studio: Studio, kept: Kept, follower: ClipPlan, forecast: DriftForecast) -> Kept:
    """Do what the storyboard says of a clip that would lie beyond the drift limit."""
    how = anchoring_of(studio.seams.clip(follower.id))
    if how is not None:
        anchored = studio.seams.anchor(follower.id, how)
        record = studio.record.clips[follower.id]
        planned = ClipRecord.of(anchored, chain=record.chain)
        names = ("model", "start", "start_image", "expected_seconds", "expected_usd")
        studio.note(follower, **{name: getattr(planned, name) for name in names})
        had_handles = kept.clip.handle_frame_count
        kept = kept._replace(clip=studio.seams.clip(kept.clip.id))
        if had_handles:  # it waited for a splice that will not be
            studio.kept[kept.clip.id] = kept
            encode_ahead(studio, kept)
    _remark(studio, follower, _says(studio, follower, forecast))
    return kept


def _says(studio: Studio, clip: ClipPlan, forecast: DriftForecast) -> str:
    how = studio.seams.anchors.get(clip.id)
    done = f"begins from {BEGINS_FROM[how]}" if how else "continued all the same"
    return f"{forecast.says}: {done}"


def _remark(studio: Studio, clip: ClipPlan, says: str) -> None:
    """Say it of the clip, beside what was said of it before."""
    known = studio.record.clips[clip.id].remark
    if known is None or says not in known:
        studio.note(clip, remark=f"{known}; {says}" if known else says)
