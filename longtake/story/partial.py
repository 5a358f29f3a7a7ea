"""What the planner has against a storyboard that is not valid yet: every problem at once.

Values that were refused are left out or stood in for, and the rest is planned. What the planner
says then counts only where nothing that its rules read was stood in for.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import ValidationError

from longtake.errors import Place, Problem, StoryboardError
from longtake.story.explain import explain
from longtake.story.planner import build_plan
from longtake.story.storyboard import Shot, Storyboard

_ROUNDS = 3
_READ_BY_RULES = {
    *("prompt", "beats", "seconds", "voice", "num_frames", "start", "end_image", "handover"),
    *("clip", "skip"),
    *("path", "stills"),
    *("aspect_ratio", "resolution", "frames_per_second", "name", "shots", "scenes", "look"),
    "family",
}
_FILM, _SCENE, _SHOT = 0, 2, 4
"""How long the places of a film, a scene and a shot are."""


def planning_problems(data: object, wrong: Iterable[Place]) -> list[Problem]:
    """The planner's problems with ``data``, whose values at ``wrong`` were refused."""
    repaired = copy.deepcopy(data)
    places = list(wrong)
    for _ in range(_ROUNDS):
        for place in sorted(set(places), key=_last_first, reverse=True):
            _stand_in(repaired, place)
        try:
            build_plan(Storyboard.model_validate(repaired))
        except ValidationError as error:
            places += [each.place for each in explain(error, Storyboard, repaired)]
        except StoryboardError as error:
            return [each for each in error.problems if _counts(each.place, places)]
        else:
            break
    return []


def _last_first(place: Place) -> tuple[tuple[int, str], ...]:
    # A mapping's key may be anything in YAML: nothing, a date, a fraction.
    return tuple((part, "") if isinstance(part, int) else (-1, str(part)) for part in place)


def _stand_in(data: Any, place: Place) -> None:
    """Take the value out of its mapping, or put a plain one in where one must be."""
    *way, last = place or ("",)
    for part in way:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            return
    if isinstance(data, dict):
        data.pop(last, None)
        if (substitute := _required(place)) is not None:
            data[last] = substitute
    elif isinstance(data, list) and isinstance(last, int) and last < len(data):
        data[last] = _required((*way, last)) or data[last]


def _required(place: Place) -> Any:
    """What stands for a value that must not be missing."""
    match place:
        case ("title",):
            return "?"
        case ("scenes",):
            return [{"name": "?", "shots": ["?"]}]
        case ("scenes", int(number)):
            return {"name": f"? {number}", "shots": ["?"]}
        case ("scenes", int(number), "name"):
            return f"? {number}"
        case ("scenes", int(), "shots"):
            return ["?"]
        case ("scenes", int(), "shots", int()):
            return "?"
        case (*_, "beats", int()):
            return "?"
    return None


def _counts(place: Place, wrong: Sequence[Place]) -> bool:
    """Whether a problem of the planner's holds although the values at ``wrong`` are unknown."""
    return not any(_bears_on(each, place) for each in wrong)


def _bears_on(wrong: Place, place: Place) -> bool:
    """Whether what is wrong may be the cause of a problem at ``place``."""
    if wrong[: len(place)] == place and len(place) < len(wrong):
        # A shot without a prompt that has a key which is not known: it may be the prompt.
        return True
    sizes = (_SHOT, _SCENE) if wrong[:1] == ("scenes",) else ()
    scope = next((size for size in sizes if len(wrong) >= size), _FILM)
    key = wrong[scope] if len(wrong) > scope else "shots"
    if key not in _READ_BY_RULES or (scope == _SHOT and key not in Shot.model_fields):
        return False
    if key == "look" and not _READ_BY_RULES.intersection(wrong[scope + 1 :]):
        return False
    if scope == _SHOT and len(place) >= _SHOT:
        near = abs(int(place[3]) - int(wrong[3])) <= 1  # dissolves reach into either neighbour
        return place[:3] == wrong[:3] and near
    return place[:scope] == wrong[:scope]
