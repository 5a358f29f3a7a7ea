"""How many frames: from the seconds that are wanted to the counts that are generated.

::

    a shot of 3 clips, continued from the shot before, T = 250 film frames

    clip 1  |h|···················|         h: the frame handed over, a repeat: skipped
    clip 2                      |h|···················|
    clip 3                                          |h|··········|xxxxx|   x: surplus, trimmed
            film: <-------------------- T ---------------------->

The surplus is trimmed at the end of the shot. What continues does so from the last frame that is
kept, so trimming never shows as a jump. A shot with an end image must arrive there: its surplus is
trimmed from its last clip but one.
"""

from __future__ import annotations

from dataclasses import dataclass

from longtake.story.model import CLEAN_FRAME_COUNTS

_LEAST = CLEAN_FRAME_COUNTS[0]
_MOST = CLEAN_FRAME_COUNTS[-1]
_STEP = CLEAN_FRAME_COUNTS[1] - CLEAN_FRAME_COUNTS[0]


@dataclass(frozen=True)
class ClipFrames:
    """The frames of one clip, counted at each stage.

    ``num_frames`` is what the service is asked for, ``frame_count`` what the file must hold at
    least, ``skip_frames`` how many of its first frames repeat the clip before (0 or 1), and
    ``kept_frame_count`` how many of the following ones are in the film.
    """

    num_frames: int
    frame_count: int
    skip_frames: int
    kept_frame_count: int
    handle_frame_count: int = 0


def clip_frames(num_frames: int, *, continued: bool) -> ClipFrames:
    """The frames of a clip whose count the author chose (81-100).

    Counts between the clean ones are sent as the next clean count and trimmed to what was asked
    for. From 98 on there is none: pipelines round to 97 or 101 without a word, so 97 is kept.
    """
    skip_frames = int(continued)
    clean = next((count for count in CLEAN_FRAME_COUNTS if count >= num_frames), None)
    if clean is None:
        return ClipFrames(num_frames, _MOST, skip_frames, _MOST - skip_frames)
    return ClipFrames(clean, clean, skip_frames, num_frames - skip_frames)


def cheapest_run(
    film_frame_count: int, *, continued: bool, whole_end: bool = False
) -> tuple[ClipFrames, ...]:
    """The fewest clips that make ``film_frame_count`` frames (>= 1), with the least surplus.

    The service bills by the clip, so fewer is cheaper. What the clips must have above their least
    count is spread evenly: the earlier ones get the odd steps. The surplus is trimmed from the end
    of the last clip, or with ``whole_end`` (and more than one clip) from the end of the one before,
    so that the shot arrives where its last clip does.
    """
    clip_count = fewest_clips(film_frame_count, continued=continued)
    repeats = clip_count - 1 + int(continued)
    missing = film_frame_count + repeats - _LEAST * clip_count
    steps = max(0, -(-missing // _STEP))
    every, odd = divmod(steps, clip_count)
    counts = [_LEAST + _STEP * (every + (index < odd)) for index in range(clip_count)]
    surplus = sum(counts) - repeats - film_frame_count
    trimmed = max(0, clip_count - 1 - int(whole_end))
    return tuple(
        ClipFrames(
            num_frames=count,
            frame_count=count,
            skip_frames=skip,
            kept_frame_count=count - skip - (surplus if index == trimmed else 0),
        )
        for index, count in enumerate(counts)
        for skip in (int(continued or index > 0),)
    )


def fewest_clips(film_frame_count: int, *, continued: bool) -> int:
    """How many clips are needed at least: the first one adds 97 frames or, continued, 96."""
    return max(1, -(-(film_frame_count - 1 + int(continued)) // (_MOST - 1)))


def frame_range(clip_count: int, *, continued: bool) -> tuple[int, int]:
    """The film frames for which ``clip_count`` clips (>= 1) are the cheapest run, both included."""

    def most(clips: int) -> int:
        return (_MOST - 1) * clips + 1 - int(continued) if clips else 0

    return most(clip_count - 1) + 1, most(clip_count)
