"""The recipes of docs/cookbook.md, and how they are run: as they stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from longtake.cli import run

PAGE = Path(__file__).parents[1] / "docs/cookbook.md"
BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced block: a file to write, commands to run, or words that they print."""

    kind: str
    name: str
    text: str


def blocks(text: str) -> list[Block]:
    return [Block(*found.groups()) for found in BLOCK.finditer(text)]


def recipes(*, renders: bool) -> list[ParameterSet]:
    """The recipes that render, or those that do not; each with the files that all begin with."""
    first, *parts = PAGE.read_text("utf-8").split("\n## ")
    found = []
    for part in parts:
        title, _, text = part.partition("\n")
        if renders == ("longtake render" in "".join(each.text for each in shell(text))):
            found.append(pytest.param([*blocks(first), *blocks(text)], id=title))
    return found


def shell(text: str) -> list[Block]:
    return [each for each in blocks(text) if each.kind == "sh"]


def call(line: str) -> None:
    """Run one line, in this process where it is ours; its comment may name the exit code."""
    command, _, comment = line.partition("#")
    expected = re.search(r"exit code (\d+)", comment)
    words = shlex.split(command)
    if words[0] != "longtake":
        subprocess.run(words, check=True)
        return
    fast = (
        ["--pace", "100000"] if words[1] in ("render", "heal") else []
    )  # as if the emulator were quick
    assert run([*words[1:], *fast]) == int(expected[1] if expected else 0), line


def squeezed(text: str) -> str:
    return " ".join(text.split())


@dataclass(frozen=True)
class Kitchen:
    """An empty folder to follow recipes in, without a key and with a ledger of its own."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def follow(self, recipe: list[Block]) -> None:
        """Write its files, run its commands, and look for the words that they are to print."""
        said = ""
        for block in recipe:
            if block.kind == "yaml":
                (self.folder / block.name).write_text(block.text, encoding="utf-8")
            elif block.kind == "sh":
                for line in block.text.splitlines():
                    call(line)
                told = self.capsys.readouterr()
                said = squeezed(told.out + told.err)
            else:
                for line in block.text.splitlines():
                    parts = (re.escape(squeezed(part)) for part in line.split("…"))
                    assert re.search(".*".join(parts), said), f"{line!r} is not in: {said}"


@pytest.fixture
def kitchen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Kitchen:
    """A kitchen in a folder of this test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("SEGMIND_API_KEY", raising=False)
    return Kitchen(tmp_path, capsys)
