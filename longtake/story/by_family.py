"""Values that a model family limits: their types in storyboards, whatever the family.

What an author writes is checked against the family that the storyboard names, and against the
shipped one where none is named. Editors are told of the shipped one's limits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from longtake.story.explain import brief, did_you_mean
from longtake.story.family import Family, families
from longtake.story.wan import WAN_FAST

_reading_for: ContextVar[Family] = ContextVar("family", default=WAN_FAST)


@contextmanager
def reading_for(family: Family) -> Iterator[None]:
    """Check against this family what is read meanwhile."""
    token = _reading_for.set(family)
    try:
        yield
    finally:
        _reading_for.reset(token)


@dataclass(frozen=True)
class ByFamily:
    """A type's limits: ``check`` raises what is wrong with a value, ``tell`` says it to editors.

    The value has been validated by its type, but for one of ``any_type``.
    """

    check: Callable[[Family, Any], None]
    tell: Callable[[Family], dict[str, Any]]
    any_type: bool = False

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        if self.any_type:
            return core_schema.no_info_plain_validator_function(self._checked)
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return ({} if self.any_type else handler(schema)) | self.tell(WAN_FAST)

    def _checked(self, value: Any) -> Any:
        self.check(_reading_for.get(), value)
        return value


def taken(name: str) -> ByFamily:
    """Not every family takes it: ``name`` is longtake's in ``Family.fields``."""
    return ByFamily(lambda family, _: _require(family, name), lambda _: {})


def one_of(words_of: Callable[[Family], tuple[str, ...]]) -> ByFamily:
    """One of the family's words."""

    def check(family: Family, value: Any) -> None:
        if value not in (words := words_of(family)):
            *most, last = (f"'{word}'" for word in words)
            expected = f"{', '.join(most)} or {last}" if most else last
            raise PydanticKnownError("literal_error", {"expected": expected})

    return ByFamily(
        check, lambda family: {"enum": list(words_of(family)), "type": "string"}, any_type=True
    )


def within(range_of: Callable[[Family], tuple[float, float]], name: str | None = None) -> ByFamily:
    """A number in the family's range, both ends included; ``name``: not every family takes it."""

    def check(family: Family, value: Any) -> None:
        if name is not None:
            _require(family, name)
        least, most = range_of(family)
        if value < least:
            raise PydanticKnownError("greater_than_equal", {"ge": least})
        if value > most:
            raise PydanticKnownError("less_than_equal", {"le": most})

    def tell(family: Family) -> dict[str, Any]:
        least, most = range_of(family)
        return {"minimum": least, "maximum": most}

    return ByFamily(check, tell)


def at_most(most_of: Callable[[Family], int]) -> ByFamily:
    """A list of no more entries than the family takes."""

    def check(family: Family, value: Any) -> None:
        if value:
            _require(family, "high_noise")
        most, actual = most_of(family), len(value)
        if actual > most:
            known = {"field_type": "Tuple", "max_length": most, "actual_length": actual}
            raise PydanticKnownError("too_long", known)

    return ByFamily(check, lambda family: {"maxItems": most_of(family)})


def unknown_family(name: object) -> str:
    """What to say of a name that no family has."""
    known = did_you_mean(str(name), [family.name for family in families()])
    return f"no model family is called `{brief(str(name))}`: {known}"


def _require(family: Family, name: str) -> None:
    if name not in family.fields:
        raise ValueError(f"the models of `{family.name}` do not take it")
