"""What a clip costs and how long it takes: estimates, corrected by the figures that arrive."""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from longtake.story.model import Model, Resolution

Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]

_USD: dict[Model, dict[Resolution, float]] = {
    Model.T2V: {"480p": 0.10, "720p": 0.10},
    Model.I2V: {"480p": 0.09, "720p": 0.09},
}
_EXPECTED_SECONDS: dict[Model, float] = {Model.T2V: 93.0, Model.I2V: 54.0}


MOST_USD = 100.0
"""No clip of a few seconds costs near as much; a larger sum is no price."""


def billed_usd(told: object) -> float | None:
    """The sum that the service says it took for a clip; None for what cannot be one.

    A number from 0 to ``MOST_USD``: nothing negative, endless or written as text is a fact.
    """
    if isinstance(told, bool) or not isinstance(told, int | float):
        return None
    return float(told) if 0 <= told <= MOST_USD and math.isfinite(told) else None


class Rates(BaseModel):
    """Prices and usual durations by model; a table that names only some changes only those.

    The defaults are the averages that the vendor shows for the two models.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    usd: dict[Model, dict[Resolution, Usd]] = Field(default_factory=dict, validate_default=True)
    """USD for one clip, by model and resolution."""
    expected_seconds: dict[Model, Seconds] = Field(default_factory=dict, validate_default=True)
    """Seconds from submit to result that one clip usually takes, by model."""

    @field_validator("usd", mode="after")
    @classmethod
    def _fill_usd(cls, given: dict[Model, dict[Resolution, float]]) -> Any:
        return {model: prices | given.get(model, {}) for model, prices in _USD.items()}

    @field_validator("expected_seconds", mode="after")
    @classmethod
    def _fill_seconds(cls, given: dict[Model, float]) -> Any:
        return _EXPECTED_SECONDS | given
