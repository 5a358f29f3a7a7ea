"""Dissolves: a shot that comes in over the end of the one before.

A dissolve is centred on the cut, as in an editing program: half of it lies in either shot. Each
shot overhangs the cut by the other half, so that both keep their seconds::

    left   ──────────────────┬──────┐   overhang
    film   ... left   [ dissolve ]   right ...
    right          ┌─────────┴─────────────
                   overhang
                             the cut
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from longtake.story.lengths import clips_of, film_frame_count, least_seconds, most_seconds
from longtake.story.shot_context import ShotContext


def lay_dissolves(contexts: Sequence[ShotContext]) -> None:
    """Give every shot of the film its dissolves, and note those that there is no room for."""
    first = contexts[0] if contexts else None
    if first and first.dissolve is not None and first.after_skipped is None:
        message = "the film begins here, there is no shot to dissolve from"
        first.note("start", f"{message}: use `cut` or a still")
    pairs = list(pairwise(contexts))
    for left, right in pairs:
        if right.dissolve is not None:
            left.tail = right.head = _frames_of(right, right.dissolve.dissolve)
    for left, right in pairs:
        if right.head:
            _check_room(left, right)


def _frames_of(context: ShotContext, seconds: float) -> int:
    """The dissolve's frames; one that is too short for any is noted and counts as one."""
    frame_count = round(seconds * context.fps)
    if frame_count < 1:
        least = least_seconds(1, context.fps)
        message = f"less than one frame at {context.fps} a second: at least {least:g}, or `cut`"
        context.note("start.dissolve", message)
    return max(1, frame_count)


def _check_room(left: ShotContext, right: ShotContext) -> None:
    """Note a dissolve that its two shots have no room for, with the longest that they have."""
    trouble = _trouble(left, right, right.head)
    if trouble is None:
        return
    shorter = range(min(right.head - 1, right.ends.counts.most), 0, -1)
    most = next((count for count in shorter if _trouble(left, right, count) is None), None)
    if most is None:
        fix = "use `cut`"
    else:
        fix = f"at most {most_seconds(most, right.fps):g} seconds would do"
    right.note("start.dissolve", f"{right.head} frames, longer than {trouble}: {fix}")


def _trouble(left: ShotContext, right: ShotContext, frame_count: int) -> str | None:
    """What a dissolve of that length would be longer than, None where it fits.

    It must fit into one clip on either side: it is made of two clips and no more.
    """
    left, right = left.with_dissolves(tail=frame_count), right.with_dissolves(head=frame_count)
    left_clips, right_clips = clips_of(left), clips_of(right)
    first = right_clips[0].kept_frame_count - right_clips[0].handle_frame_count
    lengths = {
        "this shot": film_frame_count(right, right_clips),
        "the shot before": film_frame_count(left, left_clips),
        "the part of this shot's first clip that is in the film": first,
        "the part that is in the film of the last clip before": left_clips[-1].kept_frame_count,
    }
    for what, length in lengths.items():
        if frame_count > length:
            return f"{what} ({max(0, length)})"
    return None
