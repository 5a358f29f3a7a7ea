"""The side of a crash test that survives: it starts renders, kills some, and counts what was paid.

Renders are processes of their own, forked from a server that has imported everything already, so
that one starts in a moment. The emulator lives here and outlasts them.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import connection, forkserver, get_context
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import av
from prefect.settings import PREFECT_API_URL

from longtake.emulator import EmulatedRequest, RunningEmulator
from longtake.ledger import Ledger, Scope, Slate, TakeState
from longtake.media.proving import read_proof
from longtake.record import RunRecord, read_run
from longtake.store import Store
from tests.end_to_end.conftest import Harness
from tests.end_to_end.crash_child import OWN_FLOW, WALK, Point, perform
from tests.whole_store import faults_of

SECONDS = 600
"""How long a render may take before the test gives it up."""

PATIENT = {
    "waiting": {
        "read_seconds": 60,
        "generate_seconds": 300,
        "job_seconds": 300,
        "retry_seconds": [0.01, 0.02, 0.05],
    },
    "keeping": {"lease_seconds": 2, "ambiguous_seconds": 0.3},
}
"""What a profile needs here: nothing may fail because the machine is busy."""


class Call(NamedTuple):
    """Where the service kills a render: at the ``nth`` accepted call (from 1), at that event.

    The events are the emulator's; with ``unseen`` the call dies with the render, and is not
    accepted.
    """

    event: str
    nth: int = 1
    unseen: bool = False

    def __str__(self) -> str:
        return f"{self.event}{' (then dropped)' if self.unseen else ''} #{self.nth}"


class Dropped(Exception):
    """The connection went down with its sender before the call was seen."""


@dataclass(frozen=True)
class Outcome:
    """What is left when a render has ended: on the service, in the ledger, in the store."""

    folder: Path
    run: RunRecord
    accepted: Sequence[EmulatedRequest]
    slates: Sequence[Slate]
    paid_usd: float
    billed_usd: float
    broken: Sequence[str]

    @property
    def double_payments(self) -> int:
        """Accepted requests beyond one a clip."""
        return max(0, len(self.accepted) - len(self.run.clips))

    @property
    def lost_clips(self) -> list[str]:
        """Clips that are not at hand whole, or that the ledger does not have as stored."""
        stored = {slate.fingerprint for slate in self.slates if slate.state is TakeState.STORED}
        return [
            clip.id
            for clip in self.run.clips.values()
            if clip.fingerprint not in stored
            or not clip.file
            or sha256_of(self.folder / clip.file) != clip.sha256
        ]

    @property
    def film(self) -> dict[str, Any]:
        """What the film proves of itself: every frame's digest, and whose takes they are.

        All but what the service called the requests, which no two services do alike.
        """
        proof, _, wrong = read_proof(self.folder / "film.mp4")
        assert not wrong
        return proof.model_dump(exclude={"takes": {"__all__": {"request_id"}}})

    def frames_of(self, clip_id: str) -> int:
        """How many frames of the clip's file decode."""
        with av.open(str(self.folder / str(self.run.clips[clip_id].file))) as container:
            return sum(1 for _ in container.decode(video=0))

    def faults(self, whole: Outcome) -> list[str]:
        """All that is wrong in comparison with a render that nobody disturbed; empty is well."""
        seeds = {(request.model, request.body["seed"]) for request in self.accepted}
        claims = {
            "more than one request for a clip": self.double_payments == 0,
            "a seed was sent twice": len(seeds) == len(self.accepted),
            "clips are missing": not self.lost_clips,
            "objects in the store are damaged": not self.broken,
            "a slate is not stored": {each.state for each in self.slates} == {TakeState.STORED},
            "a slate is still held": not any(each.owner for each in self.slates),
            "the ledger counts other money": abs(self.paid_usd - self.billed_usd) < 1e-6,
            "the run is not complete": self.run.state == "completed",
            "the clips differ": self._clip_hashes() == whole._clip_hashes(),
            "the film differs": self.film == whole.film,
        }
        return [fault for fault, holds in claims.items() if not holds]

    def _clip_hashes(self) -> dict[str, str | None]:
        return {clip.id: clip.sha256 for clip in self.run.clips.values()}


