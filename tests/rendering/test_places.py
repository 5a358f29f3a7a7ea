"""Where a render goes, and what a storyboard that comes as text is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.record import RunRecord
from longtake.rendering.preflight import preflight
from longtake.rendering.storyboard_input import as_file, folder_for, name_of, title_of
from longtake.story import build_plan
from tests.rendering.plain import board

TEXT = """\
# working title: x
title: Real film
scenes: [{name: one, shots: [a boat]}]
"""


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def project(name: str) -> Path:
    """What ``longtake init NAME`` leaves, as far as it matters here."""
    path = Path(name, "storyboard.yaml")
    path.parent.mkdir(parents=True)
    path.write_text(board("a boat", title=name), encoding="utf-8")
    return path


def rendered(path: Path) -> Path:
    """Open the storyboard's render as far as its folder, and leave a record there."""
    ready = preflight(path, emulated=True)
    record = RunRecord.of(
        build_plan(ready.storyboard, base_seed=1),
        storyboard=str(ready.path),
        folder=str(ready.folder),
    )
    record.write(ready.folder / "run.json")
    return ready.folder


def test_the_title_of_a_text_is_the_parsers() -> None:
    assert title_of(TEXT) == "Real film"
    assert title_of(board("a boat", title="In JSON")) == "In JSON"
    assert title_of("scenes: [}") == "untitled"
    assert name_of(TEXT) == "Real film"


def test_two_texts_of_different_films_have_different_folders() -> None:
    other = TEXT.replace("Real film", "Another film")
    one, two = (folder_for(as_file(text)) for text in (TEXT, other))
    assert one != two
    assert folder_for(as_file(TEXT + "# edited\n")) == one


def test_a_starters_film_is_called_like_its_project() -> None:
    one, two = project("a"), project("b")
    assert folder_for(one) == Path("renders/a")
    assert folder_for(two) == Path("renders/b")
    assert name_of(one) == "a"


def test_a_storyboard_with_a_name_of_its_own_is_called_by_it() -> None:
    assert folder_for(Path("films/my-film.yaml")) == Path("renders/my-film")


@pytest.mark.parametrize(
    "others", [("x/film.yaml", "y/film.yaml"), ("x/a/storyboard.yaml", "a.yaml")]
)
def test_two_storyboards_of_one_name_never_share_a_folder(others: tuple[str, str]) -> None:
    folders = []
    for place in others:
        path = Path(place)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(board("a boat", title=place), encoding="utf-8")
        folders.append(rendered(path))
        assert rendered(path) == folders[-1]  # the next render finds its own
    assert folders[0] != folders[1]


def test_a_storyboard_that_was_moved_keeps_its_renders_folder() -> None:
    old = Path("old/film.yaml")
    old.parent.mkdir()
    old.write_text(board("a boat"), encoding="utf-8")
    folder = rendered(old)
    new = Path("new/film.yaml")
    new.parent.mkdir()
    old.rename(new)
    assert rendered(new) == folder
