"""A world from its beginning to its end: its runs, what befalls them, and the runs that recover."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from longtake.emulator import FaultScript
from longtake.emulator.faults import FaultPlayer
from longtake.errors import LongtakeError
from longtake.ledger import TakeState
from longtake.ledger import Verdict as Decision
from tests.simulation.in_place import no_threads
from tests.simulation.invariants import (
    Violation,
    after_a_power_cut,
    after_a_run,
    at_accept,
    at_end,
    stands,
)
from tests.simulation.loop import PROCESS, Endless, SimulatedLoop, Stuck
from tests.simulation.stage import KEY, Parts, Stage, render, staged
from tests.simulation.world import Run, Verdict, World

RECOVERIES = 4
"""The same command again, once the faults are over: by then it must have the film."""

BETWEEN_SECONDS = 4000.0
SIMULATED_DAYS = 10


@dataclass
class Played:
    """What became of a world."""

    world: World
    history: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    renders: int = 0
    ended: str = ""
    simulated_seconds: float = 0.0
    steps: int = 0


def play(world: World, parts: Parts | None = None) -> Played:
    """Play the world; other ``parts`` switch a safeguard off."""
    played = Played(world)
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  a disk in memory
    loop = SimulatedLoop(random.Random(world.seed))
    folder = tempfile.TemporaryDirectory(dir=place, prefix="longtake-simulation-")
    with folder as name, no_threads(), quiet():
        try:
            _play(played, loop, Path(name), parts or Parts())
        except Violation as found:
            played.violations.append(str(found))
        except (Stuck, Endless) as found:
            played.violations.append(f"no end: {found!r}")
        finally:
            played.simulated_seconds, played.steps = loop.time(), loop.steps
            loop.forget()
    return played


def _play(played: Played, loop: SimulatedLoop, folder: Path, parts: Parts) -> None:
    def say(what: str) -> None:
        played.history.append(f"{loop.time():10.2f} {what}")

    stage = staged(played.world, folder, loop, say, parts)
    befalling = Befalling(stage)
    stage.seen.moment = lambda moment: befalling.at(PROCESS.get(), moment)
    stage.network.on_accepted = lambda process: befalling.at(process, "accepted")
    with stage.disk.heeding() if played.world.cuts_power else nullcontext():
        loop.run_until_complete(_whole(stage, played))
    if loop.faults:
        raise Violation(f"unseen error: {loop.faults[0]}")


class Befalling:
    """What befalls a process at a moment of its first take."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._met: set[tuple[str, str]] = set()

    def at(self, process: str, moment: str) -> None:
        """The process has come to that moment; only the first time counts."""
        if (process, moment) in self._met or not process.startswith("run"):
            return
        self._met.add((process, moment))
        run, loop = self._stage.world.runs[int(process[3:]) - 1], self._stage.loop
        if run.dies_on == moment:
            self._stage.say(f"{process} dies: {moment}")
            loop.kill(process)
        if run.freezes_on == moment:
            self._stage.say(f"{process} freezes: {moment}")
            loop.freeze(process, run.freezes_seconds)


async def _whole(stage: Stage, played: Played) -> None:
    world = stage.world
    running = [
        asyncio.ensure_future(_run(stage, run, f"run{number}", played))
        for number, run in enumerate(world.runs, 1)
    ]
    running += [asyncio.ensure_future(_decide(stage, each)) for each in world.verdicts]
    if world.topped_up_at is not None:
        running.append(asyncio.ensure_future(_top_up(stage, world.topped_up_at)))
    await asyncio.gather(*running)
    at_accept(stage)
    stage.emulator.player = FaultPlayer(FaultScript())
    stage.say("faults are over")
    await _top_up(stage, 0)
    ended, before = "", ""
    for number in range(1, RECOVERIES + 1):
        await asyncio.sleep(BETWEEN_SECONDS)
        ended = await _run(stage, _recovery(world), f"again{number}", played)
        standing = await stands(stage)
        if ended == "film" or standing == before:
            break
        before = standing
    played.ended = ended.partition(":")[0]
    await at_end(stage, ended)
    if stage.loop.time() > SIMULATED_DAYS * 86_400:
        raise Violation(f"it took {stage.loop.time() / 86_400:.1f} simulated days")


def _recovery(world: World) -> Run:
    return Run(at_seconds=0.0, board=world.runs[-1].board)


async def _run(stage: Stage, run: Run, name: str, played: Played) -> str:
    """Start a run and wait for its end, whatever that is."""
    await asyncio.sleep(run.at_seconds)
    played.renders += 1
    task = stage.loop.spawn(name, render(stage, run, name))
    stage.say(f"{name} starts")
    if run.dies_at is not None:
        stage.loop.kill_after(name, run.dies_at)
    if run.freezes_at is not None:
        stage.loop.freeze_after(name, run.freezes_at, run.freezes_seconds)
    if run.stops_at is not None:
        stage.loop.call_after(name, run.stops_at, task.cancel)
    died = stage.loop.death_of(name)
    await asyncio.wait({task, died}, return_when=asyncio.FIRST_COMPLETED)
    ended = "died"
    if task.done():
        ended = _ending(task)
        died.cancel()
    stage.say(f"{name} ends: {ended}")
    if ended == "died" and run.cuts_power:
        await _power_cut(stage)
    at_accept(stage)
    after_a_run(stage, run, ended)
    return ended


async def _power_cut(stage: Stage) -> None:
    stage.say("power cut")
    stage.loop.kill_all()
    stage.disk.power_cut()
    stage.books.power_cut()
    await after_a_power_cut(stage)


def _ending(task: asyncio.Task[None]) -> str:
    if task.cancelled():
        return "stopped"
    error = task.exception()
    if error is None:
        return "film"
    if isinstance(error, LongtakeError):
        return f"{type(error).__name__}: {error}"
    raise Violation(f"a traceback: {error!r}") from error


async def _decide(stage: Stage, verdict: Verdict) -> None:
    await asyncio.sleep(verdict.at_seconds)
    async with stage.open_ledger() as ledger:
        stored = sorted(
            await ledger.slates(state=TakeState.STORED), key=lambda one: one.fingerprint
        )
        if verdict.take >= len(stored):
            return
        slate = stored[verdict.take]
        says = None if verdict.says == "none" else Decision(verdict.says)
        await ledger.decide(slate.fingerprint, says)
        stage.say(f"a person: {slate.clip_id} take {slate.take_number} {verdict.says}")


async def _top_up(stage: Stage, at_seconds: float) -> None:
    await asyncio.sleep(at_seconds)
    account = stage.emulator.account(KEY)
    assert account is not None
    account.credits_usd += 100.0


@contextmanager
def quiet() -> Iterator[None]:
    """Processes that were killed are closed by nobody: what Python says of that is no news.

    Around several worlds it is for them all: what they leave is looked through at the end.
    """
    if sys.unraisablehook is _unheard:
        yield
        return
    said, collecting = sys.unraisablehook, gc.isenabled()
    sys.unraisablehook = _unheard
    logging.disable(logging.CRITICAL)
    gc.disable()
    gc.freeze()  # what was there before is not looked through for each world
    try:
        yield
    finally:
        gc.collect()
        logging.disable(logging.NOTSET)
        sys.unraisablehook = said
        if collecting:
            gc.enable()


def _unheard(_: object) -> None:
    """Nothing is said of it."""
