"""Some shots of a film: fewer clips, each as the whole film has it."""

from __future__ import annotations

import pytest

from longtake.errors import StoryboardError
from longtake.story import Plan, Storyboard, build_plan
from longtake.story.selecting import only_shots

FILM = {
    "title": "Film",
    "look": {"seed": 7},
    "scenes": [
        {"name": "One", "shots": ["a", {"prompt": "b", "seconds": 10}, "c"]},
        {"name": "Two", "shots": ["d", {"prompt": "e", "start": {"dissolve": 1}}, "f"]},
    ],
}


@pytest.fixture
def plan() -> Plan:
    return build_plan(Storyboard.model_validate(FILM))


def test_a_shot_comes_with_the_clips_that_it_is_continued_from(plan: Plan) -> None:
    some = only_shots(plan, ["one/2"])
    assert [clip.id for clip in some.clips] == ["one/1.1", "one/2.1", "one/2.2"]
    assert [shot.id for shot in some.shots] == ["one/1", "one/2"]
    assert some.usd == pytest.approx(sum(clip.usd for clip in some.clips))
    assert len(some.chains) == 1


def test_its_clips_ask_for_what_they_ask_for_in_the_whole_film(plan: Plan) -> None:
    for clip in only_shots(plan, ["one/3", "two/2"]).clips:
        whole = plan.clip(clip.id)
        assert clip.model_copy(update={"first_frame_index": 0}) == whole.model_copy(
            update={"first_frame_index": 0}
        )


def test_the_film_closes_up_and_its_frames_add_up(plan: Plan) -> None:
    some = only_shots(plan, ["two/2", "one/1"])
    assert [seam.kind for seam in some.seams] == ["cut"]
    assert some.frame_count == sum(part.frame_count for part in some.segments)
    assert some.frame_count == sum(shot.frame_count for shot in some.shots)
    assert some.frame_count == sum(clip.kept_frame_count for clip in some.clips)
    assert [shot.first_frame_index for shot in some.shots] == [0, some.clips[0].kept_frame_count]


def test_a_dissolve_between_two_of_them_stays(plan: Plan) -> None:
    some = only_shots(plan, ["two/1", "two/2"])
    assert [seam.kind for seam in some.seams] == ["dissolve"]
    assert some.frame_count == sum(part.frame_count for part in some.segments)


def test_all_of_them_are_the_whole_film(plan: Plan) -> None:
    whole = only_shots(plan, [shot.id for shot in plan.shots])
    assert whole == plan


def test_a_shot_that_is_skipped_is_said_to_be(plan: Plan) -> None:
    shots = tuple(shot for shot in plan.shots if shot.id != "one/1")
    with pytest.raises(StoryboardError, match="one/1 is skipped: take out its `skip`"):
        only_shots(plan.model_copy(update={"shots": shots}), ["one/1"])


def test_a_shot_that_is_not_there_is_refused_with_what_is(plan: Plan) -> None:
    with pytest.raises(StoryboardError, match="no shot 'one/9': did you mean"):
        only_shots(plan, ["one/9"])
