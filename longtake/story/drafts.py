"""Shots made definite: what is inherited is filled in, what contradicts itself is reported.

This is where rules live that need more than one value of the storyboard.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from longtake.errors import Problem, StoryboardError
from longtake.story.look import Overrides
from longtake.story.model import (
    CLEAN_FRAME_COUNTS,
    DEFAULT_ASPECT_RATIO,
    DEFAULT_FPS,
    DEFAULT_NUM_FRAMES,
    DEFAULT_RESOLUTION,
    AspectRatio,
    Resolution,
)
from longtake.story.parameters import joined_prompt
from longtake.story.storyboard import START_WORDS, Scene, Shot, Storyboard
from longtake.story.timing import ClipFrames, cheapest_run, clip_frames, frame_range

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class ShotDraft:
    """A shot that contradicts nothing: ready to be laid into the film."""

    id: str
    scene: str
    number: int
    force: Overrides
    """The parameters in force."""
    prompts: tuple[str, ...]
    """The final text of each clip, or one for all."""
    frames: tuple[ClipFrames, ...]
    """The frames of each clip."""
    continued: bool
    still: str | None
    end_image: str | None
    seed: int | None
    """The shot's own seed, for its first clip as it is."""
    scene_seed: int | None

    def prompt(self, clip_index: int) -> str:
        """The final text of the clip (0-based)."""
        return self.prompts[min(clip_index, len(self.prompts) - 1)]


@dataclass
class _Desk:
    """A shot under examination; what is wrong with it is noted with its place."""

    scene: Scene
    shot: Shot
    place: Place
    force: Overrides
    before: Overrides | None
    """The parameters in force in the scene's shot before, None for its first shot."""
    fps: int
    problems: list[Problem] = field(default_factory=list)

    @property
    def continued(self) -> bool:
        default = "cut" if self.before is None else "continue"
        return (self.shot.start or default) == "continue"

    @property
    def still(self) -> str | None:
        return None if self.shot.start in (None, *START_WORDS) else self.shot.start

    def note(self, key: str, message: str) -> None:
        self.problems.append(Problem((*self.place, key), message))


def draft_shots(storyboard: Storyboard) -> list[ShotDraft]:
    """Every shot in film order; raises StoryboardError with every problem of every shot."""
    fps = storyboard.look.frames_per_second or DEFAULT_FPS
    drafts: list[ShotDraft] = []
    problems = _slug_problems(storyboard.scenes)
    for scene_index, scene in enumerate(storyboard.scenes):
        look = (scene.look or Overrides()).over(storyboard.look)
        before: Overrides | None = None
        for shot_index, shot in enumerate(scene.shots):
            place = ("scenes", scene_index, "shots", shot_index)
            desk = _Desk(scene, shot, place, shot.over(look), before, fps)
            drafts.append(_draft(desk, scene.slug(scene_index + 1), shot_index + 1))
            problems += desk.problems
            before = desk.force
    if problems:
        raise StoryboardError(problems)
    return drafts


def shape_of(force: Overrides) -> tuple[Resolution, AspectRatio]:
    """Resolution and aspect ratio in force."""
    return force.resolution or DEFAULT_RESOLUTION, force.aspect_ratio or DEFAULT_ASPECT_RATIO


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


def _draft(desk: _Desk, slug: str, number: int) -> ShotDraft:
    """The shot of the desk; its frames are a guess where a problem was noted."""
    shot = desk.shot
    _check_start(desk)
    prompts = _prompts(desk)
    frames = _frames(desk)
    _check_end_image(desk, frames)
    return ShotDraft(
        id=f"{slug}/{number}",
        scene=" ".join(desk.scene.name.split()),
        number=number,
        force=desk.force,
        prompts=prompts,
        frames=frames,
        continued=desk.continued,
        still=desk.still,
        end_image=shot.end_image,
        seed=shot.seed,
        scene_seed=desk.scene.look.seed if desk.scene.look else None,
    )


