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

With ``best``, the seams inside the shot may be moved when the clips are there, so each of them has
handles: ``FrameCounts.handle`` frames that the clip before may lose at its end, and as many that
the clip after may lose at its beginning. They are generated on top. Where nothing is cut, as
planned, the clip after ends so much earlier: each seam stays within its own handles, however long
the shot is::

    clip 1  |·····················[---]     [---]: handles
    clip 2                      |h|[---]··········[---]|xxxxx|   x: in the file, unused
    clip 3                                          |h|[---]····
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from longtake.story.family import FrameCounts
from longtake.story.wan import WAN_FAST

USUAL_COUNTS = WAN_FAST.lengths.counts(WAN_FAST.default_fps)
"""What clips of the shipped family can have."""


@dataclass(frozen=True)
class ClipFrames:
    """The frames of one clip, counted at each stage.

    ``num_frames`` is what the service is asked for, ``frame_count`` what the file must hold at
    least, ``skip_frames`` how many of its first frames repeat the clip before (0 or 1), and
    ``kept_frame_count`` how many of the following ones are in the film. Of these, a splice may cut
    ``handle_frame_count`` at the end.
    """

    num_frames: int
    frame_count: int
    skip_frames: int
    kept_frame_count: int
    handle_frame_count: int = 0


@dataclass(frozen=True)
class ShotEnds:
    """How the clips of a shot begin, end and meet, as far as it changes their frames.

    ``continued``: the first clip repeats the frame it was handed. ``whole_end``: the last clip
    must be shown to its end. ``best``: seams inside the shot have handles. ``head`` and ``tail``
    are the frames of the dissolves that the shot begins and ends with, 0 for none. ``counts`` are
    the frame counts that its clips can have.
    """

    continued: bool = False
    whole_end: bool = False
    best: bool = False
    head: int = 0
    tail: int = 0
    counts: FrameCounts = USUAL_COUNTS

    @property
    def overhang(self) -> int:
        """Frames that the shot has in the film before it begins and after it ends."""
        return leading(self.head) + trailing(self.tail)

    def splices(self, clip_count: int) -> int:
        """How many seams have handles: the first ones. A last clip shown whole cannot move."""
        return max(0, clip_count - 1 - int(self.whole_end)) if self.best else 0

    def most(self, clip_count: int) -> int:
        """The most frames that so many clips make: each repeats a frame of the one before."""
        if clip_count == 0:
            return 0
        handles = 2 * self.counts.handle * self.splices(clip_count)
        return (self.counts.most - 1) * clip_count + 1 - int(self.continued) - handles


def leading(dissolve_frame_count: int) -> int:
    """How many frames of a dissolve lie before the cut that it is centred on."""
    return dissolve_frame_count - trailing(dissolve_frame_count)


def trailing(dissolve_frame_count: int) -> int:
    """How many frames of a dissolve lie after the cut that it is centred on."""
    return dissolve_frame_count // 2


def clip_frames(
    num_frames: int, *, continued: bool, counts: FrameCounts = USUAL_COUNTS
) -> ClipFrames:
    """The frames of a clip whose count the author chose.

    Counts between the clean ones are sent as the next clean count and trimmed to what was asked
    for. Beyond the last of them it is certain only that so many come: no more are kept.
    """
    skip_frames = int(continued)
    clean = next((count for count in counts.clean if count >= num_frames), None)
    if clean is None:
        asked = min(num_frames, counts.most_asked)
        return ClipFrames(asked, counts.most, skip_frames, counts.most - skip_frames)
    return ClipFrames(clean, clean, skip_frames, num_frames - skip_frames)


def chosen_run(num_frames: int, clip_count: int, ends: ShotEnds) -> tuple[ClipFrames, ...]:
    """So many clips of the count that the author chose: handles and dissolves come out of them.

    What was generated beyond the chosen count is used for them first.
    """
    clips = [
        clip_frames(num_frames, continued=ends.continued or index > 0, counts=ends.counts)
        for index in range(clip_count)
    ]
    wanted = [clip.kept_frame_count for clip in clips]
    wanted[-1] += ends.overhang
    room = _room(clips, ends)
    return _kept(clips, [min(pair) for pair in zip(wanted, room, strict=True)], ends)


def cheapest_run(frame_count: int, ends: ShotEnds) -> tuple[ClipFrames, ...]:
    """The fewest clips that make ``frame_count`` frames (>= 1), with the least surplus.

    The service bills by the clip, so fewer is cheaper. What the clips must have above their least
    count is spread evenly: the earlier ones get the odd steps. The surplus is trimmed from the end
    of the last clip as far as its dissolve permits, or with ``whole_end`` (and more than one clip)
    from the end of the one before, so that the shot arrives where its last clip does.
    """
    return _run(fewest_clips(frame_count, ends), frame_count, ends)


