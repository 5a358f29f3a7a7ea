"""The film piece by piece: seams between clips, and the segments that the film is joined from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from longtake.story.plan import ClipPlan, SeamPlan, SegmentPlan, Source


def lay_seams(clips: Sequence[ClipPlan], dissolves: Mapping[str, int]) -> tuple[SeamPlan, ...]:
    """The joins of neighbouring clips, in film order.

    ``dissolves`` has the frames of the dissolve that a clip (by its id) comes in with, 0 or nothing
    where it comes in at once.
    """
    return tuple(_seam(left, right, dissolves.get(right.id, 0)) for left, right in pairwise(clips))


def _seam(left: ClipPlan, right: ClipPlan, dissolve: int) -> SeamPlan:
    continuous = right.continues
    return SeamPlan(
        left=left.id,
        right=right.id,
        kind="continuous" if continuous else "dissolve" if dissolve else "cut",
        frame_index=right.first_frame_index,
        frame_count=dissolve,
    )


def lay_segments(clips: Sequence[ClipPlan], seams: Sequence[SeamPlan]) -> tuple[SegmentPlan, ...]:
    """What the film is joined from, in film order: clips without their dissolves, and dissolves."""
    return tuple(_segments(clips, seams))


def _segments(clips: Sequence[ClipPlan], seams: Sequence[SeamPlan]) -> Iterator[SegmentPlan]:
    overlaps = [0, *(seam.frame_count for seam in seams), 0]
    followers = [*clips[1:], None][: len(clips)]
    for index, (clip, follower) in enumerate(zip(clips, followers, strict=True)):
        head, tail = overlaps[index], overlaps[index + 1]
        own = clip.kept_frame_count - head - tail
        if own > 0:  # nothing is left of a clip that two dissolves share
            yield SegmentPlan(
                kind="clip",
                first_frame_index=clip.first_frame_index + head,
                frame_count=own,
                sources=(Source(clip_id=clip.id, skip_frames=clip.skip_frames + head),),
            )
        if tail and follower is not None:
            begin = clip.skip_frames + clip.kept_frame_count - tail
            yield SegmentPlan(
                kind="dissolve",
                first_frame_index=follower.first_frame_index,
                frame_count=tail,
                sources=(
                    Source(clip_id=clip.id, skip_frames=begin),
                    Source(clip_id=follower.id, skip_frames=follower.skip_frames),
                ),
            )
