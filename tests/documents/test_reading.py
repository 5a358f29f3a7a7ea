"""Authored files from disk: what is read, on which line, and what is no YAML or JSON at all."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from longtake.documents import load_plan, load_storyboard, plan_of, read
from tests.documents.authored import GOOD, refusal


def test_a_storyboard_comes_with_its_hash_and_path(write) -> None:
    path = write(GOOD)
    loaded = load_storyboard(path)
    assert loaded.storyboard.title == "T"
    assert loaded.path == path
    assert len(loaded.sha256) == 64
    assert plan_of(loaded, base_seed=1).storyboard_sha256 == loaded.sha256


def test_yaml_and_json_are_the_same_storyboard(write) -> None:
    data = read(write(GOOD)).data
    for indent in (None, 2, "\t"):
        path = write(json.dumps(data, indent=indent), "board.json")
        assert load_storyboard(path).storyboard == load_storyboard(write(GOOD)).storyboard


def test_json_keeps_characters_outside_the_basic_plane(write) -> None:
    path = write(json.dumps({"title": "🎬"}), "board.json")
    assert read(path).data == {"title": "🎬"}


def test_an_unquoted_aspect_ratio_is_text(write) -> None:
    path = write(GOOD + "look: {aspect_ratio: 9:16}\n")
    assert load_storyboard(path).storyboard.look.aspect_ratio == "9:16"


def test_plain_data_holds_no_parser_types(write) -> None:
    path = write("a: &x true\nb: 0x10\nc: 1.50\nd: |\n  text\ne: 'q'\nf: [*x, null]\n")
    data = read(path).data
    assert data == {"a": True, "b": 16, "c": 1.5, "d": "text\n", "e": "q", "f": [True, None]}
    types = {type(value) for value in data.values()}
    assert types == {bool, int, float, str, list}


def test_anchors_and_merge_keys_are_filled_in(write) -> None:
    path = write("base: &base {go_fast: true}\nlook:\n  <<: *base\n  seed: 1\n")
    assert read(path).data["look"] == {"go_fast": True, "seed": 1}


def test_a_byte_order_mark_is_no_part_of_the_text(write) -> None:
    assert load_storyboard(write(b"\xef\xbb\xbf" + GOOD.encode())).storyboard.title == "T"


def test_lines_are_those_of_the_key_or_list_item(write) -> None:
    document = read(write(GOOD))
    assert document.line(("title",)) == 1
    assert document.line(("scenes", 0)) == 3
    assert document.line(("scenes", 0, "shots")) == 4
    assert document.line(("scenes", 0, "shots", 0)) == 5


def test_a_missing_key_lies_on_the_line_of_its_parent(write) -> None:
    document = read(write(GOOD))
    assert document.line(("scenes", 0, "look", "seed")) == 3
    assert document.line(("scenes", 7)) == 2
    assert document.line(()) == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "board.yaml: the file is empty"),
        ("# only a comment\n", "board.yaml: the file is empty"),
        ("- a\n", "board.yaml:1: must be a mapping: `key: value` lines at the top"),
        ("just text", "board.yaml:1: must be a mapping: `key: value` lines at the top"),
        (
            "title: a\nscenes: []\ntitle: b\n",
            "board.yaml:3: `title` is written twice in the same place: keep one of them",
        ),
        (
            "a: 1\ntitle: a: b\n",
            (
                "board.yaml:2: not YAML: mapping values are not allowed here: put a text that "
                "contains `: ` in quotes"
            ),
        ),
        (
            "a:\n\t- b\n",
            (
                "board.yaml:2: not YAML: found character '\\t' that cannot start any token: indent "
                "with spaces, and quote texts that begin with a special mark"
            ),
        ),
        ("a: [1,\n", "board.yaml:2: not YAML: expected the node content, but found '<stream end>'"),
        ("a: 1\n---\nb: 2\n", "board.yaml:2: not YAML: but found another document"),
        ("a: *b\n", "board.yaml:1: not YAML: found undefined alias 'b'"),
        (b"title: T\nname: \xff\xfe\n", "board.yaml:2: not text in UTF-8: save the file as UTF-8"),
        ("a: " + "[" * 600, "board.yaml:1: nested too deeply"),
        ("a: 1\nb: !!int x\n", "board.yaml:2: not YAML: not a value of !!int: leave the tag out"),
        ("a: [!!bool x]\n", "board.yaml:1: not YAML: not a value of !!bool: leave the tag out"),
        ("a: !!float ''\n", "board.yaml:1: not YAML: not a value of !!float: leave the tag out"),
        ('a: "\\UFFFFFFFF"\n', "board.yaml:1: not YAML: there is no such character or version"),
        ('a: "\\U00110000"\n', "board.yaml:1: not YAML: there is no such character or version"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    write, content: str | bytes, said: str
) -> None:
    assert refusal(write(content)) == [said]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "board.json: the file is empty"),
        ('{"a": 1,\n"b" 2}', "board.json:2: not JSON: Expecting ':' delimiter"),
        (
            '{"a": 1, "a": 2}',
            "board.json: `a` is written twice in the same place: keep one of them",
        ),
        ("title: T\n", "board.json:1: not JSON: Expecting value"),
    ],
)
def test_a_json_file_keeps_to_the_rules_of_json(write, content: str, said: str) -> None:
    assert refusal(write(content, "board.json")) == [said]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml") == ["none.yaml: there is no such file"]
    assert refusal(tmp_path, read)[0].endswith("this is a folder: name the file in it")


def test_a_storyboard_is_read_and_planned_in_one_step(write) -> None:
    loaded, plan = load_plan(write(GOOD), base_seed=3)
    assert plan == plan_of(loaded, base_seed=3)


def test_a_date_is_the_text_that_it_is(write) -> None:
    assert read(write("title: 2026-02-30\n")).data == {"title": "2026-02-30"}


def test_standard_input_is_a_file_called_minus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert load_storyboard("-").storyboard.title == "T"


@pytest.mark.parametrize(
    ("line", "lost"),
    [
        ("- A boat #cinematic", True),
        ("- {prompt: A boat #35mm, seconds: 5\n    }", True),
        ("- prompt: A boat\n        seconds: 5\n        style: ink #2", True),
        ("- 'A boat #cinematic'", False),
        ("- A boat#cinematic", False),
        ("- A boat  # the first of two", False),
        ("- A boat #", False),
        ("- >\n        A boat #cinematic", False),
        ("- A boat\n      #- another boat", False),
    ],
)
def test_a_text_that_loses_its_end_to_a_comment_is_a_problem(write, line: str, lost: bool) -> None:
    document = read(write(GOOD.replace("- a boat", line)))
    assert bool(document.problems) is lost
    assert all("put the text in quotes" in problem.message for problem in document.problems)


def test_what_may_be_a_comment_or_the_end_of_a_text_is_worth_a_notice(write) -> None:
    document = read(write(GOOD.replace("- a boat", "- a boat # at dawn")))
    assert not document.problems
    (notice,) = document.notices
    assert (notice.line, notice.place) == (5, ("scenes", 0, "shots", 0))
    assert "`# at dawn` is taken for a comment" in notice.message
