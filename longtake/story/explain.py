"""pydantic's errors in the author's language: one problem for each thing to fix.

Works for any authored file. A model may carry ``key_hints`` (see ``Authored``) for keys that
authors write and that it does not have.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from longtake.errors import Place, Problem

_SHOWN_LENGTH = 40


def explain(error: ValidationError, model: type[BaseModel], data: object) -> list[Problem]:
    """Every problem of ``data`` that ``error`` (raised by ``model``) tells of, in file order.

    ``data`` is what was validated. pydantic names the branch of a union inside its places and
    reports every branch; here each place is a path in ``data``, and only the nearest branch is
    told.
    """
    details = [
        detail
        for detail in _nearest_branches(error.errors(include_url=False), data)
        if not _only_seems_short(detail)
    ]
    problems: dict[Place, list[str]] = {}
    for detail in details:
        place = _place(detail, data)
        message = _message(detail, place, model, data)
        if message not in problems.setdefault(place, []):
            problems[place].append(message)
    return [
        Problem(place, " or ".join(messages))
        for place, messages in sorted(problems.items(), key=lambda item: _order(item[0], data))
    ]


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """``did you mean `seconds`?``, or the words there are, or nothing where there are none."""
    close = get_close_matches(word.lower(), known, n=1)
    if close:
        return f"did you mean `{close[0]}`?"
    return f"there are {', '.join(f'`{name}`' for name in known)}" if known else ""


def _step(value: object, part: str | int) -> tuple[bool, object]:
    """Whether ``value`` has ``part`` inside, and what lies there."""
    if isinstance(value, Mapping) and part in value:
        return True, value[part]
    if isinstance(value, list | tuple) and isinstance(part, int) and part < len(value):
        return True, value[part]
    return False, None


def _place(detail: ErrorDetails, data: object) -> Place:
    """The error's path in the data: the names of union branches are no keys and drop out."""
    place: list[str | int] = []
    *inner, last = detail["loc"] or ("",)
    for part in inner:
        found, below = _step(data, part)
        if found:
            place.append(part)
            data = below
    if detail["loc"] and (detail["type"] == "missing" or _step(data, last)[0]):
        place.append(last)
    return tuple(place)


def _only_seems_short(detail: ErrorDetails) -> bool:
    """Whether a list is long enough, but pydantic counted only its valid items."""
    value = detail["input"]
    return (
        detail["type"] == "too_short"
        and isinstance(value, list | tuple)
        and len(value) >= detail["ctx"]["min_length"]
    )


def _branch(detail: ErrorDetails, data: object) -> tuple[Place, str] | None:
    """Where in the path a union branch is named, and which, None if there is none."""
    for index, part in enumerate(detail["loc"]):
        found, data = _step(data, part)
        if not found:
            if detail["type"] == "missing" and index == len(detail["loc"]) - 1:
                return None
            return detail["loc"][:index], str(part)
    return None


def _nearest_branches(details: Sequence[ErrorDetails], data: object) -> list[ErrorDetails]:
    """Of each union only the branches that fit best: they got furthest, with the fewest errors."""
    branches: dict[Place, dict[str, list[int]]] = {}
    for detail in details:
        if branch := _branch(detail, data):
            union, name = branch
            branches.setdefault(union, {}).setdefault(name, []).append(len(detail["loc"]))

    def fits_best(detail: ErrorDetails) -> bool:
        branch = _branch(detail, data)
        if branch is None:
            return True
        union, name = branch
        fits = {name: (max(depths), -len(depths)) for name, depths in branches[union].items()}
        return fits[name] == max(fits.values())

    return [detail for detail in details if fits_best(detail)]


def _order(place: Place, data: object) -> tuple[int, ...]:
    """Sorts places as they stand in the file."""
    order = []
    for part in place:
        if isinstance(data, Mapping):
            keys = list(data)
            order.append(keys.index(part) if part in keys else len(keys))
        else:
            order.append(part if isinstance(part, int) else 0)
        _, data = _step(data, part)
    return tuple(order)


