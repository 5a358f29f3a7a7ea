"""The base of everything that a person writes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


def _said(value: str) -> str:
    """Refuse a text of nothing but white space."""
    if not value.strip():
        raise ValueError("must say something")
    return value


Text = Annotated[str, AfterValidator(_said)]
Name = Annotated[Text, Field(max_length=200)]


class Authored(BaseModel):
    """Unknown keys and quoted numbers are refused, with a hint where there is one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)

    key_hints: ClassVar[dict[str, str]] = {}
    """What to say about a key that this model does not have but that authors do write."""


def one_or_more(value: object) -> object:
    """One item stands for a list of one."""
    return [value] if isinstance(value, str | Mapping) else value


def one_or_more_schema(schema: dict[str, Any]) -> None:
    """Editors are told that one item may stand without a list."""
    listed = dict(schema)
    description = listed.pop("description", None)
    schema.clear()
    schema["anyOf"] = [listed["items"], listed]
    if description:
        schema["description"] = description
