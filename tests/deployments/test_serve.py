"""``longtake serve``: mistakes are said before anything is served; what is served renders."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from longtake.cli import run
from tests.deployments.stack import ROOT, Stack

STORYBOARD = "title: Served\nscenes:\n  - name: One\n    shots: [a boat]\n"


@pytest.fixture
def storyboard(tmp_path: Path) -> Path:
    path = tmp_path / "storyboard.yaml"
    path.write_text(STORYBOARD, "utf-8")
    return path


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--schedule", "30 2 * * *"], "name it by --storyboard"),
        (["--limit", "0"], "--limit must be 1 or more"),
        (["--storyboard", "{}", "--schedule", "30 2 * *"], "cannot be read"),
        (["--storyboard", "{}", "--schedule", "30 2 * * *", "--timezone", "Mars"], "Mars"),
    ],
)
def test_a_mistake_is_reported_at_once(
    words: list[str], says: str, storyboard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve", "--emulated", *(word.format(storyboard) for word in words)]) == 2
    assert says in " ".join(capsys.readouterr().err.split())


def test_a_storyboard_that_is_wrong_is_not_left_for_the_night(
    storyboard: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    storyboard.write_text(STORYBOARD.replace("title", "titel"), "utf-8")
    assert run(["serve", "--emulated", "--storyboard", str(storyboard)]) == 2
    assert "titel" in capsys.readouterr().err


def test_a_missing_key_is_not_found_out_at_night(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)
    assert run(["serve"]) == 3
    assert "SEGMIND_API_KEY" in capsys.readouterr().err


def test_without_a_server_it_says_how_to_start_one(capsys: pytest.CaptureFixture[str]) -> None:
    with temporary_settings(restore_defaults={PREFECT_API_URL}):
        assert run(["serve", "--emulated"]) == 3
    assert "prefect server start" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ends_by", "code", "paused"), [(signal.SIGINT, 130, True), (signal.SIGTERM, 0, False)]
)
def test_what_is_served_renders_and_only_ctrl_c_pauses_the_schedule(
    ends_by: signal.Signals,
    code: int,
    paused: bool,
    stack: Stack,
    storyboard: Path,
    tmp_path: Path,
) -> None:
    words = ["serve", "--emulated", "--storyboard", str(storyboard), "--schedule", "30 2 * * *"]
    log = tmp_path / "said"
    with log.open("w") as said:
        serving = subprocess.Popen(
            [sys.executable, "-m", "longtake.cli", *words, "--timezone", "Europe/Berlin"],
            cwd=tmp_path, env=stack.env | {"PYTHONPATH": str(ROOT)}, stdout=said, stderr=said,
        )  # fmt: skip
    try:
        stack.eventually(lambda: "Ctrl-C ends it" in log.read_text())
        stack.eventually(lambda: _served(stack))
        run = stack.ended(stack.run_deployment("render-storyboard/serve"))
        assert run["state_type"] == "COMPLETED", log.read_text()
        assert (tmp_path / "renders" / tmp_path.name / "film.mp4").is_file()
        (schedule,) = _served(stack)["schedules"]
        assert (schedule["active"], schedule["schedule"]["timezone"]) == (True, "Europe/Berlin")
    finally:
        serving.send_signal(ends_by)
        ended = serving.wait(timeout=120)
    assert ended == code
    assert _served(stack)["paused"] is paused


def _served(stack: Stack) -> dict[str, object]:
    offered = {each["name"]: each for each in stack.api("POST", "/deployments/filter")}
    found: dict[str, object] = offered.get("serve-schedule", {})
    return found
