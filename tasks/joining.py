"""A clip leaves, the next one arrives: where their seam lies."""

from __future__ import annotations

from longtake.story import ClipPlan
from tasks.assemble import encode_ahead
from tasks.looking import handover_frame, splice
from tasks.studio import Kept, Studio


async def leave(studio: Studio, kept: Kept, follower: ClipPlan) -> None:
    """Decide which frame of the clip the next one is started from."""
    frame_index = await handover_frame(studio, kept.clip, kept)
    studio.seams.leave(kept.clip, follower, frame_index)


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


async def arrive(studio: Studio, before: Kept | None, kept: Kept) -> Kept:
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
    return kept
