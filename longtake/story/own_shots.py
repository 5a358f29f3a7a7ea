"""Shots with a clip of one's own: how long they are, and what cannot be said of them."""

from __future__ import annotations

from longtake.story.named_files import is_web
from longtake.story.shot_context import ShotContext
from longtake.story.timing import ClipFrames

USUAL_SECONDS = 5.0
"""Of a clip that is not known yet."""

OF_ANY_SHOT = frozenset(
    {"clip", "prompt", "seconds", "start", "voice", "sound", "captions", "skip"}
)
"""The keys that mean something where nothing is generated."""


def own_frames(context: ShotContext) -> ClipFrames:
    """The frames of the clip that the film has: all of them, or as many as `seconds` say.

    The dissolves at its ends are of its own frames, so a shot of all of them is shorter by half of
    each.
    """
    there = _there(context)
    wanted = there
    if isinstance(context.shot.seconds, int | float):
        wanted = max(1, round(context.shot.seconds * context.fps)) + context.ends.overhang
    kept = min(wanted, there)
    return ClipFrames(num_frames=there, frame_count=there, skip_frames=0, kept_frame_count=kept)


def check_own(context: ShotContext) -> None:
    """Note what contradicts itself in a shot with a clip of one's own."""
    shot = context.shot
    if is_web(shot.clip or "") and not isinstance(shot.seconds, int | float):
        context.note(
            "clip", "of a clip behind an address say how much is shown: give the shot `seconds`"
        )
        return
    for key in sorted(shot.model_fields_set - OF_ANY_SHOT):
        if getattr(shot, key) is not None:
            context.note(
                key, "is of clips that are generated, and this one is your own: leave it out"
            )
    if shot.seconds == "voice":
        context.note("seconds", "a clip of your own has its own length: give a number, or none")
    if context.still is not None or shot.start == "continue":
        context.note("start", "a clip of your own begins as it is: use `cut` or a dissolve")
    there, wanted = _there(context), context.ends.overhang + 1
    if isinstance(shot.seconds, int | float):
        wanted = round(shot.seconds * context.fps) + context.ends.overhang
    if wanted > there:
        seconds = there / context.fps
        context.note(
            "seconds" if shot.seconds else "clip",
            f"the clip has {seconds:.2f} seconds, and {wanted / context.fps:.2f} are needed "
            "(its dissolves included): use a longer clip, or less of it",
        )


def _there(context: ShotContext) -> int:
    """How many of the film's frames the clip fills; behind an address, as many as are shown."""
    if is_web(context.shot.clip or "") and isinstance(context.shot.seconds, int | float):
        return max(1, round(context.shot.seconds * context.fps)) + context.ends.overhang
    seconds = context.attached.clip_seconds.get(context.shot.clip or "", USUAL_SECONDS)
    return max(1, int(seconds * context.fps + 1e-3))
