"""What may be rendered for a sum: guides that a shot waits for are part of its price."""

from __future__ import annotations

import pytest

from longtake.errors import OverMaxUsd
from longtake.rendering.price_limit import refuse_over
from longtake.story import Storyboard, build_plan
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
