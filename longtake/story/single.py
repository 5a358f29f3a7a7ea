"""Clips that are asked for one by one, without a storyboard, and the film that they make. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from longtake.errors import Problem, StoryboardError
from longtake.story.beginnings import Anchor, Handover
from longtake.story.by_family import reading_for, unknown_family
from longtake.story.explain import explain
from longtake.story.family import Family, family_named, shipped
from longtake.story.look import Look
from longtake.story.parameters import joined_prompt, pixel_size, shape_of
from longtake.story.plan import Plan
from longtake.story.planner import ShotClips, plan_of_shots
from longtake.story.shot_draft import ShotDraft, ShotPictures, ShotText
from longtake.story.timing import ShotEnds, clip_frames

SCENE = "clip"
"""What clips without a storyboard are named after: `clip/1.1`, `clip/2.1`."""

_NOT_OF_ONE_CLIP = {"handover": "a clip hands over the frame that you take of it"}


def single_shot(
    number: int,
    prompt: str,
    parameters: Mapping[str, Any],
    *,
    still: str | None = None,
    end_image: str | None = None,
    continued: bool = False,
) -> ShotDraft:
    """A shot of one clip; ``parameters`` are those of a storyboard's `look`, and its `family`.

    Raises StoryboardError with every problem.
    """
    asked = dict(parameters)
    family = _family(asked.pop("family", shipped().name))
    problems = [Problem((name,), says) for name, says in _NOT_OF_ONE_CLIP.items() if name in asked]
    if not prompt.strip():
        problems.append(Problem(("prompt",), "says nothing"))
    try:
        with reading_for(family):
            force = Look.model_validate(asked)
    except ValidationError as error:
        raise StoryboardError([*problems, *explain(error, Look, asked)]) from None
    if problems:
        raise StoryboardError(problems)
    fps = force.frames_per_second or family.default_fps
    counts = family.lengths.counts(fps)
    num_frames = force.num_frames or family.lengths.frames(family.lengths.default, fps)
    return ShotDraft(
        id=f"{SCENE}/{number}",
        scene=SCENE,
        number=number,
        family=family,
        force=force,
        text=ShotText((joined_prompt(prompt, force.style),), (prompt,)),
        pictures=ShotPictures(still, end_image, None),
        frames=(clip_frames(num_frames, continued=continued, counts=counts),),
        ends=ShotEnds(continued=continued, counts=counts),
        seed=force.seed,
        scene_seed=None,
    )


def fps_of(shot: ShotDraft) -> int:
    """Frames per second of a shot of one clip."""
    said = shot.force.frames_per_second if isinstance(shot.force, Look) else None
    return said or shot.family.default_fps


def _family(name: object) -> Family:
    if not isinstance(name, str) or (family := family_named(name)) is None:
        raise StoryboardError([Problem(("family",), unknown_family(name))])
    return family


def shape_to_keep(shot: ShotDraft) -> dict[str, Any]:
    """The parameters of a clip that starts from a frame of this shot."""
    resolution, aspect_ratio = shape_of(shot.force, shot.family)
    return {
        "family": shot.family.name,
        "resolution": resolution,
        "aspect_ratio": aspect_ratio,
        "frames_per_second": fps_of(shot),
    }


def film_of(title: str, shots: Iterable[ShotClips], base_seed: int) -> Plan:
    """The plan of a film of such shots, in this order.

    A clip that begins from the last frame of the one right before it continues it; one that begins
    from another frame of another clip comes after a cut. Raises StoryboardError where the shots
    cannot be one film.
    """
    laid = list(_laid(shots))
    first = laid[0][0] if laid else single_shot(1, "nothing", {})
    if len({clips[0].id for _, clips in laid}) < len(laid):
        raise StoryboardError([Problem(("clips",), "a clip can be in a film once")])
    if len({fps_of(shot) for shot, _ in laid}) > 1:
        raise StoryboardError([Problem(("clips",), "a film has one frame rate")])
    width, height = pixel_size(first.force, first.family)
    return plan_of_shots(
        laid,
        title=" ".join(title.split()),
        storyboard_sha256="",
        fps=fps_of(first),
        width=width,
        height=height,
        base_seed=base_seed,
        seeds_drawn=True,
    )


def _laid(shots: Iterable[ShotClips]) -> Iterator[ShotClips]:
    """The shots one after another, each clip begun as it is in this film."""
    frame_index, before = 0, Handover(clip_id="", frame_index=0)
    for shot, (clip,) in shots:
        changes: dict[str, Any] = {"first_frame_index": frame_index}
        if isinstance(clip.start, Handover) and clip.start != before:
            shot = replace(shot, ends=replace(shot.ends, continued=False))
            changes["start"] = Anchor(
                clip_id=clip.start.clip_id, frame_index=clip.start.frame_index
            )
            changes["kept_frame_count"] = clip.kept_frame_count + clip.skip_frames
            changes["skip_frames"] = 0
        placed = clip.model_copy(update=changes)
        before = Handover(clip_id=clip.id, frame_index=clip.last_kept_frame_index)
        frame_index += placed.kept_frame_count
        yield shot, (placed,)
