"""Texts of a storyboard changed in its file, and nothing else of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.documents import read
from longtake.documents.editing import edited, keep_text, text_fields
from longtake.errors import OperatorError, SettingsError

STORYBOARD = """\
# The keeper's film
title: "Keeper"
look: {style: gouache, seed: 3}  # warm
scenes:
  - name: Dusk
    shots:
      - prompt: An old keeper   # our hero
        seconds: 10
        beats:
          - he walks up
          - 'he pushes the door'
      - The beam begins to turn
  - name: Night
    shots:
      - prompt: >
          A fishing boat
          in heavy swell
        seconds: 5
      - {prompt: "a bell, rung", seconds: 5}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "film.yaml"
    file.write_text(STORYBOARD, encoding="utf-8")
    return file


def test_every_prompt_beat_and_the_style_can_be_changed(path: Path) -> None:
    fields = {field.place: (field.label, field.text) for field in text_fields(read(path))}
    assert fields["scenes.0.shots.0.beats.1"] == ("Dusk, shot 1, beat 2", "he pushes the door")
    assert fields["scenes.0.shots.1"] == ("Dusk, shot 2", "The beam begins to turn")
    assert next(iter(fields)) == "look.style"
    assert len(fields) == 7


@pytest.mark.parametrize(
    ("place", "old", "new", "line"),
    [
        ("scenes.0.shots.0.prompt", "An old keeper ", "A young keeper ", "A young keeper"),
        ("scenes.0.shots.0.beats.1", "'he pushes the door'", "he waits", "he waits"),
        ("scenes.0.shots.1", "The beam begins to turn", '"dark: #1"', "dark: #1"),
        ("look.style", "gouache", '"ink, {wash}"', "ink, {wash}"),
        ("scenes.1.shots.1.prompt", '"a bell, rung"', '"a bell\\nagain"', "a bell\nagain"),
    ],
)
def test_a_change_touches_its_own_characters_only(
    path: Path, place: str, old: str, new: str, line: str
) -> None:
    change = edited(path, {place: line})
    assert change.text == STORYBOARD.replace(old, new)


def test_a_folded_text_becomes_one_line_and_what_follows_stays(path: Path) -> None:
    change = edited(path, {"scenes.1.shots.0.prompt": "A calm sea"})
    assert "      - prompt: A calm sea\n        seconds: 5\n" in change.text
    assert change.text.startswith(STORYBOARD.split("  - name: Night")[0])


@pytest.mark.parametrize("hostile", ["- x\nscenes: []", "*a", "&a b", "no", "3", "a: b", '"'])
def test_whatever_is_written_stays_a_text(path: Path, hostile: str) -> None:
    change = edited(path, {"scenes.0.shots.0.beats.0": hostile})
    keep_text(change)
    assert read(path).data["scenes"][0]["shots"][0]["beats"][0] == hostile
    assert len(read(path).data["scenes"]) == 2


def test_json_is_changed_as_json(tmp_path: Path) -> None:
    path = tmp_path / "film.json"
    path.write_text('{"title": "t", "scenes": [{"shots": ["a boat", "a bell"]}]}')
    assert edited(path, {"scenes.0.shots.1": "a horn"}).text == (
        '{"title": "t", "scenes": [{"shots": ["a boat", "a horn"]}]}'
    )


def test_what_cannot_be_changed_by_itself_is_refused(path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no text at scenes\.9"):
        edited(path, {"scenes.9.shots.0": "x"})
    path.write_text(STORYBOARD.replace("he walks up", "&walk he walks up").replace(
        "'he pushes the door'", "*walk"))  # fmt: skip
    with pytest.raises(SettingsError, match="edit the file"):
        edited(path, {"scenes.0.shots.0.beats.1": "he runs"})


def test_a_file_that_was_changed_meanwhile_is_not_overwritten(path: Path) -> None:
    change = edited(path, {"scenes.0.shots.1": "mine"})
    path.write_text(STORYBOARD + "# theirs\n", encoding="utf-8")
    with pytest.raises(OperatorError, match="changed by another program"):
        keep_text(change)
    assert path.read_text().endswith("# theirs\n")


def test_the_files_rights_stay(path: Path) -> None:
    path.chmod(0o640)
    keep_text(edited(path, {"scenes.0.shots.1": "mine"}))
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in path.parent.iterdir()] == ["film.yaml"]