class Renders:
    """Renders of one storyboard on one emulator, one after another, each in a process."""

    def __init__(self, harness: Harness, storyboard: str, profile: Mapping[str, Any]) -> None:
        self.harness = harness
        self.emulator: RunningEmulator
        self._profile = {**PATIENT, **profile}
        self._text = storyboard
        self._trap: Call | None = None
        self._victim: ForkServerProcess | None = None
        self._calls = 0
        self._unsettled: EmulatedRequest | None = None
        self._started = threading.Event()
        self._settled = threading.Event()

    def render(self, at: Point | Call | float | None = None) -> int:
        """Run the same command once more; returns its exit code, -9 if it was killed.

        It is killed at ``at``: a step of its own, a call to the service, or after that many
        seconds, if it lives so long.
        """
        self._started.clear()
        self._settled.set()
        self._trap, self._calls = (at, 0) if isinstance(at, Call) else (None, 0)
        point = at if isinstance(at, Point) else None
        victim = get_context("forkserver").Process(
            target=perform, args=(self._command(), point, self.log)
        )
        victim.start()
        self._victim = victim
        self._started.set()
        victim.join(at if isinstance(at, float) else SECONDS)
        if victim.is_alive():
            victim.kill()
            victim.join()
            assert isinstance(at, float), f"the render hangs: {self.said()}"
        self._settled.wait()
        return victim.exitcode or 0

    def outcome(self) -> Outcome:
        """What is left now."""
        return asyncio.run(self._outcome())

    @property
    def log(self) -> Path:
        """Where all renders' words go."""
        return self.harness.folder / "log.txt"

    def said(self) -> str:
        """The last of it."""
        return self.log.read_text("utf-8")[-4000:]

    def on_event(self, event: str, request: EmulatedRequest) -> None:
        """The emulator's hook, in its thread: kill the render and go on when it is dead."""
        if request is self._unsettled and event == "accepted":
            self._settled.set()
        trap = self._trap
        if trap is None or event != trap.event:
            return
        self._calls += 1
        if self._calls != trap.nth:
            return
        self._started.wait()
        assert self._victim is not None
        self._settled.clear()
        self._victim.kill()
        connection.wait([self._victim.sentinel])
        if event == "before_accept" and not trap.unseen:
            self._unsettled = request
            return
        self._settled.set()
        if trap.unseen:
            raise Dropped

    @property
    def out(self) -> Path:
        """Where the film and its record lie."""
        return self.harness.folder / "out"

    @property
    def profile(self) -> str:
        """The path of the profile."""
        return str(self.harness.profile(self.emulator.base_url, self._profile))

    def _command(self) -> list[str]:
        storyboard = self.harness.folder / "storyboard.yaml"
        storyboard.write_text(self._text, encoding="utf-8")
        return ["render", str(storyboard), "--profile", self.profile, "--out", str(self.out)]

    async def _outcome(self) -> Outcome:
        folder, emulator = self.harness.folder, self.emulator.emulator
        run = read_run(self.out / "run.json")
        assert run is not None, self.said()
        async with Ledger.open(folder / "ledger.sqlite") as ledger:
            slates = await ledger.slates()
            costs = await ledger.costs(Scope.ALL)
        wanted = [(each.clip_sha256, "clip") for each in slates if each.clip_sha256]
        broken = await faults_of(Store(folder / "store"), wanted)
        return Outcome(
            folder=self.out,
            run=run,
            accepted=emulator.requests,
            slates=slates,
            paid_usd=sum(row.usd + row.reserved_usd for row in costs),
            billed_usd=emulator.billed_usd,
            broken=[str(error) for error in broken],
        )


class FlowRuns(Renders):
    """Runs of somebody's own flow ``name``, whose text takes the place of the storyboard's."""

    name = "two_clips"

    @property
    def out(self) -> Path:
        """The one film's folder."""
        (out,) = (self.harness.folder / "renders").iterdir()
        return out

    def _command(self) -> list[str]:
        file = self.harness.folder / "own.py"
        file.write_text(self._text, encoding="utf-8")
        return [OWN_FLOW, str(file), self.name, self.profile]


class Walks(Renders):
    """Renders without Prefect around them: the same walk, ledger, store, media and film."""

    def _command(self) -> list[str]:
        _, storyboard, _, profile, _, out = super()._command()
        return [WALK, storyboard, profile, out]


@contextmanager
def renders_of(
    folder: Path,
    storyboard: str,
    profile: Mapping[str, Any] | None = None,
    kind: type[Renders] = Renders,
) -> Iterator[Renders]:
    """Renders in a folder, on an emulator for them alone."""
    renders = kind(Harness(folder), storyboard, profile or {})
    with renders.harness.emulator(on_event=renders.on_event) as renders.emulator:
        yield renders


def start_fork_server() -> None:
    """Have a process that imported it all, to fork renders from; they use this one's Prefect."""
    get_context("forkserver").set_forkserver_preload(
        [perform.__module__, "flows.render", "tasks.blocks"]
    )
    environment = {
        "PREFECT_API_URL": str(PREFECT_API_URL.value()),
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
    }
    with mock.patch.dict(os.environ, environment):
        forkserver.ensure_running()


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, in hex; of nothing, where there is no file."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
