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
    if before is not None and before.clip.handle_frame_count:
        encode_ahead(studio, before)
    if not clip.handle_frame_count:  # else its last frames are not settled yet
        encode_ahead(studio, kept)
    return kept