def beat_run(clip_count: int, frame_count: int, ends: ShotEnds) -> tuple[ClipFrames, ...]:
    """Exactly ``clip_count`` clips that make ``frame_count`` frames: one for each beat.

    Where that is more than the fewest, clips are shorter than they are generated: each loses about
    as much, so that every beat is seen. Possible for ``beat_range``; outside it, the cheapest run.
    """
    low, high = beat_range(clip_count, ends)
    if not low <= frame_count <= high:
        return cheapest_run(frame_count, ends)
    return _run(clip_count, frame_count, ends)


def beat_range(clip_count: int, ends: ShotEnds) -> tuple[int, int]:
    """The frames that ``clip_count`` clips (>= 1) can make, a beat each, both included."""
    whole = int(ends.whole_end)
    shown = ends.counts.least_shown * (clip_count - whole) + ends.counts.least * whole
    low = min(frame_range(clip_count, ends)[0], shown + ends.overhang)
    return low, ends.most(clip_count)


def _run(clip_count: int, frame_count: int, ends: ShotEnds) -> tuple[ClipFrames, ...]:
    repeats = clip_count - 1 + int(ends.continued)
    handles = 2 * ends.counts.handle * ends.splices(clip_count)
    counts = _spread(frame_count + repeats + handles, clip_count, ends.counts.clean)
    clips = [
        clip_frames(num_frames, continued=ends.continued or index > 0, counts=ends.counts)
        for index, num_frames in enumerate(counts)
    ]
    room = _room(clips, ends)
    more_than_needed = clip_count > fewest_clips(frame_count, ends)
    trim = _trimmed_evenly if more_than_needed else _trimmed
    return _kept(clips, trim(room, sum(room) - frame_count, ends), ends)


def _spread(frame_count: int, clip_count: int, clean: Sequence[int]) -> list[int]:
    """So many clips with at least ``frame_count`` frames in all: next to each other's count.

    As many as needed, the earlier ones, have one count more than the others.
    """
    enough = (index for index, each in enumerate(clean) if each * clip_count >= frame_count)
    level = next(enough, len(clean) - 1)
    less, more = clean[max(0, level - 1)], clean[level]
    longer = -(-(frame_count - less * clip_count) // (more - less)) if more > less else clip_count
    return [more if index < longer else less for index in range(clip_count)]


def fewest_clips(frame_count: int, ends: ShotEnds) -> int:
    """How many clips are needed at least."""
    without_handles = -(-(frame_count - 1 + int(ends.continued)) // (ends.counts.most - 1))
    counts = itertools.count(max(1, without_handles))
    return next(clip_count for clip_count in counts if ends.most(clip_count) >= frame_count)


def frame_range(clip_count: int, ends: ShotEnds) -> tuple[int, int]:
    """The frames for which ``clip_count`` clips (>= 1) are the cheapest run, both included."""
    return ends.most(clip_count - 1) + 1, ends.most(clip_count)


def _room(clips: Sequence[ClipFrames], ends: ShotEnds) -> list[int]:
    """The most frames that each clip can keep, whatever the splice before it cuts."""
    spliced = ends.splices(len(clips))
    return [
        clip.frame_count - clip.skip_frames - 2 * ends.counts.handle * (1 <= index <= spliced)
        for index, clip in enumerate(clips)
    ]


def _trimmed(room: Sequence[int], surplus: int, ends: ShotEnds) -> list[int]:
    """What the clips keep of the room they have once the surplus is gone."""
    kept = list(room)
    last = len(kept) - 1
    # A dissolve is made of two clips only: its frames must be in the one that it lies in.
    from_last = max(0, min(surplus, kept[last] - max(1, ends.tail)))
    if ends.whole_end and last > 0:
        from_last = 0
    kept[last] -= from_last
    kept[max(0, last - 1)] -= surplus - from_last
    return kept


def _trimmed_evenly(room: Sequence[int], surplus: int, ends: ShotEnds) -> list[int]:
    """What the clips keep where all are trimmed to one length, but for odd frames.

    With ``whole_end`` the last of several is shown to its end, and the others are trimmed.
    """
    whole = list(room[-1:]) if ends.whole_end and len(room) > 1 else []
    trimmed = room[: len(room) - len(whole)]
    left = sum(trimmed) - surplus
    level = left // len(trimmed)
    while level < max(trimmed) and sum(min(most, level + 1) for most in trimmed) <= left:
        level += 1
    kept = [min(most, level) for most in trimmed]
    longer = [index for index, most in enumerate(trimmed) if most > level]
    for index in longer[: left - sum(kept)]:
        kept[index] += 1
    return kept + whole


def _kept(
    clips: Sequence[ClipFrames], kept: Sequence[int], ends: ShotEnds
) -> tuple[ClipFrames, ...]:
    """The clips with what they keep, and with their handles."""
    spliced = ends.splices(len(clips))
    return tuple(
        replace(
            clip,
            kept_frame_count=kept[index],
            handle_frame_count=ends.counts.handle if index < spliced else 0,
        )
        for index, clip in enumerate(clips)
    )
