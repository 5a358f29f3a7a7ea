"""What a clip costs and how long it takes: estimates, corrected by the figures that arrive."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from longtake.story.family import families

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


MOST_USD = 100.0
"""No clip of a few seconds costs near as much; a larger sum is no price."""


def billed_usd(reported: object) -> float | None:
    """The sum that the service says it took for a clip; None for what cannot be one.

    A number from 0 to ``MOST_USD``: nothing negative, endless or written as text is a fact.
    """
    if isinstance(reported, bool) or not isinstance(reported, int | float):
        return None
    return float(reported) if 0 <= reported <= MOST_USD and math.isfinite(reported) else None


class Rates(BaseModel):
    """Prices and usual durations by model; a table that names only some changes only those.

    The defaults are what the model families say; of a family declared later, nothing is known here.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    usd: dict[str, dict[str, Usd]] = Field(default_factory=dict, validate_default=True)
    """USD for one clip, by model and resolution."""
    expected_seconds: dict[str, Seconds] = Field(default_factory=dict, validate_default=True)
    """Seconds from submit to result that one clip usually takes, by model."""

    @field_validator("usd", mode="after")
    @classmethod
    def _fill_usd(cls, given: dict[str, dict[str, float]]) -> dict[str, dict[str, float]]:
        usual = {model.slug: dict(model.usd) for each in families() for model in each.models}
        _check_names(given, usual)
        for model, prices in given.items():
            _check_names(prices, usual[model])
        return {model: prices | given.get(model, {}) for model, prices in usual.items()}

    @field_validator("expected_seconds", mode="after")
    @classmethod
    def _fill_seconds(cls, given: dict[str, float]) -> dict[str, float]:
        usual = {model.slug: model.expected_seconds for each in families() for model in each.models}
        _check_names(given, usual)
        return usual | given


def _check_names(given: Iterable[str], known: Iterable[str]) -> None:
    if unknown := set(given) - set(known):
        names = ", ".join(f"`{name}`" for name in known)
        raise ValueError(f"`{min(unknown)}` is not known here: there are {names}")
