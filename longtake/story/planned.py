"""The base of all that is worked out before anything is sent."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Planned(BaseModel):
    """Frozen, with nothing unknown in it, and the same after a round trip through JSON.

    What pydantic needs for it is built when it is first used: a command needs few models at once.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)