def _check_start(desk: _Desk) -> None:
    """A continued shot needs a shot before it, of its own shape."""
    if not desk.continued:
        return
    if desk.before is None:
        message = "a scene begins with a cut, there is no shot to continue"
        desk.note("start", f"{message}: use `cut` or a still, or move the shot to the scene before")
    elif shape_of(desk.before) != shape_of(desk.force):
        before, now = (" at ".join(shape_of(force)) for force in (desk.before, desk.force))
        key = next((k for k in ("aspect_ratio", "resolution") if getattr(desk.shot, k)), "start")
        message = f"a continued shot keeps the picture's shape, and {before} becomes {now} here"
        desk.note(key, f"{message}: the seam would jump; begin the shot with `start: cut`")


def _prompts(desk: _Desk) -> tuple[str, ...]:
    """The final text of each beat, or the one for the whole shot."""
    shot, style = desk.shot, desk.force.style
    if shot.prompt is None and shot.beats is None:
        desk.problems.append(Problem(desk.place, "a shot needs a `prompt`, `beats` or both"))
    return tuple(joined_prompt(shot.prompt, beat, style) for beat in shot.beats or (None,))


def _frames(desk: _Desk) -> tuple[ClipFrames, ...]:
    """The frames of each clip, by ``seconds`` or by ``num_frames``."""
    shot, continued = desk.shot, desk.continued
    if shot.seconds is not None and shot.num_frames is not None:
        desk.note("num_frames", "`seconds` and `num_frames` both give the length: keep one of them")
    if shot.seconds is not None:
        return _frames_of_seconds(desk, shot.seconds)
    num_frames = desk.force.num_frames or DEFAULT_NUM_FRAMES
    return tuple(
        clip_frames(num_frames, continued=continued or index > 0)
        for index in range(len(shot.beats or "1"))
    )


def _frames_of_seconds(desk: _Desk, seconds: float) -> tuple[ClipFrames, ...]:
    """The cheapest run for the seconds, which must be as many clips as there are beats."""
    film_frame_count = round(seconds * desk.fps)
    if film_frame_count < 1:
        shortest = math.ceil(100 / desk.fps) / 100
        desk.note("seconds", f"less than one frame at {desk.fps} a second: at least {shortest:g}")
        film_frame_count = 1
    ends_at_image = desk.shot.end_image is not None
    run = cheapest_run(film_frame_count, continued=desk.continued, whole_end=ends_at_image)
    least_generated = CLEAN_FRAME_COUNTS[0] - int(desk.continued)
    if ends_at_image and film_frame_count < least_generated:
        least = math.ceil(least_generated / desk.fps * 100) / 100
        message = "the shot is over long before its clip arrives at the end image"
        desk.note("seconds", f"{message}: give it {least:g} seconds or leave out `end_image`")
    beats = desk.shot.beats
    if beats is not None and len(beats) != len(run):
        low, high = frame_range(len(beats), continued=desk.continued)
        # Rounded inwards: both ends, typed as they are shown, are that many clips.
        least, most = math.ceil(low / desk.fps * 100) / 100, int(high / desk.fps * 100) / 100
        fits = f"{_count(len(beats), 'beat')} would fit {least:g} to {most:g} seconds"
        made = f"{seconds:g} seconds are made of {_count(len(run), 'clip')}"
        desk.note("beats", f"{made}, one for each beat; {fits}")
    return run


def _check_end_image(desk: _Desk, frames: Sequence[ClipFrames]) -> None:
    """Only image to video takes an end image."""
    from_text = len(frames) == 1 and not desk.continued and desk.still is None
    if desk.shot.end_image is None or not from_text:
        return
    least = math.ceil((CLEAN_FRAME_COUNTS[-1] + 1) / desk.fps * 100) / 100
    message = "this shot is one clip made from text, which cannot take an end image"
    mend = f"begin it with a still or `continue`, or give it at least {least:g} seconds"
    desk.note("end_image", f"{message}: {mend}")


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
