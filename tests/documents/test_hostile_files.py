"""Files that no author writes: refused in one line, and neither held in memory nor waited for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from longtake.documents import load_plan, read
from longtake.errors import StoryboardError
from tests.documents.authored import GOOD, refusal


def test_an_alias_inside_of_what_it_names_is_empty(write) -> None:
    assert read(write("a: &x\n  b: *x\n")).data == {"a": {"b": None}}


def test_a_control_character_is_found(write) -> None:
    (problem,) = refusal(write("title: T\nname: \x01\n"))
    assert problem.startswith("board.yaml:2: not YAML: ")


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("a: !big 1\n", 1, "a: tags such as `!big` are not supported"),
        ("a: b\n1: a\n", 2, "a key must be text, not the number 1: quote it"),
        ("a: b\nc:\n  ? {d: 1}\n  : 2\n", 3, "c: a key must be text, not a mapping"),
        (f"title: T\na: {'1' * 5000}\n", 2, "a: a number of so many digits is of no use here"),
        (f"a: 0x{'f' * 5000}\n", 1, "a: a number of so many digits is of no use here"),
        ("a: 99999999999999999999\n", 1, "a: a number as large as this is of no use here"),
        ('title: "\\ud83d"\n', 1, "title: half of a character (a lone surrogate)"),
        ('"\\ud83d": 1\n', 1, "?: half of a character (a lone surrogate)"),
        ('title: "\\e]0;owned\\a"\n', 1, "title: U+001B (a control character) is in the text"),
        ("a: !!set {b}\n", 1, "a: a set is no text, number, list or mapping"),
        ("a: !!binary aGk=\n", 1, "a: what `!!binary` makes is no text"),
    ],
)
def test_a_value_that_no_file_needs_is_reported_with_its_place(
    write, content: str, line: int, said: str
) -> None:
    found = refusal(write(content))
    assert any(problem.startswith(f"board.yaml:{line}: {said}") for problem in found), found


def test_what_stands_in_for_a_refused_value_is_not_complained_of_again(write) -> None:
    number = "9" * 5000
    (problem,) = refusal(write(GOOD + f"look: {{seed: {number}}}\n"))
    assert "so many digits" in problem


def test_a_character_outside_of_the_basic_plane_may_be_written_as_json_does(write) -> None:
    assert read(write('title: "\\ud83d\\ude00"\n')).data == {"title": "\N{GRINNING FACE}"}


def test_numbers_and_halves_of_characters_in_json_are_reported_with_their_places(write) -> None:
    path = write('{"title": "\\ud83d",\n"look": {"seed": ' + "1" * 5000 + "}}", "board.json")
    first, *_, last = refusal(path)
    assert first.startswith("board.json:1: title: half of a character")
    assert last.startswith("board.json:2: look.seed: a number of so many digits")


@pytest.mark.parametrize("content", ["a: &a\n  <<: *a\n  b: 1\n", "a: &a\n  <<: [*a]\n"])
def test_a_mapping_that_is_merged_into_itself_is_refused(write, content: str) -> None:
    (problem,) = refusal(write(content))
    assert problem == "board.yaml: not YAML: an anchor is used inside of what it names"


def test_a_list_inside_of_itself_comes_to_an_end(write) -> None:
    assert refusal(write("scenes: &a [*a]\n"))


LAUGHS = "".join(
    f"{name}: &{name} [{', '.join(['*' + before if before else 'ha'] * 9)}]\n"
    for before, name in zip(["", *"abcdefgh"], "abcdefghi", strict=True)
)


SHOTS = "title: T\nscenes:\n- name: a\n  shots:\n" + "  - a boat\n" * 100_000


@pytest.mark.parametrize("content", [LAUGHS, SHOTS], ids=["laughs", "shots"])
def test_more_values_than_any_film_has_are_refused_before_they_fill_the_memory(
    write, content: str
) -> None:
    (problem,) = refusal(write(content))
    assert "more than 40,000 values, aliases followed: not an authored file" in problem


def test_a_file_that_is_too_large_is_refused_unread(write) -> None:
    (problem,) = refusal(write(b"#" * (2**21 + 1)))
    assert problem == "board.yaml: cannot be read: larger than 2 MiB"


def test_a_pipe_is_not_waited_for_and_a_device_is_not_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "zero.yaml").symlink_to("/dev/zero")
    for name in ("pipe.yaml", "zero.yaml"):
        assert refusal(tmp_path / name) == [f"{name}: cannot be read: not a regular file"]


def test_what_lies_where_a_picture_should_is_named(write, tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "circle.png").symlink_to("circle.png")
    said = {
        "folder": "`folder.png` is a folder: name the picture in it",
        "pipe": "`pipe.png` is a pipe or a device",
        "circle": "`circle.png` is a link that leads nowhere",
        "file:///x": "must be a file, an http(s) URL or a data URL, not file://",
    }
    for name, words in said.items():
        shot = f"shots: [{{prompt: x, start: {name}.png}}]"
        (problem,) = refusal(write(f"title: T\nscenes:\n  - {{name: a, {shot}}}\n"))
        assert words in problem


@pytest.mark.parametrize("name", ["a\0b.yaml", "\udcff\ud800.yaml", "a" * 300 + ".yaml"])
def test_a_name_that_no_file_can_have_is_reported(tmp_path: Path, name: str) -> None:
    (problem,) = refusal(tmp_path / name)
    assert "cannot be read: " in problem


def test_a_key_without_a_name_is_reported_wherever_it_stands(write) -> None:
    for content in ('{"": 1}\n', 'look: {"": 1}\n', 'scenes: [{shots: [{" ": 1}]}]\n'):
        with pytest.raises(StoryboardError, match="a key without a name: give it one"):
            load_plan(write(content), base_seed=1)


@pytest.mark.parametrize("key", ["", "1.5", "true", "? [a, 1]\n  ", "? {}\n  "])
def test_keys_that_are_no_text_are_reported_next_to_unknown_ones(write, key: str) -> None:
    content = "title: A\nscens: 1\n" + f"{key}:\n- A boat #x\n".replace("\n  ", "\n")
    with pytest.raises(StoryboardError, match="a key must be text"):
        load_plan(write(content), base_seed=1)
