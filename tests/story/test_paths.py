"""The paths of a long take: what its clips lie between, what that costs, which one `auto` takes."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.errors import StoryboardError
from longtake.story import (
    Anchor,
    Pinned,
    Plan,
    Rates,
    Still,
    Storyboard,
    build_plan,
    fingerprint,
    planted_plan,
)
from longtake.story.paths import TakeShape, even_frames
from longtake.story.schedule import Allowance
from longtake.story.ways import ways_of


def storyboard(*shots: Any, **scene: Any) -> Storyboard:
    scenes = [{"name": "One", "shots": list(shots)} | scene]
    return Storyboard.model_validate({"title": "T", "scenes": scenes})


def plan(*shots: Any, **scene: Any) -> Plan:
    return build_plan(storyboard(*shots, **scene), base_seed=1)


def beats(count: int, **shot: Any) -> dict[str, Any]:
    return {"prompt": "a boat", "beats": [f"part {number}" for number in range(count)], **shot}


def test_a_tree_has_a_guide_and_leaves_that_share_its_anchors() -> None:
    film = plan(beats(4), path="tree")
    (guide,) = film.guides
    assert (guide.clip.id, guide.anchor_count) == ("one/1.guide", 5)
    assert all(f"part {number}" in guide.clip.prompt for number in range(4))
    assert [len(chain.clips) for chain in film.chains] == [1] * 4
    assert {chain.guide for chain in film.chains} == {"one/1.guide"}
    for left, right in pairwise(film.clips):
        assert left.end == right.start
        assert (left.pinned_end, right.pinned_start, right.skip_frames) == (True, True, 1)
    assert {seam.kind for seam in film.seams} == {"continuous"}


def test_the_film_has_the_frames_that_it_has_as_a_chain() -> None:
    for path in ("chain", "tree"):
        assert plan(beats(12, seconds=60), path=path).frame_count == 960


def test_a_tree_costs_a_clip_more_and_waits_for_two() -> None:
    rates = Rates()
    tree, chain = plan(beats(12), path="tree"), plan(beats(12), path="chain")
    image, text = tree.clips[0], tree.guides[0].clip
    assert tree.usd == pytest.approx(text.usd + 12 * image.usd)
    assert tree.critical_path_seconds == text.expected_seconds + image.expected_seconds
    assert chain.critical_path_seconds > 4 * tree.critical_path_seconds
    assert rates.usd


def test_a_path_goes_along_all_shots_of_a_take_and_ends_at_a_cut() -> None:
    film = plan("a", "b", {"prompt": "c", "start": "cut"}, "d", path="tree")
    assert [guide.clip.id for guide in film.guides] == ["one/1.guide", "one/3.guide"]
    assert [seam.kind for seam in film.seams] == ["continuous", "cut", "continuous"]


def test_clips_between_stills_wait_for_nobody() -> None:
    film = plan("a", "b", "c", path="keyframed", stills=["1.png", "2.png", "3.png", "4.png"])
    assert [clip.start for clip in film.clips] == [Still(uri=f"{n}.png") for n in (1, 2, 3)]
    assert [clip.end for clip in film.clips] == [Still(uri=f"{n}.png") for n in (2, 3, 4)]
    assert len(film.chains) == 3
    assert film.guides == ()


def test_end_images_are_stills_along_the_take() -> None:
    first = {"prompt": "a", "start": "1.png", "end_image": "2.png"}
    film = plan(first, "b", "c", path="keyframed")
    assert film.clips[1].start == Still(uri="2.png")
    assert [len(chain.clips) for chain in film.chains] == [1, 2]


def test_a_still_takes_the_place_of_an_anchor() -> None:
    film = plan(beats(4), path="tree", stills=[None, None, "mine.png", None])
    assert film.clips[1].end == film.clips[2].start == Still(uri="mine.png")
    assert film.guides == plan(beats(4), path="tree").guides


@pytest.mark.parametrize(
    ("shots", "scene", "says"),
    [
        (["a", "b"], {"path": "keyframed"}, "begins with one"),
        ([{"prompt": "a", "start": "1.png"}, "b"], {"path": "keyframed"}, "no still at any"),
        (["a", "b"], {"stills": ["1.png", "2.png"]}, "a chain has no stills"),
        (["a", "b"], {"path": "tree", "stills": ["1.png"]}, "1 stills along 2 clips"),
        (["a", {"prompt": "b", "path": "tree"}], {}, "a take has one path"),
        ([beats(25)], {"path": "tree"}, "too many for one guide"),
        ([beats(3, seconds=12)], {"path": "tree"}, "before it arrives at the picture"),
        (
            ["a", {"prompt": "b", "start": "cut"}],
            {"path": "tree", "stills": ["1.png", "2.png"]},
            "this scene has cuts",
        ),
    ],
)
def test_what_contradicts_itself_is_reported(
    shots: list[Any], scene: dict[str, Any], says: str
) -> None:
    with pytest.raises(StoryboardError) as caught:
        plan(*shots, **scene)
    assert says in str(caught.value.problems)


def test_anchors_are_put_where_they_were_found() -> None:
    film = plan(beats(3), path="tree")
    mine = Pinned(sha256="0" * 64)
    anchors = [Anchor(clip_id="one/1.guide", frame_index=at) for at in (0, 20, 96)]
    found = planted_plan(film, {"one/1.guide": (*anchors[:2], mine, anchors[2])})
    assert [clip.start for clip in found.clips] == [*anchors[:2], mine]
    assert [clip.end for clip in found.clips] == [anchors[1], mine, anchors[2]]
    asked = {fingerprint(clip, start_sha256="a", end_sha256="b") for clip in found.clips}
    assert asked == {fingerprint(clip, start_sha256="a", end_sha256="b") for clip in film.clips}


@given(st.integers(2, 25))
def test_planned_anchors_are_told_apart(count: int) -> None:
    frames = even_frames(count, 97)
    assert len(set(frames)) == count
    assert (frames[0], frames[-1]) == (0, 96)


@pytest.mark.parametrize(
    ("stills", "colour", "path"),
    [
        ((None,) * 13, "paired", "chain"),
        ((None,) * 13, "off", "tree"),
        (("a", *("b",) * 11, None), "paired", "keyframed"),
        ((None,) * 3, "off", "chain"),
        ((None,) * 40, "off", "chain"),
    ],
)
def test_auto_pays_least_within_the_drift_limit(
    stills: tuple[str | None, ...], colour: str, path: str
) -> None:
    assert TakeShape(stills, colour).auto() == path


def test_every_way_of_a_take_is_compared() -> None:
    (take,) = ways_of(storyboard(beats(12), path="tree"), Rates(), Allowance(16))
    chain, tree = take.ways
    assert (chain.requests, chain.hop_depth, chain.chosen) == (12, 11, False)
    assert (tree.requests, tree.hop_depth, tree.chosen) == (13, 1, True)
    assert tree.usd > chain.usd
    assert tree.wall_seconds < chain.wall_seconds / 4
    assert tree.drift < chain.drift
    assert ways_of(storyboard("a"), Rates(), Allowance()) == []
