"""What reaches a terminal, a pipe or a full disk: text and nothing else, and no traceback."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.text import Text

from longtake.cli import run
from longtake.cli.console import Plain, say_error, to_person
from longtake.errors import OperatorError

FILM = """\
title: "Take [/1] of the [draft] :smile:"
scenes:
  - name: "[bold]One[/bold]"
    shots:
      - "a [link=file:///x]boat[/link]"
      - {prompt: b, start: cut, aspect_ratio: "9:16"}
"""


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.yaml"
    path.write_text(FILM, encoding="utf-8")
    return path


def longtake(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """The program itself, with real streams."""
    command = [sys.executable, "-m", "longtake.cli", *words]
    done: subprocess.CompletedProcess[str] = subprocess.run(
        command, text=True, check=False, timeout=300, **options
    )
    return done


def test_brackets_and_colons_are_text_and_no_markup(
    film: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["plan", str(film), "--fresh"]) == 0
    assert capsys.readouterr().out.startswith("Take [/1] of the [draft] :smile:\n")


@pytest.mark.parametrize("text", ["a\x1b]0;owned\x07b", "a\x9b31mb", "a\ud800b", "a\u202eb"])
def test_no_console_sends_what_a_terminal_would_obey(text: str) -> None:
    written = io.StringIO()
    console = Plain(file=written, width=80)
    console.print(text, Text(text, style="bold"))
    assert not set(written.getvalue()) & set("\x1b\x07\x9b\ud800\u202e")
    written.getvalue().encode()


def test_an_error_may_hold_anything(capsys: pytest.CaptureFixture[str]) -> None:
    say_error(OperatorError("cannot write to out/br[/b]acket\x1b[2J: [Errno 13]"))
    said = capsys.readouterr().err
    assert "br[/b]acket" in said
    assert "[Errno 13]" in said
    assert "\x1b" not in said


def test_a_person_who_has_gone_does_not_stop_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w", encoding="utf-8", buffering=1) as full:
        monkeypatch.setattr("sys.stderr", full)
        to_person().print("still under way")
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), full.fileno())


@pytest.mark.thorough
def test_a_reader_who_has_gone_is_no_fault(film: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    for words in (["plan", str(film), "--fresh", "--json"], ["plan", str(film), "--fresh"]):
        ended = longtake(*words, stdout=writing, stderr=subprocess.PIPE)
        assert ended.returncode == 141
        assert "Traceback" not in ended.stderr
        assert ended.stderr.startswith("note: ") or not ended.stderr
    os.close(writing)


def test_a_full_disk_under_the_output_is_reported_in_a_line(film: Path) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        ended = longtake(
            "plan", str(film), "--fresh", "--json", stdout=full, stderr=subprocess.PIPE
        )
    assert ended.returncode == 3
    assert ended.stderr.splitlines()[-1].startswith("error: cannot write the output: No sp")
    assert "Traceback" not in ended.stderr


def test_streams_that_are_closed_are_no_fault(film: Path) -> None:
    closed = 'exec "$@" <&- >&- 2>&-'
    command = [sys.executable, "-m", "longtake.cli", "plan", str(film), "--fresh"]
    ended = subprocess.run(["/bin/sh", "-c", closed, "sh", *command], check=False, timeout=300)
    assert ended.returncode == 0


@pytest.mark.thorough
def test_a_terminal_that_knows_no_unicode_gets_signs(film: Path) -> None:
    film.write_text(FILM.replace("Take", "Prise coupée 🎬"), encoding="utf-8")
    environment = os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    ended = longtake("plan", str(film), "--fresh", stdout=subprocess.PIPE, env=environment)
    assert ended.returncode == 0
    assert ended.stdout.startswith("Prise coup\\xe9e \\U0001f3ac")


def test_a_storyboard_may_come_from_standard_input(film: Path) -> None:
    ended = longtake("check", "-", input=FILM, capture_output=True)
    assert ended.returncode == 0
    assert ended.stderr.startswith("-: no problems; 2 clips")
    assert "note: -:6: scenes.0.shots.1: made at 480x832" in ended.stderr


@pytest.mark.parametrize("out", ["a\nb", "a\x1b[2Jb", "a\x7f"])
def test_a_folder_that_no_list_could_name_is_refused_before_anything_else(
    film: Path, out: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["render", str(film), "--emulated", "--out", out]) == 2
    assert "a name with control characters cannot be used" in capsys.readouterr().err
