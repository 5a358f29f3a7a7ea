"""How an emulator behaves: everything that can be set, with defaults like the real service's."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from longtake.emulator.clock import EmulatorClock, MachineClock
from longtake.emulator.drawing.dials import Dials
from longtake.emulator.faults import FaultScript
from longtake.emulator.makers import ClipProvider
from longtake.emulator.validation import I2V, MODELS, T2V, Models

if TYPE_CHECKING:
    from longtake.emulator.requests import EmulatedRequest

Hook = Callable[[str, "EmulatedRequest"], None]
"""Called with "before_accept", "accepted" or "before_answer" and the request, in the server's
thread; for tests that end a process at that very moment."""


@dataclass(frozen=True)
class EmulatorConfig:
    """Values only; one config can start any number of emulators.

    Seconds of work (queue, inference, cold start) are divided by ``pace``; what the contract says
    in real time (the record's life, the rate limit's minute) is not.
    """

    pace: float = 60.0
    faults: FaultScript = field(default_factory=FaultScript)
    clock: EmulatorClock = field(default_factory=MachineClock)
    """Every instant and every wait; a handed-in one makes the emulator part of a simulation."""
    seed: int | None = None
    """Of everything that is left to chance (ids, seeds that nobody chose); None: by the machine."""
    models: Models = field(default_factory=lambda: MODELS)
    """What each model takes, by its slug."""
    maker: ClipProvider | None = None
    """Who makes the clips; None: they are drawn, in threads."""
    stills: Mapping[str, Path] = field(default_factory=dict)
    """Addresses of pictures that are served from a file here, without a connection."""
    keys: frozenset[str] | None = None
    """The keys that are known; None: any key is."""
    credits_usd: float = 100.0
    """What each key's account holds at the start."""
    free_credits_usd: float = 0.0
    usd: Mapping[str, float] = field(default_factory=lambda: {T2V: 0.10, I2V: 0.09})
    """The price of a call of each model."""
    out_of_credits_status: Literal[402, 406] = 406
    concurrency: int = 8
    """Jobs of one key that run at the same time."""
    over_concurrency: Literal["queue", "refuse"] = "queue"
    requests_per_minute: int | None = None
    """429 above it, for each key; None: no limit."""
    polls_count: bool = True
    """Whether GETs count towards the limit."""
    validate: Literal["late", "early"] = "late"
    """``late``: a bad parameter is accepted and ends FAILED; ``early``: 400 or 406 at once."""
    inference_seconds: Mapping[str, float] = field(default_factory=lambda: {T2V: 93.0, I2V: 54.0})
    queue_seconds: float = 4.0
    cold_start_seconds: float = 0.0
    """Added to a model's first call, and to one after ``idle_seconds`` (real) without a call."""
    idle_seconds: float = 300.0
    record_seconds: float = 3600.0
    """How long a request can be asked for; its row in the history and its file stay."""
    output_shape: Literal["string", "video", "url", "list"] = "string"
    dials: Dials | None = None
    """What is wrong with every clip; None: what the fault script says, a faultless clip if nothing.
    A scripted ``bad_take`` comes instead."""
    captions: bool = False
    """Whether clip, beat and prompt are written into the picture."""
    workers: int = 2
    """Threads that draw and encode."""
    on_event: Hook | None = None

    def __post_init__(self) -> None:
        if self.pace <= 0:
            raise ValueError(f"pace must be more than 0, not {self.pace}")
        if self.concurrency < 1 or self.workers < 1:
            raise ValueError("concurrency and workers must be at least 1")
