"""What a world is played on: its loop, its service, its folder; and how one render runs there."""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import random
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from longtake.emulator import (
    EmulatedRequest,
    Emulator,
    EmulatorConfig,
    Fault,
    FaultScript,
    InstantMaker,
)
from longtake.ledger import Ledger
from longtake.profile_parts import Keeping, Waiting
from longtake.rendering.healing import heal
from longtake.rendering.host import Host
from longtake.rendering.making import Maker
from longtake.rendering.media_work import MediaWork
from longtake.rendering.opening import open_prepared
from longtake.rendering.outcomes import raise_first
from longtake.rendering.preflight import Preflight
from longtake.rendering.render import Render
from longtake.rendering.repeated_steps import STEPS, patient
from longtake.rendering.requests import RenderRequest
from longtake.rendering.steps import Steps
from longtake.rendering.walk import walk
from longtake.segmind import Network
from longtake.settings import Settings
from longtake.story import Storyboard
from longtake.story.attached import Attached
from tests.simulation.books import Books, MemoryDatabase
from tests.simulation.disk import Disk
from tests.simulation.loop import SimulatedLoop
from tests.simulation.media import NO_FFMPEG, TinyMedia, made_clip
from tests.simulation.network import SimulatedNetwork
from tests.simulation.watching import Seen, watched
from tests.simulation.world import OWN_CLIP, Run, World

BEGAN = datetime(2026, 1, 1, 12, tzinfo=UTC)
KEY = "SG_simulated"
URL = "http://127.0.0.1:1"
T2V, I2V = "wan-2.2-t2v-fast", "wan-2.2-i2v-fast"
JOB_SECONDS = 300.0
"""As long as a run waits for a job; the next run looks again."""

Say = Callable[[str], None]


class ServiceClock:
    """The service's own time: the world's, ``ahead_seconds`` off."""

    def __init__(self, loop: SimulatedLoop, ahead_seconds: float) -> None:
        self._loop = loop
        self._ahead_seconds = ahead_seconds

    def now(self) -> float:
        return BEGAN.timestamp() + self._loop.time() + self._ahead_seconds

    async def sleep(self, seconds: float) -> None:
        if seconds == math.inf:
            await asyncio.Event().wait()
        await asyncio.sleep(seconds)


class OurClock:
    """This machine's time, which is set now and then."""

    def __init__(self, loop: SimulatedLoop, world: World) -> None:
        self._loop = loop
        self._jumps = world.jumps

    def now(self) -> datetime:
        seconds = self._loop.time()
        if not self._jumps:
            return BEGAN + timedelta(seconds=seconds)
        set_by = sum(jump.by_seconds for jump in self._jumps if jump.at_seconds <= seconds)
        return BEGAN + timedelta(seconds=seconds + set_by)

    def monotonic(self) -> float:
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


@dataclass(frozen=True)
class Parts:
    """What a render is made of; in place of each another may be put, without a safeguard."""

    ledger: type[Ledger] = Ledger
    media: type[TinyMedia] = TinyMedia
    steps: Steps = STEPS
    keeping: Mapping[str, Any] = field(default_factory=dict)
    network: Callable[[Network], Network] = lambda network: network
    opened: Callable[[Render], None] = lambda render: None
    disk_keeps: bool = True
    ledger_lags: int = 0  # transactions


@dataclass
class Stage:
    """Where a world is played."""

    world: World
    folder: Path
    loop: SimulatedLoop
    emulator: Emulator
    network: SimulatedNetwork
    clock: OurClock
    say: Say
    books: Books
    seen: Seen
    disk: Disk
    parts: Parts = field(default_factory=Parts)
    asked_for: dict[int, str] = field(default_factory=dict)  # what a job is, once looked at

    @asynccontextmanager
    async def open_ledger(self) -> AsyncIterator[Ledger]:
        """The ledger, as a process opens it."""
        ledger = watched(self.parts.ledger)(MemoryDatabase(self.books, self.clock.now))
        ledger.seen = self.seen
        yield ledger
        await ledger.flush()

    @property
    def service_began(self) -> float:
        """When the world began, by the service's clock."""
        return BEGAN.timestamp() + self.world.skew_seconds

    def budgets(self) -> dict[str, float]:
        """What may be paid for, by the name of a run or by the day."""
        runs = enumerate(self.world.runs, 1)
        by_run = {f"run{at}": run.budget_usd for at, run in runs if run.budget_usd is not None}
        if self.world.daily_budget_usd is None or self.world.jumps:
            return by_run
        days = {one.day for sent in self.seen.sent.values() for _, one in sent}
        return by_run | dict.fromkeys(days, self.world.daily_budget_usd)

    @cached_property
    def settings(self) -> Settings:
        """What a run of the world is told."""
        world = self.world
        kept = {
            "ledger": str(self.folder / "ledger.sqlite"),
            "store": str(self.folder / "store"),
            "lease_seconds": world.lease_seconds,
            "retakes": world.retakes,
            "daily_budget_usd": world.daily_budget_usd,
        }
        usual = _usual_settings()
        return usual.model_copy(
            update={
                "requests_per_minute": world.requests_per_minute or 600,
                "concurrency": world.concurrency,
                "image_transport": world.image_transport,
                "endpoint": world.endpoint,
                "keeping": usual.keeping.model_copy(update=kept | dict(self.parts.keeping)),
            }
        )


