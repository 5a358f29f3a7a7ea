"""Authored files from disk: what is wrong is told by file, line and place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from longtake.documents import load, load_plan, load_storyboard, plan_of, read
from longtake.errors import StoryboardError

GOOD = """\
title: T
scenes:
  - name: One
    shots:
      - a boat
"""


@pytest.fixture
def write(tmp_path: Path):
    """Writes a file and returns its path."""

    def write(content: str | bytes, name: str = "board.yaml") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def refusal(path: Path, what=load_storyboard) -> list[str]:
    """What is said about the file, without the folder's name."""
    with pytest.raises(StoryboardError) as caught:
        what(path)
    return [str(problem).replace(f"{path.parent}/", "") for problem in caught.value.problems]


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


def test_an_alias_inside_of_what_it_names_is_empty(write) -> None:
    assert read(write("a: &x\n  b: *x\n")).data == {"a": {"b": None}}


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


def test_problems_name_file_line_and_place(write) -> None:
    path = write(GOOD.replace("- a boat", "- {prompt: a boat, secnds: 5}"))
    assert refusal(path) == [
        "board.yaml:5: scenes.0.shots.0.secnds: not known here: did you mean `seconds`?"
    ]


def test_problems_in_json_have_lines_as_well(write) -> None:
    data = read(write(GOOD)).data | {"sceens": 1}
    path = write(json.dumps(data, indent="\t"), "board.json")
    (problem,) = refusal(path)
    assert problem.startswith("board.json:11: sceens: not known here: did you mean `scenes`?")


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
        ("a: !big 1\n", "board.yaml: tags such as `!big` are not supported"),
        ("1: a\n", "board.yaml:1: the key `1` must be text: quote it"),
        (b"title: T\nname: \xff\xfe\n", "board.yaml:2: not text in UTF-8: save the file as UTF-8"),
        ("a: " + "[" * 600, "board.yaml: nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(
    write, content: str | bytes, said: str
) -> None:
    assert refusal(write(content)) == [said]


def test_a_control_character_is_found(write) -> None:
    (problem,) = refusal(write("title: T\nname: \x01\n"))
    assert problem.startswith("board.yaml:2: not YAML: ")


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


STILLS = """\
title: T
scenes:
  - name: One
    shots:
      - prompt: a
        start: stills/dawn.png
        end_image: https://x.example/noon.png
"""


def test_local_stills_lie_relative_to_the_storyboard(write, tmp_path: Path) -> None:
    path = write(STILLS)
    assert refusal(path) == [
        (
            "board.yaml:6: scenes.0.shots.0.start: there is no picture `stills/dawn.png` in the "
            "storyboard's folder"
        )
    ]
    (tmp_path / "stills").mkdir()
    (tmp_path / "stills/dawn.png").write_bytes(b"a picture")
    assert load_storyboard(path).storyboard.scenes[0].shots[0].start == "stills/dawn.png"


def test_a_dissolve_names_the_line_of_a_missing_still(write) -> None:
    dissolved = (
        "      - prompt: b\n        start:\n          dissolve: 0.5\n          from: b.png\n"
    )
    assert [line.split(": ")[:2] for line in refusal(write(STILLS + dissolved))] == [
        ["board.yaml:6", "scenes.0.shots.0.start"],
        ["board.yaml:11", "scenes.0.shots.1.start.from"],
    ]


def test_wrong_values_and_missing_stills_are_told_together(write) -> None:
    path = write(STILLS.replace("title: T", "titel: T") + "        seed: -1\n")
    assert [line.split(": ")[1] for line in refusal(path)] == [
        "titel",
        "title",
        "scenes.0.shots.0.start",
        "scenes.0.shots.0.seed",
    ]


def test_planning_problems_and_missing_stills_are_told_together(write) -> None:
    path = write(STILLS + "      - {prompt: b, seconds: 0.01}\n")
    assert [line.split(": ")[:2] for line in refusal(path, load_plan)] == [
        ["board.yaml:6", "scenes.0.shots.0.start"],
        ["board.yaml:8", "scenes.0.shots.1.seconds"],
    ]


def test_planning_problems_name_file_and_line(write) -> None:
    loaded = load_storyboard(write(GOOD.replace("- a boat", "- {beats: [a], seconds: 9}")))
    with pytest.raises(StoryboardError) as caught:
        plan_of(loaded)
    (problem,) = caught.value.problems
    assert (problem.line, problem.place[-1]) == (5, "beats")
    assert problem.file == str(loaded.path)


def test_a_storyboard_is_read_and_planned_in_one_step(write) -> None:
    loaded, plan = load_plan(write(GOOD), base_seed=3)
    assert plan == plan_of(loaded, base_seed=3)


class Small(BaseModel):
    """One branch of a union."""

    model_config = ConfigDict(extra="forbid")
    width: int


class Large(BaseModel):
    """The other branch."""

    model_config = ConfigDict(extra="forbid")
    width: int
    height: int


class Box(BaseModel):
    """A model that is no storyboard."""

    model_config = ConfigDict(extra="forbid")
    size: int | Small | Large
    sizes: dict[str, Small] = {}


def test_any_authored_file_is_validated_with_lines(write) -> None:
    assert load(write("size: 5\n"), Box) == Box(size=5)
    assert refusal(write("size: 5\nsizes:\n  a:\n    widht: 2\n"), lambda p: load(p, Box)) == [
        "board.yaml:3: sizes.a.width: is missing",
        "board.yaml:4: sizes.a.widht: not known here: did you mean `width`?",
    ]


def test_a_union_is_one_problem_and_not_one_for_each_branch(write) -> None:
    (problem,) = refusal(write("size: [1]\n"), lambda path: load(path, Box))
    assert problem == (
        "board.yaml:1: size: must be a whole number, not a list or must be a mapping of keys to "
        "values, not a list"
    )
    (problem,) = refusal(write("size: {width: a, height: 2}\n"), lambda path: load(path, Box))
    assert problem.startswith("board.yaml:1: size.width: must be a whole number")
