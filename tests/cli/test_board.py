"""``longtake board``: it says where it is, opens to whom it should, and ends when it is told."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from longtake.cli import run


@contextmanager
def board(folder: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The board as a process, and the address that it printed."""
    argv = [sys.executable, "-m", "longtake.cli", "board", "--port", "0", *words]
    with subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, cwd=folder) as process:
        try:
            assert process.stderr is not None
            line = process.stderr.readline()
            found = re.search(r"http://\S+", line)
            assert found, line + process.stderr.read()
            yield process, found[0]
        finally:
            process.kill()


@pytest.mark.thorough
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(tmp_path: Path, how: signal.Signals) -> None:
    with board(tmp_path) as (process, url):
        assert "No render lies here yet" in httpx.get(url, trust_env=False, timeout=60).text
        process.send_signal(how)
        assert process.wait(60) == 128 + how
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_off_loopback_it_opens_by_the_token_in_the_address_alone(tmp_path: Path) -> None:
    with board(tmp_path, "--host", "0.0.0.0") as (_, url):  # noqa: S104  to listen everywhere is what is tested
        here = re.sub(r"0\.0\.0\.0", "127.0.0.1", url)
        bare, _, token = here.partition("?token=")
        assert len(token) >= 32
        assert httpx.get(bare, trust_env=False, timeout=60).status_code == 401
        let_in = httpx.get(here, trust_env=False, timeout=60, follow_redirects=True)
        assert let_in.status_code == 200


def test_a_token_that_could_be_guessed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "token").write_text("short")
    assert run(["board", "--token-file", str(tmp_path / "token")]) == 2
    assert "less than 16 characters" in capsys.readouterr().err
    assert run(["board", "--token-file", str(tmp_path / "nowhere")]) == 2
    os.mkfifo(tmp_path / "pipe")
    assert run(["board", "--token-file", str(tmp_path / "pipe")]) == 2


@pytest.mark.thorough
def test_a_port_that_is_taken_is_reported_with_its_fix(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with board(tmp_path) as (_, url):
        port = url.rstrip("/").rpartition(":")[2]
        assert run(["board", "--port", port]) == 3
    assert "choose another" in capsys.readouterr().err
