"""Renders that share one ledger: they share the work and the budget, and pay once a take.

Real processes of the command line, one Prefect server, one emulator. The emulator accepts nothing
before both have begun, so that they overlap whatever the machine is busy with.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prefect.settings import PREFECT_API_URL

from flows.render import render_storyboard
from longtake.emulator import (
    Action,
    EmulatedRequest,
    Endpoint,
    Fault,
    FaultScript,
    RunningEmulator,
)
from longtake.errors import RenderIncomplete
from longtake.ledger import Ledger, Slate
from longtake.record import RunRecord, Stage, read_run
from tests.end_to_end.conftest import Harness
from tests.postgres import PostgresCluster, PostgresMissing, postgres_cluster

pytestmark = pytest.mark.slow

TWO = """\
title: Two
look: {seed: 7}
scenes:
  - name: one
    shots: [{prompt: a sailing boat at dawn, seconds: 1}, {prompt: it turns, seconds: 1}]
"""
ONE = TWO.replace(", {prompt: it turns, seconds: 1}", "")

ENDS_WITHIN_SECONDS = 120


class Gate:
    """Holds the service's first answer until it is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()

    def __call__(self, event: str, _request: EmulatedRequest) -> None:
        """The emulator's hook."""
        if event == "before_accept":
            assert self._open.wait(ENDS_WITHIN_SECONDS), "the other render never began"

    def open(self) -> None:
        """Let everything pass from now on."""
        self._open.set()


