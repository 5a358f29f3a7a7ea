"""What is wrong with a file's content: reported by file, line and place, all of it at once."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict

from longtake.documents import load, load_plan, load_storyboard, plan_of, read
from longtake.errors import StoryboardError
from tests.documents.authored import GOOD, STILLS, refusal


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


def test_wrong_values_and_missing_stills_are_reported_together(write) -> None:
    path = write(STILLS.replace("title: T", "titel: T") + "        seed: -1\n")
    assert [line.split(": ")[1] for line in refusal(path)] == [
        "titel",
        "title",
        "scenes.0.shots.0.start",
        "scenes.0.shots.0.seed",
    ]


def test_planning_problems_and_missing_stills_are_reported_together(write) -> None:
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


def test_a_storyboard_from_standard_input_names_pictures_by_their_whole_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(STILLS.encode())))
    (problem,) = refusal(Path("-"))
    assert problem.startswith("-:6: scenes.0.shots.0.start: a storyboard from standard input")


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


def test_lengths_and_beats_are_reported_together_with_keys_values_and_pictures(write) -> None:
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


def test_pictures_are_examined_once_each_and_reported_with_everything_else(
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
