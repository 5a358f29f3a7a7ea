"""Titles at their places in the film, to the frame, and what does not fit there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from longtake.errors import Place, Problem
from longtake.story.plan import ShotPlan
from longtake.story.storyboard import Storyboard, shots_in_film
from longtake.story.track_plans import ShownTitle, TitleKind
from longtake.story.words import Title

USUAL_SECONDS = 4.0
USUAL_FADE_SECONDS = 0.5

Shown = tuple[Place, ShownTitle]


def titles_of(
    storyboard: Storyboard, shots: Sequence[ShotPlan], *, fps: int
) -> tuple[tuple[ShownTitle, ...], list[Problem]]:
    """The titles in the order of time; ``shots`` are the film's, without those left out."""
    sheet = _TitleSheet(fps, shots[-1].first_frame_index + shots[-1].frame_count)
    shown = sorted(sheet.shown(storyboard, shots), key=lambda one: one[1].begin_seconds)
    for (_, one), (place, two) in pairwise(shown):
        if two.begin_seconds < one.end_seconds:
            over = one.end_seconds - two.begin_seconds
            sheet.note(place, f"begins {over:.2f} seconds before the title before it has ended")
    return tuple(title for _, title in shown), sheet.problems


class _TitleSheet:
    """Places titles in a film of ``frame_count`` frames, and notes what does not fit there."""

    def __init__(self, fps: int, frame_count: int) -> None:
        self.problems: list[Problem] = []
        self._fps = fps
        self._end = frame_count

    def note(self, place: Place, message: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(place, message))

    def shown(self, storyboard: Storyboard, shots: Sequence[ShotPlan]) -> Iterator[Shown]:
        """The opening, the scenes' titles after it, and the credits."""
        titles = storyboard.titles
        free = 0
        if titles is not None and titles.opening is not None:
            place: Place = ("titles", "opening")
            title = self._laid("opening", titles.opening, place, 0, self._end)
            free = round(title.end_seconds * self._fps)
            yield place, title
        begun: set[int] = set()
        for ((_, number, *_), scene, _), shot in zip(shots_in_film(storyboard), shots, strict=True):
            if scene.title is None or int(number) in begun:
                continue
            begun.add(int(number))
            first, end = shot.first_frame_index, shot.first_frame_index + shot.frame_count
            begin = max(first, min(free, end - 1)) + round(scene.title.at * self._fps)
            place = ("scenes", number, "title")
            if begin >= end:
                seconds = shot.frame_count / self._fps
                self.note((*place, "at"), f"the shot is over by then: it has {seconds:.2f} seconds")
            else:
                yield place, self._laid("scene", scene.title, place, begin, end)
        if titles is not None and titles.credits is not None:
            place = ("titles", "credits")
            yield place, self._laid("credits", titles.credits, place, 0, self._end)

    def _laid(
        self, kind: TitleKind, title: Title, place: Place, first: int, end: int
    ) -> ShownTitle:
        """The title between two frames of the film: from ``first`` on, or up to the ``end``."""
        fps = self._fps
        count = max(1, round((title.seconds or USUAL_SECONDS) * fps))
        if count > end - first and title.seconds is not None:
            what, there = "shot" if kind == "scene" else "film", (end - first) / fps
            says = f"{title.seconds:g} seconds, but the {what} has {there:.2f} for it"
            self.note((*place, "seconds"), says)
        count = min(count, end - first)
        begin = end - count if kind == "credits" else first
        fades = [_fade(one, count / fps) for one in (title.fade_in, title.fade_out)]
        if sum(fades) > count / fps + 1e-9:
            self.note(place, f"its fades take {sum(fades):.2f} of {count / fps:.2f} seconds")
        return ShownTitle(
            kind=kind,
            text="\n".join(title.text),
            begin_seconds=begin / fps,
            end_seconds=(begin + count) / fps,
            fade_in_seconds=fades[0],
            fade_out_seconds=fades[1],
            ground=title.ground,
            ground_fade_in_seconds=fades[0] if begin > 0 else 0.0,
            ground_fade_out_seconds=fades[1] if begin + count < self._end else 0.0,
        )


def _fade(asked: float | None, seconds: float) -> float:
    return min(USUAL_FADE_SECONDS, seconds / 4) if asked is None else asked