@dataclass
class Renderer:
    """``longtake render`` as a process of its own."""

    process: subprocess.Popen[str]
    out: Path
    said: str = ""

    @classmethod
    def start(cls, storyboard: Path, profile: Path, out: Path) -> Renderer:
        """Start it; it renders on the session's Prefect server."""
        words = ["render", storyboard, "--profile", profile, "--out", out]
        return cls(
            subprocess.Popen(
                [sys.executable, "-m", "longtake.cli", *map(str, words)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, "PREFECT_API_URL": PREFECT_API_URL.value()},
            ),
            out,
        )

    def begun(self) -> None:
        """Return once its ledger is open and its chains are under way."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            if line.startswith("Prefect run:"):
                return
        raise AssertionError(f"it ended before it began:\n{self.said}")

    def ended(self) -> int:
        """Return its exit code, with all that it said in ``said``."""
        _, rest = self.process.communicate(timeout=ENDS_WITHIN_SECONDS)
        self.said += rest
        return self.process.returncode

    @property
    def run(self) -> RunRecord:
        """What it left as ``run.json``."""
        run = read_run(self.out / "run.json")
        assert run is not None
        return run


def render_together(
    harness: Harness, storyboards: list[str], profile: Path, gate: Gate
) -> list[Renderer]:
    """Render each storyboard in a process of its own, at once; all have ended."""
    with ExitStack() as stack:
        stack.callback(gate.open)  # whatever happens, the emulator must be able to stop
        renderers = []
        for number, storyboard in enumerate(storyboards):
            path = harness.folder / f"storyboard-{number}.yaml"
            path.write_text(storyboard, encoding="utf-8")
            renderer = Renderer.start(path, profile, harness.folder / f"out-{number}")
            stack.callback(renderer.process.wait)
            stack.callback(renderer.process.kill)
            renderers.append(renderer)
        for renderer in renderers:
            renderer.current_identity()
        gate.open()
        for renderer in renderers:
            renderer.ended()
    return renderers


def patient(harness: Harness, emulator: RunningEmulator, **keeping: object) -> Path:
    """A profile for processes that wait at a gate."""
    waiting = {"read_seconds": ENDS_WITHIN_SECONDS, "job_seconds": ENDS_WITHIN_SECONDS}
    return harness.profile(emulator.base_url, {"waiting": waiting, "keeping": keeping})


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresCluster]:
    try:
        with postgres_cluster() as cluster:
            yield cluster
    except PostgresMissing as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_place(request: pytest.FixtureRequest, harness: Harness) -> str:
    if request.param == "sqlite":
        return str(harness.folder / "ledger.sqlite")
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return cluster.new_database()


def test_two_processes_share_one_storyboards_work_and_pay_once_a_take(
    harness: Harness, ledger_place: str
) -> None:
    gate = Gate()
    with harness.emulator(on_event=gate) as emulator:
        profile = patient(harness, emulator, ledger=ledger_place)
        left, right = render_together(harness, [TWO, TWO], profile, gate)
        accepted = emulator.emulator.requests

    assert [each.process.returncode for each in (left, right)] == [0, 0], left.said + right.said
    assert len(accepted) == len({request.body["prompt"] for request in accepted}) == 2
    assert (left.out / "film.mp4").read_bytes() == (right.out / "film.mp4").read_bytes()
    assert left.run.totals.usd + right.run.totals.usd == pytest.approx(0.19)
    for name, clip in left.run.clips.items():
        other = right.run.clips[name]
        assert (clip.request_id, clip.sha256) == (other.request_id, other.sha256)
        assert {clip.stage, other.stage} == {Stage.STORED, Stage.REUSED}


def test_two_processes_with_other_films_keep_within_one_daily_budget(
    harness: Harness,
) -> None:
    """Each wants three clips at 0.10 USD; 0.25 USD a day are allowed for all."""
    shots = "".join(f"  - {{name: row {n}, shots: [boat {n} at ANY]}}\n" for n in range(3))
    films = [
        f"title: {when}\nlook: {{seed: 7}}\nscenes:\n{shots.replace('ANY', when)}"
        for when in ("dawn", "dusk")
    ]
    gate = Gate()
    with harness.emulator(on_event=gate) as emulator:
        profile = patient(harness, emulator, daily_budget_usd=0.25)
        left, right = render_together(harness, films, profile, gate)
        accepted = emulator.emulator.requests

    assert [each.process.returncode for each in (left, right)] == [3, 3], left.said + right.said
    assert round(sum(request.price_usd for request in accepted), 6) == 0.2
    assert left.run.totals.stored + right.run.totals.stored == 2
    for each in (left, right):
        assert "'the daily budget' of 0.25 USD is reached" in " ".join(each.said.split())
        assert not (each.out / "film.mp4").exists()


async def test_two_renders_that_may_pay_again_for_a_lost_clip_pay_once_more_together(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen that it is lost before either opens it again."""
    both = asyncio.Barrier(2)
    reopen = Ledger.reopen

    async def reopen_together(ledger: Ledger, *take: Any, **how: Any) -> Slate:
        await both.wait()
        return await reopen(ledger, *take, **how)

    storyboard = harness.folder / "storyboard.yaml"
    storyboard.write_text(ONE, encoding="utf-8")
    gone = Fault(on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND, times=1)
    with harness.emulator(faults=FaultScript(faults=(gone,))) as emulator:
        profile = harness.profile(emulator.base_url)

        async def render(out: str, **options: bool) -> str:
            folder = harness.folder / out
            return await render_storyboard(str(storyboard), str(folder), str(profile), **options)

        with pytest.raises(RenderIncomplete, match="--retake-lost"):
            await render("out-0")
        monkeypatch.setattr(Ledger, "reopen", reopen_together)
        await asyncio.gather(*(render(f"out-{n}", retake_lost=True) for n in range(2)))
    assert len(emulator.emulator.requests) == 2


async def test_two_renders_in_one_folder_do_not_disturb_each_other(harness: Harness) -> None:
    storyboard = harness.folder / "storyboard.yaml"
    storyboard.write_text(TWO, encoding="utf-8")
    out = harness.folder / "out"
    with harness.emulator() as emulator:
        profile = harness.profile(emulator.base_url)
        render = (render_storyboard(str(storyboard), str(out), str(profile)) for _ in range(2))
        films = await asyncio.gather(*render)
    assert films == [str(out / "film.mp4")] * 2
    assert len(emulator.emulator.requests) == 2
    run = read_run(out / "run.json")
    assert run is not None
    assert run.state == "completed"
    assert not [path for path in out.rglob("*") if path.suffix == ".part"]
