"""deployments/README.md: its commands are run as they stand, on the stack."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.deployments.stack import ROOT, Stack

TEXT = (ROOT / "deployments/README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)


def test_there_are_blocks_to_run() -> None:
    assert len(BLOCKS) >= 5


def test_files_that_are_named_are_there() -> None:
    for name in re.findall(r"^\| `([^|]+?)` \|", TEXT, re.MULTILINE):
        if "." in name and " " not in name.replace("`, `", ""):
            assert all((ROOT / "deployments" / each).is_file() for each in name.split("`, `"))
    for place in re.findall(r"\]\((\.\./[^)#]+)", TEXT):
        assert (ROOT / "deployments" / place).exists(), place


def test_every_option_of_setup_is_documented(setup: ModuleType) -> None:
    options = set(re.findall(r"--[a-z-]+", setup.command_line().format_usage()))
    assert options == set(re.findall(r"^\| `(--[a-z-]+)", TEXT, re.MULTILINE))


@pytest.mark.slow
def test_every_command_does_what_it_says(stack: Stack, tmp_path: Path) -> None:
    for name, module in (("longtake", "longtake.cli"), ("prefect", "prefect"), ("python", "")):
        _program(tmp_path / name, f"-m {module}" if module else "")
    environment = dict(stack.environ)
    environment["PATH"] = f"{tmp_path}:{environment['PATH']}"
    script = "set -ex\n" + "\n".join(BLOCKS)
    log = tmp_path / "said"
    with log.open("w") as said:
        done = subprocess.run(
            ["/bin/bash", "-c", script], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
            stdout=said, stderr=said, timeout=1500,
        )  # fmt: skip
    assert done.returncode == 0, log.read_text()[-3000:]
    assert log.read_text().count("finished successfully") == 2


def _program(path: Path, words: str) -> None:
    """A command as an installed environment has it; a clone need not be installed."""
    path.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec {sys.executable} {words} "$@"\n', "utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
