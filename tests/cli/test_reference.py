"""The generated reference of the command line is the one that is committed."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.cli import run
from longtake.cli.reference import reference

ROOT = Path(__file__).parents[2]


def test_the_committed_page_is_what_the_commands_say() -> None:
    assert (ROOT / "docs/cli.md").read_text(encoding="utf-8") == reference()


def test_help_names_the_exit_codes_and_the_first_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "130 interrupted" in said
    assert "longtake init" in said


def test_ci_runs_the_very_line_that_the_readme_prints() -> None:
    (line,) = (
        line
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("python3 -m venv") and line.endswith("pytest")
    )
    assert line in (ROOT / ".ci/run").read_text(encoding="utf-8").splitlines()
