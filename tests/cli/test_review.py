"""``longtake review``: the page of any render, and what is worst in it."""

from __future__ import annotations

import json
import shutil
import webbrowser
from pathlib import Path

import anyio
import pytest

from longtake.cli import run
from longtake.record import read_run
from tests.review.renders import WORST, broken, make_render, read


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cli") / "render"
    anyio.run(make_render, folder)
    return folder


@pytest.fixture
def folder(rendered: Path, tmp_path: Path) -> Path:
    """A render's folder, with readings in its ``run.json``."""
    copy = Path(shutil.copytree(rendered, tmp_path / "render"))
    record = read_run(copy / "run.json")
    assert record is not None
    read(record).write(copy / "run.json")
    return copy


def test_the_page_is_made_and_its_path_and_the_worst_findings_are_reported(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", str(folder)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{folder / 'review.html'}\n"
    assert said.err.splitlines()[0] == f"bad     {WORST}  step: step!"
    assert "<!doctype html>" in (folder / "review.html").read_text(encoding="utf-8").lower()
    assert (folder / "review/seams.mp4").is_file()


def test_a_script_is_told_everything_as_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["review", str(folder / "run.json"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["page"] == str(folder / "review.html")
    assert told["reel"] == str(folder / "review/seams.mp4")
    assert [finding["score"] for finding in told["findings"]] == [1.7, 1.1, 1.2, 0.5]
    assert told["missing"] == told["remarks"] == []


def test_an_incomplete_render_is_reviewed_and_what_is_missing_is_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = read_run(folder / "run.json")
    assert record is not None
    broken(record).write(folder / "run.json")
    assert run(["review", str(folder)]) == 0
    assert capsys.readouterr().err.splitlines()[0] == "missing: one/1.3, one/2.1"


def test_a_damaged_film_is_reported_with_the_exit_code_of_media(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "film.mp4").write_bytes(b"no film")
    assert run(["review", str(folder)]) == 4
    assert "film.mp4" in capsys.readouterr().err
    assert (folder / "review.html").is_file()


def test_open_shows_the_page_in_the_browser(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: shown.append(url) or True)
    assert run(["review", str(folder), "--open"]) == 0
    assert shown == [(folder / "review.html").as_uri()]


def test_without_a_browser_the_page_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda url: False)
    assert run(["review", str(folder), "--open"]) == 3
    assert "no browser could be started; open " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "says"), [(None, "is not there; name the folder"), ("{}", "is no record")]
)
def test_a_folder_without_a_readable_record_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, says: str
) -> None:
    if content is not None:
        (tmp_path / "run.json").write_text(content, encoding="utf-8")
    assert run(["review", str(tmp_path)]) == 3
    assert says in capsys.readouterr().err
