"""A clip leaves, the next one arrives: whether it continues, and where their seam lies."""

from __future__ import annotations

from longtake.record import ClipRecord
from longtake.rendering.measuring import handover_frame, splice
from longtake.rendering.render import Render, StoredTake
from longtake.story import BEGINS_FROM, ChainPlan, ClipPlan, DriftForecast, Handover, anchoring_of
from tasks.assemble import encode_ahead


async def choose_handover(
    render: Render, chain: ChainPlan, kept: StoredTake, follower: ClipPlan
) -> StoredTake:
    """Decide, before ``follower`` is bought, whether it continues the clip, and from which frame.

    Returns the clip, which ends as it was planned where it is not continued.
    """
    if forecast := _drift(render, chain, follower):
        kept = _over_budget(render, kept, follower, forecast)
    if isinstance(render.seams.clip(follower.id).start, Handover):
        frame_index = await handover_frame(render, kept.clip, kept)
        render.seams.hand_over(kept.clip, follower, frame_index)
    return kept


async def settle_seam(
    render: Render, chain: ChainPlan, before: StoredTake | None, kept: StoredTake
) -> StoredTake:
    """The clip is there: settle the seam it begins with, and what the film has of both.

    The first frame is left out only where it is the one that was handed over.
    """
    found = kept.treatment
    clip = render.seams.settle_head(kept.clip, repeats=found is None or found.pair.repeats)
    if before is not None and before.clip.handle_frame_count:
        at = await splice(render, before, kept._replace(clip=clip))
        clip = render.seams.splice(before.clip, clip, at)
    kept = kept._replace(clip=clip)
    render.kept[clip.id] = kept
    for one in filter(None, (before, kept)):
        _note_span(render, one.clip.id)
    if before is not None and before.clip.handle_frame_count:
        encode_ahead(render, before)
    if not clip.handle_frame_count:  # else its last frames are not settled yet
        encode_ahead(render, kept)
    if forecast := _drift(render, chain, clip):
        _remark(render, clip, _says(render, clip, forecast))
    return kept


def _note_span(render: Render, clip_id: str) -> None:
    """Put on record which frames of a clip the film has, as far as that is settled."""
    clip = render.seams.clip(clip_id)
    span = {
        "skip_frames": clip.skip_frames,
        "kept_frame_count": clip.kept_frame_count,
        "first_frame_index": clip.first_frame_index,
    }
    record = render.record.clips[clip_id]
    if any(getattr(record, name) != value for name, value in span.items()):
        render.note(clip, **span)


def _drift(render: Render, chain: ChainPlan, clip: ClipPlan) -> DriftForecast | None:
    """The forecast that the clip, continued, would lie beyond the drift limit."""
    treatments = {
        name: kept.treatment for name, kept in render.kept.items() if kept.treatment is not None
    }
    return render.seams.drift(chain, clip.id, treatments)


def _over_budget(
    render: Render, kept: StoredTake, follower: ClipPlan, forecast: DriftForecast
) -> StoredTake:
    """Do what the storyboard says of a clip that would lie beyond the drift limit."""
    how = anchoring_of(render.seams.clip(follower.id))
    if how is not None:
        anchored = render.seams.anchor(follower.id, how)
        record = render.record.clips[follower.id]
        planned = ClipRecord.of(anchored, chain=record.chain)
        names = ("model", "start", "start_image", "expected_seconds", "expected_usd")
        render.note(follower, **{name: getattr(planned, name) for name in names})
        had_handles = kept.clip.handle_frame_count
        kept = kept._replace(clip=render.seams.clip(kept.clip.id))
        if had_handles:  # it waited for a splice that will not be
            render.kept[kept.clip.id] = kept
            encode_ahead(render, kept)
    _remark(render, follower, _says(render, follower, forecast))
    return kept


def _says(render: Render, clip: ClipPlan, forecast: DriftForecast) -> str:
    how = render.seams.anchors.get(clip.id)
    done = f"begins from {BEGINS_FROM[how]}" if how else "continued all the same"
    return f"{forecast.says}: {done}"


def _remark(render: Render, clip: ClipPlan, says: str) -> None:
    """Say it of the clip, beside what was said of it before."""
    known = render.record.clips[clip.id].remark
    if known is None or says not in known:
        render.note(clip, remark=f"{known}; {says}" if known else says)
