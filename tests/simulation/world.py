"""A world as a seed draws it: what is rendered, how the service behaves, what happens to renders.

Plain values, so that a world can be printed, shrunk, and played again.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

Fault = dict[str, Any]

OWN_CLIP = "own.mp4"
"""The author's own clip, next to the storyboard."""


class Frozen(BaseModel):
    """Values that are compared and printed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ShotDrawn(Frozen):
    """A shot of one clip; ``again`` starts from a frame of the one before it.

    ``skip``: it is left out; ``own``: its clip is the author's own.
    """

    prompt: str
    takes: int = 1
    again: bool = True
    gate: bool = False
    seed: int | None = None
    skip: bool = False
    own: bool = False

    @property
    def authored(self) -> dict[str, Any]:
        """As an author writes it."""
        if self.own:
            return {"prompt": self.prompt, "clip": OWN_CLIP}
        said: dict[str, Any] = {"prompt": self.prompt, "takes": self.takes}
        said |= {"continuity": {"gate": "retake"}} if self.gate else {}
        said |= {"seed": self.seed} if self.seed is not None else {}
        return said | ({"skip": True} if self.skip else {})


class Board(Frozen):
    """A storyboard: scenes of shots. With one of ``stills`` they begin there; several lie along."""

    scenes: tuple[tuple[ShotDrawn, ...], ...]
    path: str = "chain"
    stills: tuple[str, ...] = ()

    def authored(self) -> dict[str, Any]:
        """As an author writes it."""
        calm = {"colour": "off", "deflash": False, "gate": "off"}
        scenes = []
        for number, scene in enumerate(self.scenes, 1):
            shots = []
            for at, shot in enumerate(scene):
                cut = at and not shot.again and not shot.own
                shots.append(shot.authored | ({"start": "cut"} if cut else {}))
            if len(self.stills) == 1:
                shots[0]["start"] = self.stills[0]
            along = {"stills": list(self.stills)} if len(self.stills) > 1 else {}
            scenes.append({"name": f"s{number}", "path": self.path, "shots": shots} | along)
        return {"title": "World", "look": {"seed": 7, "continuity": calm}, "scenes": scenes}


MOMENTS = ("reserved", "written down", "accepted", "known", "fetched")
"""Of a take: its money is reserved, its submit is about to leave, the service has it, its id is on
record, its file came and was not looked at yet."""


class Run(Frozen):
    """One start of the command: when, of what, and what happens to it.

    ``dies_at`` and ``freezes_at`` count the process's own steps. ``dies_on`` and ``freezes_on`` are
    moments of its first take (``MOMENTS``), which a count of steps hardly ever meets. It ``heals``
    that clip instead of rendering the film. With ``cuts_power`` the whole machine dies with it, and
    what its disk was not told to keep may be gone.
    """

    at_seconds: float
    board: int = 0
    budget_usd: float | None = None
    retake_lost: bool = False
    dies_at: int | None = None
    stops_at: int | None = None
    freezes_at: int | None = None
    freezes_seconds: float = 0.0
    dies_on: str | None = None
    freezes_on: str | None = None
    heals: str | None = None
    cuts_power: bool = False


class Verdict(Frozen):
    """A person decides about the ``take``-th take that is stored."""

    at_seconds: float
    take: int
    says: str


class Jump(Frozen):
    """Our clock is set by that much."""

    at_seconds: float
    by_seconds: float


class World(Frozen):
    """Everything that a seed decides, but for the order of what happens at once."""

    seed: int
    boards: tuple[Board, ...]
    runs: tuple[Run, ...]
    faults: tuple[Fault, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    jumps: tuple[Jump, ...] = ()
    skew_seconds: float = 0.0
    prices: tuple[float, float] = (0.10, 0.09)
    latency_seconds: tuple[float, float] = (0.01, 0.2)
    inference_seconds: float = 60.0
    queue_seconds: float = 4.0
    credits_usd: float = 100.0
    topped_up_at: float | None = None
    record_seconds: float = 3600.0
    short_share: float = 0.0
    concurrency: int = 8
    service_concurrency: int = 8
    retakes: int = 2
    lease_seconds: float = 60.0
    daily_budget_usd: float | None = None
    requests_per_minute: int | None = None
    image_transport: str = "upload"
    endpoint: str = "v2"

    @property
    def cuts_power(self) -> bool:
        """Whether the machine dies with one of its runs."""
        return any(run.cuts_power for run in self.runs)

    @property
    def damages(self) -> bool:
        """Whether the service may hand out a file of no use, again and again."""
        return any(fault["on"] == "download" for fault in self.faults)
