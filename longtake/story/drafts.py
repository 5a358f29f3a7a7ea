"""Shots made definite: what is inherited is filled in, what contradicts itself is reported.

This is where rules live that need more than one value of the storyboard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from longtake.errors import Problem, StoryboardError
from longtake.story.attached import NOTHING, Attached
from longtake.story.dissolves import lay_dissolves
from longtake.story.lengths import check_length, clips_of, least_seconds
from longtake.story.long_takes import LongTake, lay_paths, long_takes
from longtake.story.look import Overrides
from longtake.story.own_shots import check_own
from longtake.story.parameters import joined_prompt, shape_of
from longtake.story.paths import Between
from longtake.story.shot_context import ShotContext
from longtake.story.shot_draft import ShotDraft, ShotPictures, ShotText
from longtake.story.storyboard import Scene, Storyboard
from longtake.story.timing import ClipFrames


def draft_shots(storyboard: Storyboard, attached: Attached = NOTHING) -> list[ShotDraft]:
    """Every shot in film order; raises StoryboardError with every problem of every shot.

    Shots that are skipped are among them, whatever may be wrong with them.
    """
    contexts = list(_contexts(storyboard, attached))
    there = [context for context in contexts if not context.shot.skip]
    lay_paths(contexts)
    lay_dissolves(there)
    takes = _takes(contexts)
    between = [each for take in takes for each in take.between()]
    drafts = [_draft(*each) for each in zip(contexts, between, strict=True)]
    for take in takes:
        take.check()
    problems = _slug_problems(storyboard.scenes)
    problems += [problem for context in there for problem in context.problems]
    if not there:
        problems.append(Problem(("scenes",), "every shot is skipped: nothing is left of the film"))
    if problems:
        raise StoryboardError(problems)
    return drafts


def takes_of(storyboard: Storyboard, attached: Attached = NOTHING) -> list[LongTake]:
    """The takes of a storyboard without problems, in film order."""
    contexts = list(_contexts(storyboard, attached))
    lay_paths(contexts)
    lay_dissolves([context for context in contexts if not context.shot.skip])
    return _takes(contexts)


def _takes(contexts: Sequence[ShotContext]) -> list[LongTake]:
    return long_takes(contexts, [clips_of(context) for context in contexts])


def _contexts(storyboard: Storyboard, attached: Attached) -> Iterator[ShotContext]:
    """Every shot in film order, with what it inherits."""
    after_skipped: str | None = None
    for scene_number, scene in enumerate(storyboard.scenes, 1):
        look = (scene.look or Overrides()).over(storyboard.look)
        before: Overrides | None = None
        for number, shot in enumerate(scene.shots, 1):
            force = shot.over(look)
            context = ShotContext(
                storyboard, scene_number, number, force, before, attached, after_skipped
            )
            yield context
            after_skipped = context.id if shot.skip else None
            before = before if shot.skip else context.force


def _slug_problems(scenes: Sequence[Scene]) -> list[Problem]:
    """Scenes whose clips would have the same ids."""
    names: dict[str, str] = {}
    problems = []
    for index, scene in enumerate(scenes):
        slug = scene.slug(index + 1)
        if slug in names:
            message = f"this scene's clips would be called `{slug}/…`, as those of `{names[slug]}`"
            problems.append(Problem(("scenes", index, "name"), f"{message}: name it differently"))
        names.setdefault(slug, scene.name)
    return problems


def _draft(context: ShotContext, between: Between | None) -> ShotDraft:
    """The shot of the context; its frames are a guess where a problem was noted."""
    shot, frames = context.shot, clips_of(context)
    _check_start(context)
    if shot.clip is None:
        prompts = _prompts(context)
        check_length(context, frames)
        if between is None:
            _check_end_image(context, frames)
    else:
        prompts = (shot.prompt or shot.clip,)
        check_own(context)
    return ShotDraft(
        id=context.id,
        scene=" ".join(context.scene.name.split()),
        number=context.number,
        family=context.family,
        force=context.force,
        text=ShotText(prompts, tuple(filter(None, (shot.prompt, *(shot.beats or ()))))),
        frames=frames,
        ends=context.ends,
        pictures=ShotPictures(context.still, shot.end_image, between),
        seed=shot.seed,
        scene_seed=context.scene.look.seed if context.scene.look else None,
        own=shot.clip,
        skipped=shot.skip,
    )


def _check_start(context: ShotContext) -> None:
    """A continued shot needs a shot before it, of its own shape."""
    if not context.continued:
        return
    if context.before is None:
        message = "a scene begins with a cut, there is no shot to continue"
        context.note(
            "start", f"{message}: use `cut` or a still, or move the shot to the scene before"
        )
    elif (was := shape_of(context.before, context.family)) != (
        shape := shape_of(context.force, context.family)
    ):
        before, now = " at ".join(was), " at ".join(shape)
        key = next((k for k in ("aspect_ratio", "resolution") if getattr(context.shot, k)), "start")
        message = f"a continued shot keeps the picture's shape, and {before} becomes {now} here"
        context.note(key, f"{message}: the seam would jump; begin the shot with `start: cut`")


def _prompts(context: ShotContext) -> tuple[str, ...]:
    """The final text of each beat, or the one for the whole shot."""
    shot, style = context.shot, context.force.style
    if shot.prompt is None and shot.beats is None:
        context.problems.append(Problem(context.place, "a shot needs a `prompt`, `beats` or both"))
    prompts = tuple(joined_prompt(shot.prompt, beat, style) for beat in shot.beats or (None,))
    longest, most = max(map(len, prompts)), context.family.most_prompt_characters
    if most is not None and longest > most:
        message = f"{longest} characters with its beat and style"
        context.note("prompt", f"{message}: `{context.family.name}` takes at most {most}")
    return prompts


def _check_end_image(context: ShotContext, frames: Sequence[ClipFrames]) -> None:
    """Only image to video takes an end image."""
    from_text = len(frames) == 1 and not context.continued and context.still is None
    if context.shot.end_image is None or not from_text:
        return
    least = least_seconds(context.ends.counts.most + 1 - context.ends.overhang, context.fps)
    message = "this shot is one clip made from text, which cannot take an end image"
    fix = f"begin it with a still or `continue`, or give it at least {least:g} seconds"
    context.note("end_image", f"{message}: {fix}")
