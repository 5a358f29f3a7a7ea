"""Long takes as they are written: which path each goes, and what its clips lie between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from longtake.errors import Problem
from longtake.story.lengths import ARRIVAL_FRAMES, least_seconds, most_seconds
from longtake.story.paths import MAX_LEAVES, Between, TakePath, TakeShape, pictures_of
from longtake.story.shot_context import ShotContext
from longtake.story.storyboard import PathWord
from longtake.story.timing import ClipFrames

Frames = Sequence[Sequence[ClipFrames]]
"""Of each shot, the frames of its clips."""


@dataclass(frozen=True)
class LongTake:
    """Shots without a cut between them; ``frames`` are those of their clips."""

    contexts: tuple[ShotContext, ...]
    frames: tuple[Sequence[ClipFrames], ...]

    @property
    def id(self) -> str:
        """The id of its first shot."""
        return self.contexts[0].id

    @property
    def as_they_are(self) -> bool:
        """Whether some of its shots are not generated: the others then hand over as ever."""
        shots = [context.shot for context in self.contexts]
        return any(shot.skip or shot.clip is not None for shot in shots)

    @property
    def guide(self) -> str:
        """What its guide is called, if it has one."""
        return f"{self.id}.guide"

    @property
    def shape(self) -> TakeShape:
        """What decides which paths it can have."""
        force = self.contexts[0].force
        settled = force.continuity.settled().colour if force.continuity else "paired"
        return TakeShape(tuple(self.stills()), settled)

    @property
    def path(self) -> TakePath:
        """The path it goes."""
        authored = self.contexts[0].path
        if authored == "chain" or self.as_they_are:
            return "chain"
        if not self.shape.is_long and not any(self.shape.stills[1:]):
            return "chain"
        if authored != "auto":
            return authored
        return self.shape.auto() if self.may("tree") else "chain"

    def may(self, path: TakePath) -> bool:
        """Whether the models can go that path: all but a chain need end images."""
        return path == "chain" or "end_image" in self.contexts[0].family.fields

    def stills(self) -> Iterator[str | None]:
        """The author's pictures along the take, None where there is none."""
        along = self.contexts[0].scene.stills
        at = 0
        for context, clips in zip(self.contexts, self.frames, strict=True):
            count, own = len(clips), context.shot.stills
            for index in range(count):
                named = context.still if at == 0 else None
                yield named or _at(own, index) or _at(along, at) or self._ended_on(context, index)
                at += 1
        yield self.contexts[-1].shot.end_image or _at(own, count) or _at(along, at)

    def _ended_on(self, context: ShotContext, index: int) -> str | None:
        """The picture that the shot before ends on, for a shot's first clip."""
        number = self.contexts.index(context)
        if index > 0 or number == 0:
            return None
        before = self.contexts[number - 1].shot
        return before.end_image or _at(before.stills, len(self.frames[number - 1]))

    def between(self) -> Iterator[Between | None]:
        """For each shot what its clips lie between; None where they hand over."""
        if self.path == "chain":
            yield from (None for _ in self.contexts)
            return
        most = self.contexts[0].ends.counts.most
        pictures, at = pictures_of(self.shape.stills, self.path, self.guide, most), 0
        for context, clips in zip(self.contexts, self.frames, strict=True):
            mine = pictures[at : at + len(clips) + 1]
            at += len(clips)
            guide = self.guide if self.path == "tree" else None
            yield Between(mine, goes_on=context is not self.contexts[-1], guide=guide)

    def check(self) -> None:
        """Note what contradicts itself."""
        first = self.contexts[0]
        _check_words(self)
        shape = self.shape
        if first.path in ("keyframed", "tree") and self.as_they_are:
            first.note("path", "a take with a skipped shot or a clip of one's own is a chain")
        if first.path in ("keyframed", "tree") and not self.may(first.path):
            first.note("path", f"{first.family.name} takes no end image: use `path: chain`")
        if first.path == "keyframed" and shape.is_long and not shape.possible("keyframed"):
            first.note("path", _no_stills(shape))
        if first.path == "tree" and shape.clip_count > MAX_LEAVES:
            message = f"{shape.clip_count} clips are too many for one guide"
            first.note("path", f"{message}: cut the take in two, {MAX_LEAVES} clips at most each")
        if self.path != "chain":
            _check_arrivals(self)


