"""The base of all that is worked out before anything is sent."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Planned(BaseModel):
    """Frozen, with nothing unknown in it, and the same after a round trip through JSON."""

    model_config = ConfigDict(extra="forbid", frozen=True)
