"""The linter finds what chains of clips get wrong, and is silent about the rest."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from longtake.story import Storyboard, build_plan
from longtake.story.lint.hazards import Hazard, LintedClip
from longtake.story.lint.linter import lint
from longtake.story.lint.rules import DEEP_HOPS, PER_CLIP, leaves_the_picture, relative

ROOT = Path(__file__).parents[3]
SETS = ("prompts", "held_out")


def labelled(name: str) -> Iterator[tuple[LintedClip, set[str]]]:
    """Every prompt of the set, with the rules that should speak."""
    text = (Path(__file__).parent / f"{name}.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        position, rules, text = (part.strip() for part in line.split("|"))
        yield (
            LintedClip(
                id="a/1.1",
                place=("scenes", 0, "shots", 0, "prompt"),
                text=text,
                hop=int(position in {"continued", "handing"}),
                first=position in {"first", "opening"},
                hands_over=position in {"handing", "opening"},
            ),
            set(rules.split(",")) - {"-"},
        )


def spoken(clip: LintedClip) -> set[str]:
    return {hazard.rule for rule in PER_CLIP for hazard in rule(clip)}


def figures(name: str) -> dict[str, tuple[int, int, int]]:
    """For each rule: found rightly, found wrongly, missed."""
    right, wrong, missed = Counter[str](), Counter[str](), Counter[str]()
    for clip, wanted in labelled(name):
        said = spoken(clip)
        right.update(said & wanted)
        wrong.update(said - wanted)
        missed.update(wanted - said)
    return {
        rule: (right[rule], wrong[rule], missed[rule]) for rule in sorted(right | wrong | missed)
    }


def hazards(*shots: Any, **look: Any) -> list[Hazard]:
    storyboard = Storyboard.model_validate(
        {"title": "t", "look": look, "scenes": [{"name": "A", "shots": list(shots)}]}
    )
    return lint(storyboard, build_plan(storyboard, base_seed=1))


@pytest.mark.parametrize(("name", "size"), [("prompts", 120), ("held_out", 80)])
def test_a_labelled_set_is_large_and_has_as_many_faultless_prompts_as_faulty_ones(
    name: str, size: int
) -> None:
    prompts = list(labelled(name))
    assert len(prompts) >= size
    assert sum(not wanted for _, wanted in prompts) >= len(prompts) * 0.45


@pytest.mark.parametrize("rule", ["cut-words", "exit", "relative", "two-actions"])
def test_nine_of_ten_are_found_and_nine_of_ten_that_are_said_are_right(rule: str) -> None:
    right, wrong, missed = figures("prompts")[rule]
    assert right / (right + wrong) >= 0.9
    assert right / (right + missed) >= 0.9


@pytest.mark.parametrize("name", SETS)
def test_the_documents_table_is_what_the_set_gives(name: str) -> None:
    text = (ROOT / "docs/lint.md").read_text(encoding="utf-8")
    _, _, after = text.partition(f"`tests/story/lint/{name}.txt`")
    rows = re.search(r"^(\|.*\n)+", after, re.MULTILINE)
    assert rows is not None
    table = {
        rule: tuple(map(int, numbers))
        for rule, *numbers in re.findall(
            r"^\| `([\w-]+)` \| (\d+) \| (\d+) \| (\d+) \|", rows[0], re.M
        )
    }
    assert table == figures(name)


def test_a_hazard_names_its_place_its_words_and_a_better_sentence() -> None:
    shot = {"prompt": "A man in a hall, he opens the door and picks up a letter"}
    [found] = hazards(shot)
    assert found.place == ("scenes", 0, "shots", 0, "prompt")
    assert found.words == "open, pick"
    assert "`A man in a hall, he opens the door`, `picks up a letter`" in found.better


def test_a_beat_is_named_where_it_stands() -> None:
    beats = ["a fox in the snow", "the fox again"]
    assert [each.place for each in hazards({"beats": beats})] == [
        ("scenes", 0, "shots", 0, "beats", 1)
    ]


def test_a_prompt_that_many_clips_share_is_reported_once() -> None:
    assert len(hazards({"prompt": "A road, cut to a river", "seconds": 20})) == 1


def test_who_leaves_the_picture_at_the_end_of_a_chain_may_go() -> None:
    assert hazards("A cat sits on a wall, it exits to the left") == []
    assert [each.rule for each in hazards("A cat exits to the left", "An empty wall")] == ["exit"]


def test_another_colour_or_hour_than_in_the_clip_before_is_reported() -> None:
    said = hazards("A girl in a red coat at noon", "The girl's blue coat in the moonlight")
    assert {each.rule for each in said} == {"changed-look"}
    [said] = hazards("A girl in a red coat", "The girl turns round, the coat is blue")
    assert said.words == "blue coat"
    assert hazards("A blue sky over a city", "The sky turns crimson") == []
    assert hazards("A red coat", {"prompt": "A blue coat", "start": "cut"}) == []


def test_a_chain_of_many_hops_is_reported_where_it_becomes_one() -> None:
    shots = [f"a room with window number {number}" for number in range(DEEP_HOPS + 3)]
    assert [each.place[3] for each in hazards(*shots)] == [DEEP_HOPS + 1]
    assert hazards(*shots[: DEEP_HOPS + 1]) == []


def test_a_negative_prompt_that_is_never_read_is_reported_where_it_is_written() -> None:
    [found] = hazards("a fox", negative_prompt="text")
    assert found.place == ("look", "negative_prompt")
    assert hazards("a fox", negative_prompt="text", go_fast=False) == []
    [found] = hazards({"prompt": "a fox", "negative_prompt": "text"})
    assert found.place == ("scenes", 0, "shots", 0, "negative_prompt")


def test_the_better_sentences_of_a_cut_are_shots_without_the_hazard() -> None:
    [found] = hazards("A wide shot of the city, cut to a close-up of a clock")
    better = re.findall(r"`([^`]+)`", found.better)[:2]
    assert better == ["A wide shot of the city", "a close-up of a clock"]
    assert hazards(better[0], {"prompt": better[1], "start": "cut"}) == []


@pytest.mark.parametrize("name", SETS)
def test_a_better_sentence_is_one_that_the_rule_is_silent_about(name: str) -> None:
    for clip, _ in labelled(name):
        for rule in (relative, leaves_the_picture):
            for hazard in rule(clip):
                offered = re.search(r"`(.+?)`", hazard.better.replace("`start: cut`", ""))
                if offered is None:
                    assert rule is relative, hazard
                    continue
                better = dataclasses.replace(clip, text=offered[1])
                left = [each.words for each in rule(better)]
                assert hazard.words not in left, offered[1]


def test_a_better_sentence_keeps_the_words_of_the_author() -> None:
    [hazard] = hazards("A boat", "The boat is still on the waves")
    assert hazard.better.endswith(": `The boat is on the waves`")
    found = {one.rule: one for one in hazards("A man takes his hat and leaves the room", "A room")}
    kept = "`A man takes his hat and stays in the picture until the end`"
    assert kept in found["exit"].better


def test_no_action_is_lost_where_a_prompt_is_parted_into_beats() -> None:
    [hazard] = hazards("A man sits down, opens a letter and reads it")
    assert hazard.better.endswith("`A man sits down`, `opens a letter and reads it`")


def test_hazards_are_reported_in_the_order_of_the_film() -> None:
    said = hazards("A red coat", "A blue coat", "A boat, cut to a car", negative_prompt="text")
    assert [each.place[3:4] for each in said] == [(1,), (2,), ()]
