"""The shortest world that still breaks the promise: less is tried until nothing less breaks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from pydantic import BaseModel

from tests.simulation.play import Played, play
from tests.simulation.stage import Parts
from tests.simulation.world import Board, ShotDrawn, World

T = TypeVar("T")
M = TypeVar("M", bound=BaseModel)

MOST_TRIES = 300


def shrunk(found: Played, parts: Parts | None = None) -> Played:
    """A world as small as can be in which the same goes wrong, played."""
    tries, again = 0, True
    while again:
        again = False
        for world in smaller(found.world):
            tries += 1
            if tries > MOST_TRIES:
                return found
            played = play(world, parts)
            if _kind(played) == _kind(found):
                found, again = played, True
                break
    return found


def _kind(played: Played) -> str:
    """What goes wrong, without the numbers in it."""
    return played.violations[0][:12] if played.violations else ""


def smaller(world: World) -> Iterator[World]:
    """Worlds with one thing less, the most telling first."""
    for name in ("runs", "faults", "verdicts", "jumps"):
        for fewer in _one_less(getattr(world, name)):
            if fewer or name != "runs":
                yield world.model_copy(update={name: fewer})
    if len(world.boards) > 1:
        for board in world.boards:
            runs = tuple(run.model_copy(update={"board": 0}) for run in world.runs)
            yield world.model_copy(update={"boards": (board,), "runs": runs})
    for boards in _each(world.boards, _smaller_boards):
        yield world.model_copy(update={"boards": boards})
    for runs in _each(world.runs, _plainer):
        yield world.model_copy(update={"runs": runs})
    yield from _plainer(world)


def _smaller_boards(board: Board) -> Iterator[Board]:
    for scenes in _one_less(board.scenes):
        if scenes:
            yield Board(scenes=scenes)
    for scenes in _each(board.scenes, _smaller_scenes):
        yield Board(scenes=scenes)


def _smaller_scenes(scene: tuple[ShotDrawn, ...]) -> Iterator[tuple[ShotDrawn, ...]]:
    yield from (fewer for fewer in _one_less(scene) if fewer)
    yield from _each(scene, _plainer)


def _plainer(value: M) -> Iterator[M]:
    """The value with one of its parts as it is where nothing is said of it."""
    for name, field in type(value).model_fields.items():
        if not field.is_required() and getattr(value, name) != field.get_default():
            yield value.model_copy(update={name: field.get_default()})


def _one_less(values: tuple[T, ...]) -> Iterator[tuple[T, ...]]:
    for at in range(len(values)):
        yield values[:at] + values[at + 1 :]


def _each(values: tuple[T, ...], less: Callable[[T], Iterable[T]]) -> Iterator[tuple[T, ...]]:
    for at, value in enumerate(values):
        for other in less(value):
            yield (*values[:at], other, *values[at + 1 :])
