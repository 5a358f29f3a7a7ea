"""The base of everything that a person writes."""

from __future__ import annotations

from typing import ClassVar

from pydantic import BaseModel, ConfigDict


class Authored(BaseModel):
    """Unknown keys and quoted numbers are refused, with a hint where there is one."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    key_hints: ClassVar[dict[str, str]] = {}
    """What to say about a key that this model does not have but that authors do write."""
