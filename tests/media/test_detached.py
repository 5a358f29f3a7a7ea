"""Processes that outlive the one that starts them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from longtake.errors import OperatorError
from longtake.media.detached import start_detached

SAYS = """
import os, sys
print("said")
open(sys.argv[1], "w").write(f"{os.getsid(0)} {os.getppid()}")
"""


def test_it_has_a_session_of_its_own_and_is_nobodys_child_here(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    start_detached(
        [sys.executable, "-u", "-c", SAYS, str(pipe)], tmp_path / "it's a log", folder=tmp_path
    )
    session, parent = map(int, pipe.read_text().split())  # waits until it writes
    assert session != os.getsid(0)
    assert parent != os.getpid()
    assert (tmp_path / "it's a log").read_text() == "said\n"


def test_its_words_are_words_and_no_shell_reads_them(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    hostile = "$(touch hit); `touch hit`; touch hit"
    script = "import sys; open(sys.argv[1], 'w').write(sys.argv[2])"
    start_detached(
        [sys.executable, "-c", script, str(pipe), hostile], tmp_path / "log", folder=tmp_path
    )
    assert pipe.read_text() == hostile
    assert not (tmp_path / "hit").exists()


def test_where_it_cannot_be_started_the_reason_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot start true"):
        start_detached(["true"], tmp_path / "log", folder=tmp_path / "nowhere")
