"""Shots that are left out, and shots with a clip of one's own."""

from __future__ import annotations

from typing import Any

import pytest

from longtake.errors import StoryboardError
from longtake.story import Attached, Handover, Own, Plan, Storyboard, build_plan
from longtake.story.notices import skip_notices

LENGTHS = Attached(clip_seconds={"own.mp4": 3.0})


def board(*shots: Any, **more: Any) -> Storyboard:
    data = {"title": "Film", "look": {"seed": 7}, "scenes": [{"name": "One", "shots": list(shots)}]}
    return Storyboard.model_validate(data | more)


def planned(*shots: Any) -> Plan:
    return build_plan(board(*shots), attached=LENGTHS)


def problems(*shots: Any) -> list[str]:
    with pytest.raises(StoryboardError) as raised:
        planned(*shots)
    return [f"{each.place[-1]}: {each.message}" for each in raised.value.problems]


SKIPPED = {"prompt": "b", "skip": True}


def test_a_skipped_shot_closes_the_film_up_and_what_followed_continues_from_the_shot_before() -> (
    None
):
    plan = planned("a", SKIPPED, "c")
    assert [clip.id for clip in plan.clips] == ["one/1.1", "one/3.1"]
    assert plan.clip("one/3.1").start == Handover(clip_id="one/1.1", frame_index=80)
    assert plan.frame_count == sum(clip.kept_frame_count for clip in plan.clips)
    assert [shot.id for shot in plan.shots] == ["one/1", "one/3"]


def test_where_it_goes_on_now_is_reported() -> None:
    storyboard = board("a", SKIPPED, "c")
    (told,) = skip_notices(storyboard, build_plan(storyboard))
    assert told.message == "one/2 is skipped: the shot continues from one/1.1 now"
    assert told.place == ("scenes", 0, "shots", 2)
    first = board(SKIPPED, {"prompt": "c", "start": "continue"})
    (told,) = skip_notices(first, build_plan(first))
    assert "there is nothing left to continue" in told.message


def test_the_seeds_of_the_other_shots_stay_even_of_one_that_asks_for_the_same() -> None:
    whole = planned({"prompt": "a", "start": "cut"}, {"prompt": "a", "start": "cut"})
    less = planned({"prompt": "a", "start": "cut", "skip": True}, {"prompt": "a", "start": "cut"})
    assert less.clip("one/2.1").parameters == whole.clip("one/2.1").parameters


def test_a_skipped_shot_may_be_wrong_and_the_last_one_may_not_be_skipped() -> None:
    assert planned("a", {"seconds": 4, "num_frames": 81, "skip": True}).seconds > 5
    assert problems(SKIPPED) == ["scenes: every shot is skipped: nothing is left of the film"]


def test_a_dissolve_onto_nothing_is_left_out_with_the_shot_before_it() -> None:
    plan = planned(SKIPPED, {"prompt": "c", "start": {"dissolve": 1}}, "d")
    assert [seam.kind for seam in plan.seams] == ["continuous"]


def test_an_own_clip_is_one_clip_as_long_as_it_is_and_costs_nothing() -> None:
    plan = planned({"clip": "own.mp4"}, "a boat goes on")
    own, follower = plan.clips
    assert (own.model, own.start, own.parameters) == ("own", Own(file="own.mp4"), {})
    assert (own.kept_frame_count, own.usd, own.expected_seconds) == (48, 0, 0)
    assert follower.start == Handover(clip_id="one/1.1", frame_index=47)
    assert plan.usd == follower.usd


def test_less_of_it_is_shown_and_a_dissolve_is_made_of_its_frames() -> None:
    plan = planned("a", {"clip": "own.mp4", "seconds": 2, "start": {"dissolve": 1}})
    assert plan.clip("one/2.1").kept_frame_count == 2 * 16 + 8
    assert plan.seams[0].kind == "dissolve"
    assert plan.shots[1].frame_count == 32


def test_of_a_clip_behind_an_address_as_much_is_planned_as_is_to_be_shown() -> None:
    shot = {"clip": "https://x.example/a?id=3", "seconds": 2}
    own, follower = planned(shot, "a boat goes on").clips
    assert (own.start, own.frame_count) == (Own(file=shot["clip"]), 32)
    assert follower.start == Handover(clip_id="one/1.1", frame_index=31)
    (problem,) = problems({"clip": shot["clip"]})
    assert "give the shot `seconds`" in problem


def test_an_own_clip_begins_with_a_cut_in_the_middle_of_a_scene() -> None:
    plan = planned("a", {"clip": "own.mp4"})
    assert [seam.kind for seam in plan.seams] == ["cut"]


@pytest.mark.parametrize(
    ("shot", "says"),
    [
        ({"clip": "own.mp4", "takes": 3}, "takes: is of clips that are generated"),
        ({"clip": "own.mp4", "end_image": "a.png"}, "end_image: is of clips that are generated"),
        ({"clip": "own.mp4", "start": "continue"}, "start: a clip of your own begins as it is"),
        ({"clip": "own.mp4", "seconds": 4}, "seconds: the clip has 3.00 seconds, and 4.00 are"),
    ],
)
def test_what_means_nothing_there_is_refused(shot: dict[str, Any], says: str) -> None:
    (problem,) = problems("a", shot)
    assert problem.startswith(says)


@pytest.mark.parametrize(
    "name", ["ftp://example.org/a.mp4", "data:video/mp4;base64,AAAA", "a.png", "x" * 300 + ".mp4"]
)
def test_what_is_no_clip_is_refused_where_it_is_written(name: str) -> None:
    with pytest.raises(ValueError, match=r"must be a|no file has a name"):
        board({"clip": name})