def lay_paths(contexts: Sequence[ShotContext]) -> None:
    """Tell every shot which path it goes, as it is written: that of the take's first shot."""
    path: PathWord = "chain"
    for context in contexts:
        if not context.continued:
            path = context.shot.path or context.scene.path or "chain"
        context.path = path


def long_takes(contexts: Sequence[ShotContext], frames: Frames) -> list[LongTake]:
    """The film's takes, in film order; ``frames`` of each shot's clips."""
    groups: list[list[tuple[ShotContext, Sequence[ClipFrames]]]] = []
    for context, clips in zip(contexts, frames, strict=True):
        if not context.continued or not groups:
            groups.append([])
        groups[-1].append((context, clips))
    return [LongTake(*map(tuple, zip(*group, strict=True))) for group in groups]


def _check_words(take: LongTake) -> None:
    """Keys that say something else than the take's path."""
    first, path = take.contexts[0], take.contexts[0].path
    for context in take.contexts[1:]:
        if context.shot.path not in (None, path):
            says = f"a take has one path, and this one is `{path}` from {take.id} on"
            context.note("path", f"{says}: say it there, or begin this shot with `start: cut`")
    for context, clips in zip(take.contexts, take.frames, strict=True):
        if (stills := context.shot.stills) is not None:
            _check_stills(context, "stills", stills, len(clips), path)
    scene = first.scene
    if scene.stills is not None and first.number == 1:
        count = sum(len(clips) for clips in take.frames)
        shots = {id(context.shot) for context in take.contexts}
        if any(id(shot) not in shots for shot in scene.shots):
            first.problems.append(
                Problem(
                    (*first.place[:2], "stills"),
                    "they run along one take, and this scene has cuts: give each shot its own",
                )
            )
        else:
            _check_stills(first, None, scene.stills, count, path)


def _check_stills(
    context: ShotContext,
    key: str | None,
    stills: Sequence[str | None],
    count: int,
    path: PathWord,
) -> None:
    place = (*context.place, key) if key else (*context.place[:2], "stills")
    if path == "chain":
        says = "a chain has no stills along it: set `path: keyframed`, `tree` or `auto`"
        context.problems.append(Problem(place, says))
    elif len(stills) not in (count, count + 1):
        says = f"{len(stills)} stills along {count} clips: give {count}, one where each begins"
        context.problems.append(Problem(place, f"{says}, or {count + 1}, with one to end on"))


def _check_arrivals(take: LongTake) -> None:
    """A clip that shares its last picture with the next one must be shown until it is there."""
    for context, clips, between in zip(take.contexts, take.frames, take.between(), strict=True):
        for number, clip in enumerate(clips, start=1):
            if between is None or between.pictures[number] is None:
                continue
            unused = clip.frame_count - clip.skip_frames - clip.kept_frame_count
            if (between.goes_on or number < len(clips)) and unused > ARRIVAL_FRAMES:
                context.note("seconds", _over_early(context, clips, number, unused))
                break


def _over_early(context: ShotContext, clips: Sequence[ClipFrames], number: int, unused: int) -> str:
    whole = sum(clip.frame_count - clip.skip_frames for clip in clips)
    nearest = least_seconds(whole - ARRIVAL_FRAMES * len(clips), context.fps)
    fix = (
        f"give the shot {nearest:g} seconds, or {most_seconds(whole, context.fps):g} for all of it"
    )
    if context.shot.beats is not None:
        kept = sum(clip.kept_frame_count for clip in clips)
        most = kept // (context.ends.counts.least - 1 - ARRIVAL_FRAMES)
        fewer = max(1, min(len(context.shot.beats) - 1, most))
        fix += f", or {fewer} beats" if fewer > 1 else ", or one beat"
    return (
        f"clip {number} is over {unused} frames before it arrives at the picture that the next one "
        f"begins with: {fix}"
    )


def _no_stills(shape: TakeShape) -> str:
    if shape.stills[0] is None:
        return (
            "a take between stills begins with one: give `start` a picture or `stills`, or use "
            "`path: tree`"
        )
    return (
        f"there is no still at any of the {shape.clip_count - 1} seams: give `stills` (or "
        "`end_image` to the shots before the last), or use `path: tree`"
    )


def _at(stills: Sequence[str | None] | None, index: int) -> str | None:
    return stills[index] if stills is not None and index < len(stills) else None
