"""How clips are brought together and chosen: nothing of it is sent, or part of a take's identity.

Each setting has two forms: as it is authored (what is left out is inherited), and as it is in force
for a clip (``Continuity``, ``TakesPlan``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from longtake.story.authored import Authored
from longtake.story.planned import Planned

MAX_TAKES = 10
"""The most takes of one clip: beyond it, another prompt does more than another seed."""

ColourTreatment = Literal["off", "paired", "tracked"]
GateMode = Literal["off", "flag", "retake"]
DriftMode = Literal["flag", "reanchor", "cut"]
HandoverMode = Literal["last", "best"]


class Continuity(Planned):
    """What is done, in force for a clip, so that the seam it begins with is not seen."""

    colour: ColourTreatment = "paired"
    """How the service's shift of colours is undone: not at all, by the pair of the frame that was
    handed over and the one that came back, or frame by frame within the clip as well."""
    deflash: bool = True
    """Whether a flash in the clip's first frames is removed."""
    gate: GateMode = "flag"
    """What is done about a clip whose seam falls short, before its followers are paid for."""
    drift: DriftMode = "flag"
    """What is done before the clip at which drift is forecast to break the limit."""


class ContinuityOverrides(Authored):
    """How seams are kept from being seen. What is left out is inherited."""

    colour: ColourTreatment | None = None
    """`paired` (default): a clip's colours are brought back by the frame that was handed over and
    the one that came back. `tracked`: drift inside the clip, too; it also cancels an intended
    change of light. `off`: colours stay as the service sent them."""
    deflash: bool | None = None
    """Whether a flash in the first frames of a continued clip is removed; `true` if left out."""
    gate: GateMode | None = None
    """What happens to a clip whose seam falls short: `flag` (default) reports it, `retake` makes
    it again before anything that follows is paid for, `off` does not look."""
    drift: DriftMode | None = None
    """What happens before the clip at which drift is forecast to break the limit: `flag` (default)
    reports it, `reanchor` starts the clip from the scene's still, `cut` starts it from text."""

    def over(self, below: ContinuityOverrides | None) -> ContinuityOverrides:
        """These settings, and those of ``below`` where these leave one open."""
        if below is None:
            return self
        return ContinuityOverrides.model_validate(_said(below) | _said(self))

    def settled(self) -> Continuity:
        """The settings with the defaults filled in."""
        return Continuity.model_validate(_said(self))


def _said(settings: ContinuityOverrides) -> dict[str, str | bool]:
    return {name: value for name, value in settings if value is not None}


class TakesPlan(Planned):
    """How many takes of a clip are made."""

    count: int = Field(1, ge=1, le=MAX_TAKES)
    """All of them, or where ``adaptive`` the most."""
    adaptive: bool = False
    """True: the next seed only if the last take fell short. False: all of them, side by side."""

    @property
    def at_least(self) -> int:
        """Takes that are made, and paid for, in any case."""
        return 1 if self.adaptive else self.count


TakeCount = Annotated[int, Field(ge=1, le=MAX_TAKES)]


class UpTo(Authored):
    """Takes one after another, until one does not fall short."""

    up_to: TakeCount
    """The most takes of a clip, 1 to 10."""


def _form(value: object) -> str:
    # Names that no author writes as a key: places in error messages are told by the keys.
    return "one by one" if isinstance(value, Mapping | UpTo) else "side by side"


AuthoredTakes = Annotated[
    Annotated[TakeCount, Tag("side by side")] | Annotated[UpTo, Tag("one by one")],
    Discriminator(_form),
]


def takes_plan(takes: int | UpTo | None) -> TakesPlan:
    """The authored takes, in force; one where nothing is said."""
    match takes:
        case None:
            return TakesPlan()
        case UpTo(up_to=most):
            return TakesPlan(count=most, adaptive=most > 1)
        case count:
            return TakesPlan(count=count)
