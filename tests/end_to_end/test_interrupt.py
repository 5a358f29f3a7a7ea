"""Ctrl-C stops a render at once, its own Prefect server notwithstanding, and nothing is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from longtake.emulator import Action, Endpoint, Fault, FaultScript
from longtake.ledger import Ledger, TakeState
from longtake.record import read_run
from tests.end_to_end.conftest import Harness

ONE = "title: One\nlook: {seed: 7}\nscenes: [{name: one, shots: [a sailing boat at dawn]}]\n"


@pytest.mark.slow
async def test_ctrl_c_reaches_the_render_and_leaves_its_job_to_be_picked_up(
    harness: Harness, tmp_path: Path
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
            # A server of its own, as on a machine without one: Ctrl-C reaches that, too.
            env={**os.environ, "PREFECT_API_URL": "", "PYTHONUNBUFFERED": "1"},
        ) as render:
            assert render.stderr is not None
            assert any("generating" in line for line in render.stderr)
            os.killpg(render.pid, signal.SIGINT)
            said = render.stderr.read()
        accepted = list(emulator.emulator.requests)
    assert render.returncode == 130
    assert "Traceback" not in said
    assert "still under way at the service: one/1.1" in said
    assert "run the same command again" in said
    run = read_run(out / "run.json")
    assert run is not None
    assert run.state == "interrupted"
    async with Ledger.open(tmp_path / "ledger.sqlite") as ledger:
        (slate,) = await ledger.slates()
    assert (slate.state, slate.owner) == (TakeState.SUBMITTED, None)
    assert [request.request_id for request in accepted] == [slate.request_id]