@cache
def _usual_settings() -> Settings:
    """What all worlds have in common."""
    return Settings(
        **dict.fromkeys(("api_url", "upload_url", "history_url"), URL),
        ffmpeg_processes=2,
        review=False,
        keeping=Keeping(),
        waiting=Waiting(job_seconds=JOB_SECONDS),
    )


class SimulatedHost(Host):
    """Everything that a render is handed: all of it the world's."""

    def __init__(self, stage: Stage, chance: random.Random) -> None:
        super().__init__(stage.clock, chance)
        self._stage = stage

    async def api_key(self, settings: Settings) -> SecretStr:
        return SecretStr(KEY)

    def ledger(self, settings: Settings) -> AbstractAsyncContextManager[Ledger]:
        return self._stage.open_ledger()

    def media(self, ffmpeg: Any, processes: int) -> MediaWork:
        stage = self._stage
        return stage.parts.media(stage.world.short_share, lambda: stage.seen.moment("fetched"))

    def network(self) -> Network | None:
        return self._stage.parts.network(self._stage.network)


def staged(
    world: World, folder: Path, loop: SimulatedLoop, say: Say, parts: Parts | None = None
) -> Stage:
    """The stage of a world, before anything happens."""
    script = FaultScript(faults=tuple(Fault.model_validate(each) for each in world.faults))
    config = EmulatorConfig(
        clock=ServiceClock(loop, world.skew_seconds),
        seed=world.seed,
        maker=InstantMaker(made_clip),
        faults=script,
        pace=1,
        usd={T2V: world.prices[0], I2V: world.prices[1]},
        inference_seconds={T2V: world.inference_seconds, I2V: world.inference_seconds},
        queue_seconds=world.queue_seconds,
        credits_usd=world.credits_usd,
        concurrency=world.service_concurrency,
        record_seconds=world.record_seconds,
        on_event=lambda event, request: accepted(request) if event == "accepted" else None,
    )
    emulator = Emulator(config)
    chance = random.Random(world.seed + 1)
    network = SimulatedNetwork(emulator, chance, world.latency_seconds)

    def accepted(request: EmulatedRequest) -> None:
        network.accepted += 1
        say(f"service: accepted job {request.number}")

    parts, clock, books = parts or Parts(), OurClock(loop, world), Books()
    if parts.ledger_lags:
        books.lag(parts.ledger_lags)
    disk = Disk(folder, random.Random(f"{world.seed} disk"), keeps=parts.disk_keeps)
    seen = Seen(loop.time)
    return Stage(world, folder, loop, emulator, network, clock, say, books, seen, disk, parts)


async def render(stage: Stage, run: Run, name: str) -> None:
    """One run of the command, from its beginning to the film; raises what it ends with."""
    board = stage.world.boards[min(run.board, len(stage.world.boards) - 1)]
    authored = board.authored()
    text = json.dumps(authored, sort_keys=True)
    out = stage.folder / f"out{run.board}"
    out.mkdir(exist_ok=True)
    ready = Preflight(
        Storyboard.model_validate(authored),
        stage.folder / "board.yaml",
        hashlib.sha256(text.encode()).hexdigest(),
        stage.settings,
        NO_FFMPEG,
        out,
        Attached(clip_seconds={OWN_CLIP: 5.0}),
    )
    for file in (OWN_CLIP, *board.stills):
        (stage.folder / file).write_bytes(f"the author's {file}".encode())
    request = RenderRequest(
        "", budget_usd=run.budget_usd, retake_lost=run.retake_lost, run_name=name, run_id=name
    )
    host = SimulatedHost(stage, random.Random(f"{stage.world.seed} {name}"))
    async with open_prepared(ready, request, host) as opened:
        stage.parts.opened(opened)
        steps = patient(opened, stage.parts.steps)
        if run.heals is not None:
            await heal(opened, steps, run.heals)
            return
        walks = (walk(chain, Maker(opened, steps)) for chain in opened.plan.chains)
        outcomes = await asyncio.gather(*walks, return_exceptions=True)
        raise_first(each for each in outcomes if isinstance(each, BaseException))
        opened.raise_missing()
