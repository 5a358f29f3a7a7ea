"""The fault script: a YAML file that says what goes wrong, where, and at which occurrence."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from longtake.documents import load
from longtake.emulator.actions import EFFECTS, Action, Endpoint
from longtake.emulator.drawing.dials import FAULTLESS, Dials

SELECTORS = frozenset({"on", "do", "nth", "times", "match", "after_usd", "for_seconds", "each"})
NEEDED: dict[Action, tuple[str, ...]] = {
    Action.REDIRECT: ("location",),
    Action.BAD_TAKE: ("dials",),
    Action.ADDRESS: ("location", "size_bytes"),
    Action.SKEW: ("seconds",),
    Action.PRICE: ("usd",),
}
"""Of which fields an action needs at least one."""
MOST_SECONDS = 10.0 * 366 * 86_400


class Match(BaseModel):
    """Which requests a fault is for; everything that is given must agree."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str | None = None
    """The model's whole name, or a part of it."""
    prompt: str | None = None
    """A part of the prompt, in any case of letters."""
    seed: int | None = None
    request: Annotated[int, Field(ge=1)] | None = None
    """The accepted request's number, 1 for the first that the emulator accepted."""

    def agrees(self, happening: Happening) -> bool:
        """Whether ``happening`` is one that the fault is for."""
        body = happening.body
        prompt = str(body.get("prompt", "")).lower()
        return (
            (self.model is None or self.model in happening.model)
            and (self.prompt is None or self.prompt.lower() in prompt)
            and (self.seed is None or self.seed == body.get("seed"))
            and (self.request is None or self.request == happening.number)
        )


class Fault(BaseModel):
    """One rule. Without ``nth`` it holds every time; with it, that time and ``times`` - 1 more."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on: Endpoint
    do: Action
    nth: Annotated[int, Field(ge=1)] | None = None
    """1-based, counted over the operations that ``match``."""
    times: Annotated[int, Field(ge=1)] | None = None
    each: bool = False
    """Whether ``nth``, ``times`` and ``for_seconds`` count for every accepted request by itself."""
    match: Match = Match()
    after_usd: Annotated[float, Field(ge=0)] | None = None
    """Only once this much has been accepted (billed or running)."""
    for_seconds: Annotated[float, Field(gt=0)] | None = None
    """Over this long after it first happened."""
    status: Annotated[int, Field(ge=200, le=599)] | None = None
    message: str | None = None
    seconds: Annotated[float, Field(ge=-MOST_SECONDS, le=MOST_SECONDS)] | None = None
    shape: str | None = None
    location: str | None = None
    size_bytes: Annotated[int, Field(ge=1)] | None = None
    depth: Annotated[int, Field(ge=1)] | None = None
    usd: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    dials: Dials | None = None
    """What is wrong with the clip, instead of what is wrong with every clip."""

    @model_validator(mode="after")
    def _fits_its_operation(self) -> Self:
        effect = EFFECTS[self.do]
        if self.on not in effect.operations:
            where = ", ".join(sorted(effect.operations))
            raise ValueError(f"`{self.do}` cannot happen on {self.on}; it happens on: {where}")
        surplus = self.model_fields_set - SELECTORS - set(effect.fields)
        if surplus:
            known = ", ".join(effect.fields) or "no field of its own"
            raise ValueError(f"`{self.do}` does not read {', '.join(surplus)}; it reads {known}")
        if effect.shapes and self.shape not in effect.shapes:
            raise ValueError(f"`{self.do}` needs a `shape`: one of {', '.join(effect.shapes)}")
        needed = NEEDED.get(self.do, ())
        if needed and all(getattr(self, name) is None for name in needed):
            words = " or ".join(f"`{name}`" for name in needed)
            raise ValueError(f"`{self.do}` needs {'a ' * (needed != ('dials',))}{words}")
        if self.do is not Action.SKEW and (self.seconds or 0) < 0:
            raise ValueError(f"`{self.do}` cannot last {self.seconds} seconds")
        return self


class FaultScript(BaseModel):
    """The whole file: what is wrong with every clip, and a list of rules.

    Of the rules that hold, the first one is done.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    dials: Dials = FAULTLESS
    faults: tuple[Fault, ...] = ()


def load_faults(path: Path) -> FaultScript:
    """The script in a YAML or JSON file; raises StoryboardError with file and line."""
    return load(path, FaultScript)


@dataclass(frozen=True)
class Happening:
    """One operation as the script sees it.

    ``now`` in epoch seconds; ``committed_usd`` is the price of everything accepted that did not
    fail; ``number`` is the accepted request's number, 0 where there is none (yet).
    """

    operation: Endpoint
    now: float
    model: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    number: int = 0
    committed_usd: float = 0.0


@dataclass
class _Count:
    met: int = 0
    fired: int = 0
    first_fired_at: float | None = None


class FaultPlayer:
    """Counts what happens and says which fault, if any, is due. Safe to call from any thread."""

    def __init__(self, script: FaultScript) -> None:
        self._faults = script.faults
        self._counts: dict[tuple[int, int], _Count] = {}
        self._lock = threading.Lock()

    def due(self, happening: Happening) -> Fault | None:
        """The first rule that holds now; every rule that matches counts it."""
        with self._lock:
            matching = [
                (fault, self._count(index, fault, happening))
                for index, fault in enumerate(self._faults)
                if self._matches(fault, happening)
            ]
            holding = [one for one in matching if self._holds(*one, happening.now)]
            if not holding:
                return None
            fault, count = holding[0]
            count.fired += 1
            if count.first_fired_at is None:
                count.first_fired_at = happening.now
            return fault

    def _count(self, index: int, fault: Fault, happening: Happening) -> _Count:
        """The rule's own count, or its count for the one request."""
        number = happening.number if fault.each else 0
        return self._counts.setdefault((index, number), _Count())

    @staticmethod
    def _matches(fault: Fault, happening: Happening) -> bool:
        rich_enough = fault.after_usd is None or happening.committed_usd >= fault.after_usd - 1e-9
        return fault.on is happening.operation and rich_enough and fault.match.agrees(happening)

    @staticmethod
    def _holds(fault: Fault, count: _Count, now: float) -> bool:
        count.met += 1
        if fault.nth is not None and count.met < fault.nth:
            return False
        if fault.for_seconds is not None:
            began = now if count.first_fired_at is None else count.first_fired_at
            return now - began <= fault.for_seconds
        if fault.nth is not None:
            return count.met < fault.nth + (fault.times or 1)
        return fault.times is None or count.fired < fault.times
