"""How long a shot is: its clips and their frames, by ``seconds`` or by ``num_frames``."""

from __future__ import annotations

import math
from collections.abc import Sequence

from longtake.story.model import CLEAN_FRAME_COUNTS, DEFAULT_NUM_FRAMES
from longtake.story.shot_context import ShotContext
from longtake.story.timing import ClipFrames, cheapest_run, chosen_run, frame_range


def clips_of(context: ShotContext) -> tuple[ClipFrames, ...]:
    """The frames of each clip of the shot; where its length is wrong, of the nearest right one."""
    shot = context.shot
    if shot.seconds is None:
        num_frames = context.force.num_frames or DEFAULT_NUM_FRAMES
        return chosen_run(num_frames, len(shot.beats or "1"), context.ends)
    # The dissolves at its ends overhang the shot, which has its seconds all the same.
    wanted = max(1, round(shot.seconds * context.fps)) + context.ends.overhang
    return cheapest_run(wanted, context.ends)


def film_frame_count(context: ShotContext, clips: Sequence[ClipFrames]) -> int:
    """How long the shot is in the film: from the middle of one dissolve to that of the other."""
    return sum(clip.kept_frame_count for clip in clips) - context.ends.overhang


def check_length(context: ShotContext, clips: Sequence[ClipFrames]) -> None:
    """Note what contradicts itself in the shot's length, with the lengths that would do."""
    shot = context.shot
    if shot.seconds is None:
        if film_frame_count(context, clips) < 1:
            context.note("num_frames", "nothing is left of this shot between its two dissolves")
        return
    if shot.num_frames is not None:
        context.note(
            "num_frames", "`seconds` and `num_frames` both give the length: keep one of them"
        )
    if round(shot.seconds * context.fps) < 1:
        least = least_seconds(1, context.fps)
        context.note(
            "seconds", f"less than one frame at {context.fps} a second: at least {least:g}"
        )
    _check_arrival(context, film_frame_count(context, clips))
    if shot.beats is not None and len(shot.beats) != len(clips):
        _note_beats(context, shot.seconds, len(shot.beats), len(clips))


def least_seconds(frame_count: int, fps: int) -> float:
    """The least seconds, in hundredths, that are so many frames."""
    return math.ceil(frame_count / fps * 100) / 100


def most_seconds(frame_count: int, fps: int) -> float:
    """The most seconds, in hundredths, that are no more than so many frames."""
    return int(frame_count / fps * 100) / 100


def _check_arrival(context: ShotContext, frame_count: int) -> None:
    """A shot that moves towards an end image lasts as long as the clip that arrives there."""
    least = CLEAN_FRAME_COUNTS[0] - int(context.continued) - context.ends.overhang
    if context.shot.end_image is not None and frame_count < least:
        message = "the shot is over long before its clip arrives at the end image"
        mend = f"give it {least_seconds(least, context.fps):g} seconds or leave out `end_image`"
        context.note("seconds", f"{message}: {mend}")


def _note_beats(context: ShotContext, seconds: float, beat_count: int, clip_count: int) -> None:
    """There are not as many beats as clips: tell how many clips, and which seconds would fit."""
    low, high = (count - context.ends.overhang for count in frame_range(beat_count, context.ends))
    made = f"{seconds:g} seconds are made of {_count(clip_count, 'clip')}, one for each beat"
    # Rounded inwards: both ends, typed as they are shown, are that many clips.
    least, most = least_seconds(max(1, low), context.fps), most_seconds(high, context.fps)
    context.note(
        "beats", f"{made}; {_count(beat_count, 'beat')} would fit {least:g} to {most:g} seconds"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
