"""Authored files from disk: what is wrong is told by file, line and place."""

from __future__ import annotations

import io
import json
import os
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


@pytest.mark.parametrize(
    ("content", "line", "said"),
    [
        ("a: !big 1\n", 1, "a: tags such as `!big` are not supported"),
        ("1: a\n", 1, "the key `1` must be text: quote it"),
        (f"title: T\na: {'1' * 5000}\n", 2, "a: a number of so many digits is of no use here"),
        (f"a: 0x{'f' * 5000}\n", 1, "a: a number of so many digits is of no use here"),
        ("a: 99999999999999999999\n", 1, "a: a number as large as this is of no use here"),
        ('title: "\\ud83d"\n', 1, "title: half of a character (a lone surrogate)"),
        ('"\\ud83d": 1\n', 1, "?: half of a character (a lone surrogate)"),
        ('title: "\\e]0;owned\\a"\n', 1, "title: U+001B (a control character) is in the text"),
        ("a: !!set {b}\n", 1, "a: a set is no text, number, list or mapping"),
    ],
)
def test_a_value_that_no_file_needs_is_told_with_its_place(
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


def test_numbers_and_halves_of_characters_in_json_are_told_with_their_places(write) -> None:
    path = write('{"title": "\\ud83d",\n"look": {"seed": ' + "1" * 5000 + "}}", "board.json")
    first, *_, last = refusal(path)
    assert first.startswith("board.json:1: title: half of a character")
    assert last.startswith("board.json:2: look.seed: a number of so many digits")


def test_a_date_is_the_text_that_it_is(write) -> None:
    assert read(write("title: 2026-02-30\n")).data == {"title": "2026-02-30"}


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


@pytest.mark.parametrize("name", ["a\0b.yaml", "\udcff\ud800.yaml", "a" * 300 + ".yaml"])
def test_a_name_that_no_file_can_have_is_said(tmp_path: Path, name: str) -> None:
    (problem,) = refusal(tmp_path / name)
    assert "cannot be read: " in problem


def test_standard_input_is_a_file_called_minus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(GOOD.encode())))
    assert load_storyboard("-").storyboard.title == "T"


def test_a_storyboard_from_standard_input_names_pictures_by_their_whole_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(STILLS.encode())))
    (problem,) = refusal(Path("-"))
    assert problem.startswith("-:6: scenes.0.shots.0.start: a storyboard from standard input")


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


EVERYTHING = """\
titel: Everything
title: T
scenes:
  - name: One
    shots:
      - {prompt: a, camera: pan, seconds: 12, beats: [b, c, d, e, f]}
      - b
      - {prompt: c, seconds: true}
      - {prompt: d, seconds: 0.001}
  - name: Two
    shots:
      - {promt: e}
      - {prompt: f, seconds: 5, num_frames: 81}
      - {prompt: g, start: gone.png}
"""


def test_lengths_and_beats_are_told_together_with_keys_values_and_pictures(write) -> None:
    for what in (load_storyboard, load_plan):
        found = [problem.split(": ")[:2] for problem in refusal(write(EVERYTHING), what)]
        assert found == [
            ["board.yaml:1", "titel"],
            ["board.yaml:6", "scenes.0.shots.0.camera"],
            ["board.yaml:6", "scenes.0.shots.0.beats"],
            ["board.yaml:8", "scenes.0.shots.2.seconds"],
            ["board.yaml:12", "scenes.1.shots.0.promt"],
            ["board.yaml:13", "scenes.1.shots.1.num_frames"],
            ["board.yaml:14", "scenes.1.shots.2.start"],
        ]


def test_nothing_is_said_of_lengths_where_the_frame_rate_is_not_known(write) -> None:
    path = write(
        GOOD.replace("- a boat", "- {prompt: a, seconds: 0.01}") + "look: {frames_per_second: x}"
    )
    (problem,) = refusal(path)
    assert "look.frames_per_second" in problem


def test_pictures_are_examined_once_each_and_told_with_everything_else(
    write, tmp_path: Path
) -> None:
    (tmp_path / "stills").mkdir()
    (tmp_path / "stills/dawn.png").write_bytes(b"a picture")
    again = "      - {prompt: b, start: stills/dawn.png, seconds: x}\n"
    url = "      - {prompt: c, start: 'data:image/png;base64,AAAA'}\n"
    asked: list[object] = []

    def examine(still: Path | bytes, name: str) -> str:
        asked.append(still)
        return f"{name} is text"

    found = refusal(write(STILLS + again + url), lambda path: load_plan(path, examine=examine))
    assert [problem.split(": ", 1)[1] for problem in found] == [
        "scenes.0.shots.0.start: `stills/dawn.png` is text",
        "scenes.0.shots.1.seconds: must be a number, not the text `x`",
        "scenes.0.shots.1.start: `stills/dawn.png` is text",
        "scenes.0.shots.2.start: the data URL is text",
    ]
    assert asked == [tmp_path / "stills/dawn.png", bytes(3)]


def test_a_key_without_a_name_is_told_wherever_it_stands(write) -> None:
    for content in ('{"": 1}\n', 'look: {"": 1}\n', 'scenes: [{shots: [{" ": 1}]}]\n'):
        with pytest.raises(StoryboardError, match="a key without a name: give it one"):
            load_plan(write(content), base_seed=1)
