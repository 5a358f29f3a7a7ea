"""Documents as validated models; storyboards with every problem of reading and planning at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from longtake.attachments import attach
from longtake.documents.document import Document, locate, read, refused
from longtake.documents.pictures import Examine, clip_problems, picture_problems
from longtake.errors import Problem, StoryboardError
from longtake.story import NOTHING, Attached, Plan, Rates, Storyboard, build_plan, explain
from longtake.story.partial import planning_problems

Loaded = TypeVar("Loaded", bound=BaseModel)
Used = TypeVar("Used")


@dataclass(frozen=True)
class LoadedStoryboard:
    """A storyboard together with the file it was read from."""

    storyboard: Storyboard
    document: Document
    attached: Attached = NOTHING
    """What was read of its sounds and captions."""

    @property
    def path(self) -> Path:
        """The file it was read from."""
        return self.document.path

    @property
    def sha256(self) -> str:
        """SHA-256 of the file's bytes."""
        return self.document.sha256


def load(path: Path | str, model: type[Loaded]) -> Loaded:
    """Read the file and validate it; raises StoryboardError with every problem, with its line."""
    document = read(path)
    loaded, problems = _validated(document, model)
    if loaded is None or problems:
        raise StoryboardError(problems)
    return loaded


def load_storyboard(path: Path | str) -> LoadedStoryboard:
    """Read a storyboard; raises StoryboardError with every problem, missing files included."""
    return _load_storyboard(path, lambda loaded: loaded)


def load_plan(
    path: Path | str,
    *,
    base_seed: int | None = None,
    rates: Rates | None = None,
    examine: Examine | None = None,
    text: str | None = None,
) -> tuple[LoadedStoryboard, Plan]:
    """Read a storyboard and plan it; raises StoryboardError with every problem of both.

    ``examine`` opens the pictures; without it they need only be there. A ``text`` is read as if it
    were what lies at the path.
    """
    return _load_storyboard(
        path,
        lambda loaded: (loaded, plan_of(loaded, base_seed=base_seed, rates=rates)),
        examine,
        text,
    )


def _load_storyboard(
    path: Path | str,
    use: Callable[[LoadedStoryboard], Used],
    examine: Examine | None = None,
    text: str | None = None,
) -> Used:
    """What ``use`` makes of the storyboard; every problem there is, together."""
    document = read(path, text)
    storyboard, problems = _validated(document, Storyboard)
    wrong = [problem.place for problem in problems]
    attached, unfit = attach(document.data, document.path.parent)
    clips = clip_problems(document, attached.clip_seconds, examine)
    problems += locate([*picture_problems(document, examine), *unfit, *clips], document)
    if storyboard is None:
        problems += locate(planning_problems(document.data, wrong), document)
        raise StoryboardError(_in_file_order(problems))
    try:
        used = use(LoadedStoryboard(storyboard, document, attached))
    except StoryboardError as error:
        raise StoryboardError(_in_file_order([*error.problems, *problems])) from error
    if problems:
        raise StoryboardError(_in_file_order(problems))
    return used


def plan_of(
    loaded: LoadedStoryboard, *, base_seed: int | None = None, rates: Rates | None = None
) -> Plan:
    """``build_plan`` for a storyboard from a file: its problems get the file's name and lines."""
    try:
        return build_plan(
            loaded.storyboard,
            base_seed=base_seed,
            rates=rates,
            source_sha256=loaded.sha256,
            attached=loaded.attached,
        )
    except StoryboardError as error:
        raise StoryboardError(locate(error.problems, loaded.document)) from error


def _validated(document: Document, model: type[Loaded]) -> tuple[Loaded | None, list[Problem]]:
    """The model, None where the data does not fit it, and what is wrong with the document."""
    if not isinstance(document.data, Mapping):
        raise refused(document.path, "must be a mapping: `key: value` lines at the top", 1)
    try:
        return model.model_validate(document.data), list(document.problems)
    except ValidationError as error:
        found = locate(explain(error, model, document.data), document)
        return None, _in_file_order(_without_echoes(document.problems, found))


def _without_echoes(first: Sequence[Problem], then: Sequence[Problem]) -> list[Problem]:
    """Both; what stands in for a value that was refused already is not complained of again."""
    places = {problem.place for problem in first}
    return [*first, *(problem for problem in then if problem.place not in places)]


def _in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(problems, key=lambda problem: problem.line or 0)
