"""A plan as data: what `plan --json` prints, `plan --out` keeps, and `render --plan` holds to.

``python -m longtake.rendering.plan_document`` prints its JSON Schema.
"""

from __future__ import annotations

import json
import sys
from typing import Literal

from pydantic import Field, JsonValue

from longtake.errors import Place
from longtake.story import ChainPlan, ClipPlan, Plan
from longtake.story.decisions import ClipDecision, Repair
from longtake.story.planned import Planned
from longtake.story.ways import TakeWays


class PlannedClip(ClipPlan):
    """A clip, and what the ledger knows of it."""

    outlook: str
    """`new`, `follows`, `there`, `under way`, `lost`, `unusable`, `blocked` or `own`."""


class PlannedChain(ChainPlan):
    """A chain of such clips."""

    clips: tuple[PlannedClip, ...]


class PlanBasis(Planned):
    """What a plan rests on: where any of it is another, so is the plan."""

    storyboard: str
    """The file's whole path."""
    folder: str
    """Where the film would go."""
    profile: str | None = None
    """The profile's name or path, as it was given."""
    emulated: bool = False
    """Whether it is a rehearsal: of the emulator, with the ledger of emulated renders."""
    only: tuple[str, ...] = ()
    """The shots that alone are wanted; none: all of them."""
    files: dict[str, str] = Field(default_factory=dict)
    """SHA-256 of every file that the storyboard names, by its name there."""
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    """The settings that decide what is paid for, by their names."""
    max_usd: float | None = None
    """What the render may cost at most."""


class PlanNotice(Planned):
    """What is allowed in the storyboard but may be a mistake."""

    place: Place
    message: str
    file: str | None = None
    line: int | None = None


class PlanDocument(Plan):
    """A film worked out, with what a render of it would do, clip by clip, and why."""

    longtake_plan: Literal[1] = 1
    """The form's version."""
    chains: tuple[PlannedChain, ...]
    decisions: dict[str, ClipDecision]
    """What is done with each clip, by its id."""
    drift: dict[str, str] = Field(default_factory=dict)
    """What is said of clips that would lie beyond the drift limit."""
    ways: tuple[TakeWays, ...] = ()
    """Every take of several clips, with all the ways to make it."""
    ignored: dict[str, str] = Field(default_factory=dict)
    """Models that did not move to the last picture they were sent, each with that clip's id."""
    repairs: tuple[Repair, ...] = ()
    """Chains of which later clips were made already, and would be made again after an edit."""
    basis: PlanBasis
    concurrency: int
    """Jobs in flight at most."""
    requests_per_minute: int | None = None
    """As the profile has it; None where no setting was read."""
    wall_seconds: float
    """How long a render takes with so many jobs at once and so many requests a minute."""
    wall_seconds_between: tuple[float, float] | None = None
    """The least and the most that the longest chain may take, where the ledger's clips differ."""
    deepest_hop: int
    """Hops from text, a still or an anchor to the clip of the film that lies farthest from one."""
    notices: tuple[PlanNotice, ...] = ()
    usd_to_pay: float
    usd_to_pay_at_most: float


def schema_text() -> str:
    """The schema as it is committed: indented, with a newline at the end."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= PlanDocument.model_json_schema(mode="serialization")
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(schema_text())
