"""``init``: a storyboard to begin from, with all that it needs."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from longtake.cli import run
from longtake.starter import ExampleName, starter_files


@pytest.mark.parametrize("example", get_args(ExampleName))
def test_every_example_is_written_with_all_that_it_names(example: str, tmp_path: Path) -> None:
    assert run(["init", str(tmp_path / "film"), "--example", example]) == 0
    assert run(["check", str(tmp_path / "film/storyboard.yaml")]) == 0
    text = (tmp_path / "film/storyboard.yaml").read_text(encoding="utf-8")
    assert "$schema" not in text
    assert "longtake render storyboard.yaml --emulated" in text


def test_an_example_never_replaces_a_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    there = tmp_path / "product/lantern-on.jpg"
    there.parent.mkdir()
    there.write_bytes(b"mine")
    assert run(["init", str(tmp_path), "--example", "product"]) == 3
    assert "lantern-on.jpg is already there" in capsys.readouterr().err
    assert there.read_bytes() == b"mine"
    assert not (tmp_path / "storyboard.yaml").exists()


def test_an_unknown_example_is_refused_with_those_that_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["init", str(tmp_path), "--example", "opera"]) != 0
    assert "music-video" in "".join(capsys.readouterr())


def test_an_examples_pictures_come_with_it() -> None:
    assert [name for name in starter_files("product") if name.endswith(".jpg")]
