"""The generated reference of the command line is the one that is committed."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from longtake.cli import app, run
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


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_completes_every_command(shell: Literal["bash", "zsh", "fish"]) -> None:
    script = app.generate_completion(shell=shell)
    commands = ("render", "plan", "check", "board", "ledger", "give-up", "choose", "heal")
    assert [name for name in commands if name not in script] == []