def _models(annotation: Any) -> list[type[BaseModel]]:
    """The models that an annotation admits, directly or as items of a list or mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    origin = get_origin(annotation)
    inner = get_args(annotation)
    if origin is None or origin is type:
        return []
    if origin not in (Union, types.UnionType, list, tuple, dict):
        inner = inner[:1]  # Annotated: the rest is not a type
    return [model for part in inner for model in _models(part)]


def _models_at(model: type[BaseModel], place: Place) -> list[type[BaseModel]]:
    """The models that may describe the mapping at ``place``."""
    models = [model]
    for part in place:
        if isinstance(part, int):
            continue
        fields = [
            field
            for candidate in models
            for name, field in candidate.model_fields.items()
            if part in (name, field.alias)
        ]
        # A key of a free mapping names no field: its values are what the mapping may hold.
        models = [found for field in fields for found in _models(field.annotation)] or models
    return models


def _unknown_key(place: Place, model: type[BaseModel]) -> str:
    """What to say about a key that is not in the model."""
    key = str(place[-1])
    models = _models_at(model, place[:-1])
    for candidate in models:
        hints: Mapping[str, str] = getattr(candidate, "key_hints", {})
        if hint := hints.get(key):
            return f"not known here: {hint}"
    if not key.strip():
        return "a key without a name: give it one, or take it out"
    if " " in key:
        return "not a key: if this is a text with a colon in it, put it in quotes"
    known = [field.alias or name for found in models for name, field in found.model_fields.items()]
    return f"not known here: {did_you_mean(key[:_SHOWN_LENGTH], known)}".rstrip(": ")


def _number(value: float) -> str:
    """A number without a fraction that says nothing: 81.0 is 81."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def brief(text: str) -> str:
    """A text's beginning, as long as a line has room for."""
    return text if len(text) <= _SHOWN_LENGTH else f"{text[: _SHOWN_LENGTH - 1]}…"


def shown(value: object) -> str:
    """A value as the author would name it."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"the number {brief(_number(value))}"
        case str():
            return f"the text `{brief(value)}`"
        case Mapping():
            return "a mapping"
        case list() | tuple():
            return "a list"
        case _:
            return f"`{brief(str(value))}`"


def _message(detail: ErrorDetails, place: Place, model: type[BaseModel], data: object) -> str:
    """The problem in words."""
    kind = detail["type"]
    if kind == "extra_forbidden":
        return _unknown_key(place, model)
    if kind == "value_error":
        return str(detail["ctx"]["error"])
    if kind in _TYPES:
        return f"must be {_TYPES[kind]}, not {shown(detail['input'])}"
    if kind in _WORDS:
        return _WORDS[kind](detail)
    text = detail["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return text.replace("should", "must", 1)


_TYPES = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping of keys to values",
    "model_attributes_type": "a mapping of keys to values",
    "none_required": "left empty",
}


def _choice(detail: ErrorDetails) -> str:
    """A word that is not among those expected."""
    value = detail["input"]
    expected = str(detail["ctx"]["expected"]).replace("'", "`")
    message = f"must be {expected}, not {shown(value)}"
    known = [part.strip("`") for part in expected.replace(" or ", ", ").split(", ")]
    # Readers of YAML 1.1, and habit, take `off` for a truth value.
    word = "off" if value is False else str(value).lower()
    close = get_close_matches(word, known, n=1)
    return f"{message}; did you mean `{close[0]}`?" if close else message


def _limit(words: str, key: str) -> Callable[[ErrorDetails], str]:
    """A number outside its range."""
    return lambda detail: (
        f"must be {words} {_number(detail['ctx'][key])}, not {_number(detail['input'])}"
    )


def _too_long(detail: ErrorDetails) -> str:
    most, actual = detail["ctx"]["max_length"], detail["ctx"].get("actual_length")
    entries = "entry" if most == 1 else "entries"
    if isinstance(detail["input"], str):
        entries = "characters"
    return f"must have at most {most} {entries}" + (f", not {actual}" if actual else "")


_WORDS: dict[str, Callable[[ErrorDetails], str]] = {
    "missing": lambda _: "is missing",
    "enum": _choice,
    "literal_error": _choice,
    "greater_than": _limit("more than", "gt"),
    "greater_than_equal": _limit("at least", "ge"),
    "less_than": _limit("less than", "lt"),
    "less_than_equal": _limit("at most", "le"),
    "too_short": lambda detail: f"must have at least {detail['ctx']['min_length']} entry",
    "too_long": _too_long,
    "string_too_short": lambda _: "must say something",
}
