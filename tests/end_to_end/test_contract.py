"""A service that has changed: the film is made, the change is said, and told by doctor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from longtake.cli import run
from longtake.emulator import Dials, FaultScript
from tests.end_to_end.conftest import Harness

pytestmark = pytest.mark.slow  # a whole render

TAKE = """\
title: Two clips
look: {seed: 7}
scenes: [{name: one, shots: [{prompt: a boat, beats: [it goes, it turns]}]}]
"""


def test_a_changed_service_is_reported_by_the_render_and_by_doctor(
    harness: Harness, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "two.yaml").write_text(TAKE, encoding="utf-8")
    dials = Dials(more_fps=8, more_frames=4, lower_by=16, colour_tags="bt709")
    usd = {"wan-2.2-t2v-fast": 0.3, "wan-2.2-i2v-fast": 0.3}
    with harness.emulator(faults=FaultScript(), dials=dials, usd=usd) as emulator:
        profile = str(harness.profile(emulator.base_url))
        out = tmp_path / "out"
        arguments = ["--profile", profile, "--out", str(out)]
        assert run(["render", str(tmp_path / "two.yaml"), *arguments]) == 0
    said = capsys.readouterr().err
    assert said.count("the service departs from what is assumed of it: frame rate") == 1
    record = json.loads((out / "run.json").read_text("utf-8"))
    told = {each["rule"] for each in record["findings"] if each["rule"].startswith("contract ")}
    changed = {"colour tags", "frame count", "frame rate", "price", "size"}
    assert told == {f"contract {name}" for name in changed}
    assert run(["doctor", "--contract", "--profile", profile, "--json"]) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    i2v = {row["name"]: row for row in rows if row["model"] == "wan-2.2-i2v-fast"}
    assert {name for name, row in i2v.items() if row["state"] == "changed"} == changed
    assert i2v["handed frame"]["state"] == "holds"
    request = emulator.emulator.requests[-1]
    assert i2v["frame rate"]["request_id"] == request.request_id
