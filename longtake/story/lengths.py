"""How long a shot is: its clips and their frames, by ``seconds`` or by ``num_frames``."""

from __future__ import annotations

import math
from collections.abc import Sequence

from longtake.figures import counted
from longtake.story.own_shots import own_frames
from longtake.story.shot_context import ShotContext
from longtake.story.sound import Voice
from longtake.story.timing import (
    ClipFrames,
    beat_range,
    beat_run,
    cheapest_run,
    chosen_run,
    fewest_clips,
    leading,
)

ARRIVAL_FRAMES = 4
"""So many frames a shot may end before its clip arrives at the end image: nobody sees that."""

_MOST_SECONDS = 3600.0
"""Of a shot."""

_USUAL_SECONDS = 5.0


def clips_of(context: ShotContext) -> tuple[ClipFrames, ...]:
    """The frames of each clip of the shot; where its length is wrong, of the nearest right one."""
    shot = context.shot
    if shot.clip is not None:
        return (own_frames(context),)
    seconds = seconds_of(context)
    if seconds is None:
        num_frames = context.force.num_frames or context.default_num_frames
        return chosen_run(num_frames, len(shot.beats or "1"), context.ends)
    return _run_of(context, seconds)


def seconds_of(context: ShotContext) -> float | None:
    """How long the shot is to be in the film; None where `num_frames` decide.

    `seconds: voice` are as many as all its voices need, each of which waits for its beat, and
    enough for a clip for each beat.
    """
    if context.shot.seconds != "voice":
        return context.shot.seconds
    voices = [
        None if voice is None else voice.at + _voice_seconds(context, voice)
        for voice in context.shot.voice or ()
    ]
    least = beat_range(len(context.shot.beats or "1"), context.ends)[0] - context.ends.overhang
    least = least if context.shot.beats else 1
    seconds = max(least / context.fps, sum(voice or 0 for voice in voices))
    while True:
        starts = _starts(_run_of(context, seconds), context)
        needed = _said_until(voices, starts)
        if needed <= seconds + 1e-6 or needed > _MOST_SECONDS:
            # Up to the next whole frame, so that no voice is cut.
            return math.ceil(seconds * context.fps - 1e-6) / context.fps
        seconds = needed


def _voice_seconds(context: ShotContext, voice: Voice) -> float:
    """How long a voice is; of one that is not known, some usual length."""
    known = context.attached.sound_seconds.get(voice.file)
    return _USUAL_SECONDS if known is None else max(0.0, known - voice.from_)


def _said_until(voices: Sequence[float | None], starts: Sequence[float]) -> float:
    """When the last voice has ended, each beginning with its clip or after the one before."""
    until = 0.0
    for number, voice in enumerate(voices):
        if voice is not None:
            begin = starts[number] if number < len(starts) else 0.0
            until = max(begin, until) + voice
    return until


def _starts(clips: Sequence[ClipFrames], context: ShotContext) -> list[float]:
    """When each clip begins, in seconds after the shot's beginning."""
    kept = [clip.kept_frame_count for clip in clips]
    lead = leading(context.head)
    return [max(0, sum(kept[:number]) - lead) / context.fps for number in range(len(kept))]


def _run_of(context: ShotContext, seconds: float) -> tuple[ClipFrames, ...]:
    # The dissolves at its ends overhang the shot, which has its seconds all the same.
    wanted = max(1, round(seconds * context.fps)) + context.ends.overhang
    if context.shot.beats is None:
        return cheapest_run(wanted, context.ends)
    return beat_run(len(context.shot.beats), wanted, context.ends)


def film_frame_count(context: ShotContext, clips: Sequence[ClipFrames]) -> int:
    """How long the shot is in the film: from the middle of one dissolve to that of the other."""
    return sum(clip.kept_frame_count for clip in clips) - context.ends.overhang


def check_length(context: ShotContext, clips: Sequence[ClipFrames]) -> None:
    """Note what contradicts itself in the shot's length, with the lengths that would do."""
    shot, seconds = context.shot, seconds_of(context)
    if shot.seconds == "voice" and not any(shot.voice or ()):
        context.note("seconds", "the shot has no `voice` to take its length from")
    if seconds is None:
        if film_frame_count(context, clips) < 1:
            context.note("num_frames", "nothing is left of this shot between its two dissolves")
        return
    if shot.num_frames is not None:
        context.note(
            "num_frames", "`seconds` and `num_frames` both give the length: keep one of them"
        )
    if round(seconds * context.fps) < 1:
        least = least_seconds(1, context.fps)
        context.note(
            "seconds", f"less than one frame at {context.fps} a second: at least {least:g}"
        )
    _check_arrival(context, film_frame_count(context, clips))
    if shot.beats is not None and len(shot.beats) != len(clips):
        _note_beats(context, seconds, len(shot.beats))


def least_seconds(frame_count: int, fps: int) -> float:
    """The least seconds, in hundredths, that are so many frames."""
    return math.ceil(frame_count / fps * 100) / 100


def most_seconds(frame_count: int, fps: int) -> float:
    """The most seconds, in hundredths, that are no more than so many frames."""
    return int(frame_count / fps * 100) / 100


def _check_arrival(context: ShotContext, frame_count: int) -> None:
    """A shot that moves towards an end image lasts as long as the clip that arrives there."""
    least = context.ends.counts.least - int(context.continued) - context.ends.overhang
    if context.shot.end_image is not None and frame_count < least - ARRIVAL_FRAMES:
        message = "the shot is over long before its clip arrives at the end image"
        nearest = least_seconds(max(1, least - ARRIVAL_FRAMES), context.fps)
        whole = least_seconds(least, context.fps)
        fix = f"give it {nearest:g} seconds, {whole:g} to see it arrive, or leave out `end_image`"
        context.note("seconds", f"{message}: {fix}")


def _note_beats(context: ShotContext, seconds: float, beat_count: int) -> None:
    """The beats do not fit the seconds: offer the nearest seconds, and the nearest beats."""
    wanted = max(1, round(seconds * context.fps)) + context.ends.overhang
    low, high = beat_range(beat_count, context.ends)
    # Rounded inwards: what is offered, typed as it is shown, fits.
    if wanted < low:
        nearest = least_seconds(max(1, low - context.ends.overhang), context.fps)
    else:
        nearest = most_seconds(high - context.ends.overhang, context.fps)
    fitting = _nearest_beats(wanted, beat_count, context)
    beats = counted(beat_count, "beat")
    context.note(
        "beats",
        f"{beats} cannot fill {seconds:g} seconds, a clip for each: "
        f"{beats} in {nearest:g} seconds would do, or {counted(fitting, 'beat')} in {seconds:g}",
    )


def _nearest_beats(frame_count: int, beat_count: int, context: ShotContext) -> int:
    """The number of beats nearest to ``beat_count`` that fits; the fewest clips always do."""
    fewest = fewest_clips(frame_count, context.ends)
    step = 1 if beat_count < fewest else -1
    counts = range(beat_count, fewest, step)
    fits = (n for n in counts if _fits(n, frame_count, context))
    return next(fits, fewest)


def _fits(clip_count: int, frame_count: int, context: ShotContext) -> bool:
    low, high = beat_range(clip_count, context.ends)
    return low <= frame_count <= high
