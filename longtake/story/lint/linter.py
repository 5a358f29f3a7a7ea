"""The linter: every clip of a storyboard under every rule."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence

from longtake.errors import Place
from longtake.story.beginnings import Handover
from longtake.story.family import family_of
from longtake.story.lint.hazards import Hazard, LintedClip
from longtake.story.lint.rules import PER_CLIP, colours_change, deep
from longtake.story.parameters import joined_prompt
from longtake.story.plan import ClipPlan, Plan
from longtake.story.storyboard import Scene, Shot, Storyboard


def lint(storyboard: Storyboard, plan: Plan) -> list[Hazard]:
    """Every hazard, each once, in the order of the film. ``plan`` is the storyboard's own."""
    found: dict[tuple[str, Place], Hazard] = {}
    for hazard in _hazards(storyboard, plan):
        found.setdefault((hazard.rule, hazard.place), hazard)
    return sorted(found.values(), key=_in_film)


def _in_film(hazard: Hazard) -> tuple[float, ...]:
    """Scene, shot and beat; what is said of a whole scene or film comes after its shots."""
    numbers = [each for each in hazard.place if isinstance(each, int)]
    return tuple([*numbers, *[math.inf] * 2][:2]) + tuple(numbers[2:])


def _hazards(storyboard: Storyboard, plan: Plan) -> Iterator[Hazard]:
    places = dict(_shots(storyboard))
    for chain in plan.chains:
        clips = list(_linted(chain.clips, places, plan.clips[0].id))
        for clip in clips:
            for rule in PER_CLIP:
                yield from rule(clip)
        yield from colours_change(clips)
        yield from deep(clips)
    for planned in plan.clips:
        yield from _inert_negative_prompt(storyboard, planned, places)


Shots = dict[str, tuple[Place, Scene, Shot]]


def _shots(storyboard: Storyboard) -> Iterator[tuple[str, tuple[Place, Scene, Shot]]]:
    """Every shot by the first part of its clips' ids (`arrival/2`)."""
    for scene_index, scene in enumerate(storyboard.scenes):
        for shot_index, shot in enumerate(scene.shots):
            place = ("scenes", scene_index, "shots", shot_index)
            yield f"{scene.slug(scene_index + 1)}/{shot_index + 1}", (place, scene, shot)


def _linted(clips: Sequence[ClipPlan], shots: Shots, first_id: str) -> Iterator[LintedClip]:
    hop = 0
    for index, clip in enumerate(clips):
        hop = hop + 1 if isinstance(clip.start, Handover) else 0
        if clip.model == "own":
            continue
        shot_id, _, number = clip.id.rpartition(".")
        place, _, shot = shots[shot_id]
        beat = int(number) - 1
        yield LintedClip(
            clip.id,
            (*place, "beats", beat) if shot.beats else (*place, "prompt"),
            joined_prompt(shot.prompt, shot.beats[beat] if shot.beats else None),
            hop=hop,
            first=clip.id == first_id,
            hands_over=index + 1 < len(clips),
        )


def _inert_negative_prompt(
    storyboard: Storyboard, clip: ClipPlan, shots: Shots
) -> Iterator[Hazard]:
    """A negative prompt that the fast way of sampling never reads."""
    family = family_of(clip.model)
    fast = "go_fast" in family.fields and family.value_of("go_fast", clip.parameters, True)
    if not fast or not family.value_of("negative_prompt", clip.parameters):
        return
    place, scene, shot = shots[re.sub(r"\.\d+$", "", clip.id)]
    if shot.negative_prompt:
        where: Place = (*place, "negative_prompt")
    elif scene.look and scene.look.negative_prompt:
        where = (*place[:2], "look", "negative_prompt")
    else:
        where = ("look", "negative_prompt")
    yield Hazard(
        "inert-negative-prompt",
        where,
        "",
        "with `go_fast` (the default) the model samples without guidance, and what should not be "
        "seen is not read",
        "say in the prompt what is to be seen instead, or set `go_fast: false`",
    )
