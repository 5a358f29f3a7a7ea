"""What may be rendered for a sum: guides that a shot waits for are part of its price."""

from __future__ import annotations

import pytest

from longtake.errors import OverMaxUsd
from longtake.rendering.price_limit import least_of, refuse_over
from longtake.story import Plan, Storyboard, build_plan
from longtake.story.decisions import ClipDecision
from longtake.story.schedule import deepest_hop

TREE = {"beats": ["goes", "turns"], "path": "tree"}


def test_a_shot_of_a_tree_costs_its_guide_too() -> None:
    board = {
        "title": "x",
        "scenes": [{"name": "a", "shots": [TREE, {"prompt": "b", "start": "cut"}]}],
    }
    plan = build_plan(Storyboard.model_validate(board), base_seed=1)
    decisions = {
        clip.id: ClipDecision(action="render", because="new", says="", usd=0.1, usd_at_most=0.1)
        for clip in plan.made
    }
    with pytest.raises(OverMaxUsd) as refused:
        refuse_over(plan, decisions, 0.35)
    assert (refused.value.shots, refused.value.shots_usd) == (("a/1",), 0.3)
    with pytest.raises(OverMaxUsd) as refused:
        refuse_over(plan, decisions, 0.25)
    assert refused.value.shots == ()


def test_a_leaf_lies_one_hop_from_its_anchor() -> None:
    board = {"title": "x", "scenes": [{"name": "a", "shots": [TREE]}]}
    assert deepest_hop(build_plan(Storyboard.model_validate(board), base_seed=1)) == 1


def priced(*usd: float, at_most: float = 1.0) -> tuple[Plan, dict[str, ClipDecision]]:
    """Shots of one clip each that cost so much."""
    shots = [{"prompt": f"a {number}", "start": "cut"} for number in range(len(usd))]
    board = {"title": "x", "scenes": [{"name": "a", "shots": shots}]}
    plan = build_plan(Storyboard.model_validate(board), base_seed=1)
    return plan, {
        clip.id: ClipDecision(
            action="render", because="new", says="", usd=each, usd_at_most=at_most
        )
        for clip, each in zip(plan.made, usd, strict=True)
    }


@pytest.mark.parametrize("max_usd", [None, 0.6, 0.3])
def test_what_a_film_costs_at_least_may_be_just_the_limit(max_usd: float | None) -> None:
    refuse_over(*priced(0.1, 0.1, 0.1), max_usd)


def test_a_refusal_says_what_the_film_costs_and_what_the_limit_buys() -> None:
    with pytest.raises(OverMaxUsd) as refused:
        refuse_over(*priced(0.1, 0.2, 0.4, 0.1, at_most=0.7), 0.3)
    found = refused.value
    assert (found.max_usd, found.usd, found.usd_at_most) == (0.3, 0.8, 2.8)
    assert (found.shots, found.shots_usd) == (("a/1", "a/2"), 0.3)
    with pytest.raises(OverMaxUsd) as refused:
        refuse_over(*priced(0.1), 0.09999)
    assert (refused.value.shots, refused.value.shots_usd) == ((), 0.0)


def test_the_lowest_limit_counts() -> None:
    assert least_of(None, 2.0, 0.0, None, 1.0) == 0.0
    assert least_of(None, None) is None
