"""Ctrl-C or SIGTERM to all its processes stops a render at once, and nothing is lost."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.settings import get_current_settings

from longtake.emulator import Action, Endpoint, Fault, FaultScript
from longtake.ledger import Ledger, TakeState
from longtake.record import read_run
from tests.end_to_end.conftest import Harness
from tests.end_to_end.test_pauses import PATIENCE_SECONDS, paused_run

ONE = "title: One\nlook: {seed: 7}\nscenes: [{name: one, shots: [a sailing boat at dawn]}]\n"


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_reaches_the_render_and_leaves_its_job_to_be_picked_up(
    harness: Harness, tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    storyboard = tmp_path / "one.yaml"
    storyboard.write_text(ONE, encoding="utf-8")
    stuck = Fault(on=Endpoint.JOB, do=Action.STUCK)
    with harness.emulator(faults=FaultScript(faults=(stuck,))) as emulator:
        profile = harness.profile(emulator.base_url, {"waiting": {"job_seconds": 600}})
        out = tmp_path / "out"
        command = [sys.executable, "-m", "longtake.cli", "render", str(storyboard)]
        with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this loop
            [*command, "--profile", str(profile), "--out", str(out)],
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # A server of its own, as on a machine without one: the signal is sent to that, too.
            env={**os.environ, "PREFECT_API_URL": "", "PYTHONUNBUFFERED": "1"},
        ) as render:
            assert render.stderr is not None
            assert any("generating" in line for line in render.stderr)
            os.killpg(render.pid, sent)
            said = render.stderr.read()
        accepted = list(emulator.emulator.requests)
    assert render.returncode == code
    assert "Traceback" not in said
    assert "ERROR" not in said.upper(), "Prefect could tell its server"
    assert "still under way at the service: one/1.1" in said
    assert "run the same command again" in said
    run = read_run(out / "run.json")
    assert run is not None
    assert run.state == "interrupted"
    async with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        (slate,) = await ledger.slates()
    assert (slate.state, slate.owner) == (TakeState.SUBMITTED, None)
    assert [request.request_id for request in accepted] == [slate.request_id]


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_prefect_starts_is_reported_as_that(
    tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    (tmp_path / "one.yaml").write_text(ONE, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "-m", "longtake.cli", "render", "one.yaml", "--emulated"],
        stderr=subprocess.PIPE,
        text=True,
        cwd=tmp_path,
        start_new_session=True,
        env={**os.environ, "PREFECT_API_URL": "", "PYTHONUNBUFFERED": "1"},
    ) as render:
        assert render.stderr is not None
        assert any("waiting for Prefect" in line for line in render.stderr)
        os.killpg(render.pid, sent)
        said = render.stderr.read()
    assert render.returncode == code, said
    assert "run the same command again" in said
    assert "ERROR" not in said.upper()


@pytest.mark.slow
async def test_a_render_that_is_terminated_while_it_waits_leaves_no_paused_run(
    harness: Harness, tmp_path: Path
) -> None:
    storyboard, out = tmp_path / "one.yaml", tmp_path / "out"
    storyboard.write_text(ONE, encoding="utf-8")
    command = [sys.executable, "-m", "longtake.cli", "render", str(storyboard)]
    with harness.emulator() as emulator:
        profile = harness.profile(emulator.base_url, {})
        with subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this loop
            [*command, "--profile", str(profile), "--out", str(out), "--approve", "each-scene"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PREFECT_API_URL": str(get_current_settings().api.url)},
        ) as render:
            try:
                run_id, _ = await paused_run()
            finally:
                render.terminate()
            assert render.stderr is not None
            said = render.stderr.read()
    assert render.returncode in {130, 143}  # whichever of Prefect and us had the signal
    assert "Traceback" not in said
    async with get_client() as client, asyncio.timeout(PATIENCE_SECONDS):
        # A busy server may still be writing down what it was told in the process's last second.
        while True:
            run = await client.read_flow_run(run_id)
            if run.state_type is not StateType.PAUSED:
                break
            await asyncio.sleep(0.2)
        states = await client.read_flow_run_states(run_id)
    assert run.state_type is StateType.CRASHED
    assert any("Ended while it waited" in (state.message or "") for state in states)
