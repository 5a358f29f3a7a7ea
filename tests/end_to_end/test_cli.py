"""The commands that render, wait for a server, or examine the machine."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from longtake.cli import run
from tests.end_to_end.conftest import STORYBOARD, Harness

ONE = "title: One\nlook: {seed: 7}\nscenes: [{name: one, shots: [a sailing boat at dawn]}]\n"


@pytest.fixture
def storyboard(tmp_path: Path) -> str:
    path = tmp_path / "one.yaml"
    path.write_text(ONE, encoding="utf-8")
    return str(path)


def test_render_emulated_needs_no_key_and_says_what_it_did(
    storyboard: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)
    arguments = ["render", storyboard, "--emulated", "--out", str(tmp_path / "out"), "--json"]
    assert run([*arguments, "--pace", "1000"]) == 0
    said = capsys.readouterr()
    record = json.loads(said.out)
    assert record["film"]["frame_count"] == 81
    assert record["emulator_accepted_requests"] == 1
    assert (tmp_path / "out" / record["film"]["file"]).is_file()
    assert re.search(r"one/1\.1 +stored", said.err)
    assert "Prefect run: one " in said.err
    out, ends = tmp_path / "out", "".join(said.err.split()).rpartition("review:")[2]
    assert ends.startswith(f"{out}/review.htmlfilm:{out}/film.mp4")


def test_render_without_a_key_names_both_remedies_and_starts_nothing(
    storyboard: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)
    assert run(["render", storyboard]) == 3
    said = capsys.readouterr().err
    assert "SEGMIND_API_KEY" in said
    assert "--emulated" in said
    assert "waiting for Prefect" not in said


def test_render_with_clips_missing_exits_with_5_and_names_them(
    harness: Harness, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "two.yaml").write_text(STORYBOARD, encoding="utf-8")
    faults = tmp_path / "faults.yaml"
    faults.write_text(
        "faults: [{on: job, do: content_block, match: {prompt: dusk}}]", encoding="utf-8"
    )
    from longtake.emulator import load_faults

    with harness.emulator(faults=load_faults(faults)) as emulator:
        profile = harness.profile(emulator.base_url)
        code = run(
            [
                "render",
                str(tmp_path / "two.yaml"),
                "--profile",
                str(profile),
                "--out",
                str(tmp_path),
            ]
        )
    assert code == 5
    said = capsys.readouterr().err
    assert re.search(r"chained/1\.1 +blocked", said)
    assert "needs chained/1.1" in said


def test_a_folder_that_cannot_be_written_is_named(
    storyboard: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert run(["render", storyboard, "--emulated", "--out", str(tmp_path / "file/out")]) == 3
    assert "choose another --out" in capsys.readouterr().err


@pytest.mark.thorough
def test_the_emulator_serves_until_it_is_interrupted() -> None:
    command = [sys.executable, "-m", "longtake.cli", "emulate", "--port", "0", "--pace", "1000"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as server:
        assert server.stderr is not None
        url = re.search(r"http://127\.0\.0\.1:\d+", server.stderr.readline())
        assert url is not None
        accepted = httpx.get(f"{url[0]}/emulator/requests").json()
        server.send_signal(signal.SIGINT)
        said = server.stderr.read()
    assert accepted in ([], {"requests": []})
    assert "stopped after 0 accepted jobs" in said
    assert server.returncode == 0


def test_doctor_finds_this_machine_able_and_tells_the_fix_for_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)
    assert run(["doctor", "--json"]) == 0
    findings = {finding["name"]: finding for finding in json.loads(capsys.readouterr().out)}
    assert findings["ffmpeg"]["health"] == "well"
    assert "81 frames" in findings["emulator"]["says"]
    assert "SEGMIND_API_KEY" in findings["key"]["fix"]


def test_doctor_asks_for_the_balance_with_the_key(
    harness: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    with harness.emulator(credits_usd=12.5) as emulator:
        profile = harness.profile(emulator.base_url)
        assert run(["doctor", "--profile", str(profile)]) == 0
    assert "balance 12.50 USD" in capsys.readouterr().err


def test_doctor_says_that_a_key_is_refused(
    harness: Harness, capsys: pytest.CaptureFixture[str]
) -> None:
    with harness.emulator(keys=frozenset({"another"})) as emulator:
        profile = harness.profile(emulator.base_url)
        assert run(["doctor", "--profile", str(profile)]) == 3
    said = capsys.readouterr().err
    assert "SEGMIND_API_KEY" in said
    assert "a-key-for-tests" not in said
