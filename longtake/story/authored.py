"""The base of everything that a person writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

T = TypeVar("T")


def _said(value: str) -> str:
    """Refuse a text of nothing but white space."""
    if not value.strip():
        raise ValueError("must say something")
    return value


Text = Annotated[str, AfterValidator(_said)]
Name = Annotated[Text, Field(max_length=200)]


class Authored(BaseModel):
    """Unknown keys and quoted numbers are refused, with a hint where there is one.

    What pydantic needs for it is built when it is first used: a command needs few models at once.
    """

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, defer_build=True
    )

    key_hints: ClassVar[dict[str, str]] = {}
    """What to say about a key that this model does not have but that authors do write."""


class HasShortForm(Authored):
    """What may be written as a plain text: then it is a mapping with that text alone."""

    short_key: ClassVar[str] = "file"
    """The key that the text is the value of."""
    short_schema: ClassVar[dict[str, Any]]
    """What editors are told of the text."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {cls.short_key: value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Editors are told of the short form, too."""
        mapping = handler.resolve_ref_schema(handler(core_schema))
        return {"description": mapping.pop("description"), "anyOf": [cls.short_schema, mapping]}


def _one_or_more(value: object) -> object:
    """One item stands for a list of one."""
    return [value] if isinstance(value, str | Mapping) else value


def _one_or_more_schema(schema: dict[str, Any]) -> None:
    """Editors are told that one item may stand without a list."""
    listed = dict(schema)
    description = listed.pop("description", None)
    schema.clear()
    schema["anyOf"] = [listed["items"], listed]
    if description:
        schema["description"] = description


OneOrMore = Annotated[
    tuple[T, ...],
    BeforeValidator(_one_or_more),
    Field(min_length=1, strict=False, json_schema_extra=_one_or_more_schema),
]
"""A list, or one item without one."""
