"""What an emulator is told about a render besides its requests: it draws what is written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from longtake.story import ClipPlan, Plan, Storyboard

if TYPE_CHECKING:
    from longtake.emulator import ClipNotes


def clip_notes(storyboard: Storyboard, plan: Plan) -> Iterator[tuple[ClipPlan, ClipNotes]]:
    """Each clip of the plan with the authored parts of its prompt.

    Nothing of it goes over the wire: the service is sent the same with and without.
    """
    from longtake.emulator import ClipNotes  # a render that pays does without it

    scenes = {scene.slug(number): scene for number, scene in enumerate(storyboard.scenes, start=1)}
    for clip in plan.clips:
        slug, _, place = clip.id.rpartition("/")
        scene = scenes[slug]
        shot_number, clip_number = (int(one) for one in place.split("."))
        shot = scene.shots[shot_number - 1]
        beats = shot.beats or ()
        beat = beats[min(clip_number, len(beats)) - 1] if beats else ""
        look = shot.over((scene.look).over(storyboard.look) if scene.look else storyboard.look)
        yield (clip, ClipNotes(clip.id, scene.name, shot.prompt or "", beat, look.style or ""))
    for guide in plan.guides:
        slug, _, place = guide.clip.id.rpartition("/")
        scene = scenes[slug]
        shot = scene.shots[int(place.split(".")[0]) - 1]
        actions = ", then ".join(shot.beats or ())
        yield guide.clip, ClipNotes(guide.clip.id, scene.name, shot.prompt or "", actions, "")
