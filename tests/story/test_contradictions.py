"""What contradicts itself in a storyboard is told, all at once and with its fix."""

from __future__ import annotations

from typing import Any

import pytest

from longtake.errors import StoryboardError
from longtake.story import (
    Storyboard,
    build_plan,
)
from tests.story.planned import plan


def problems(*shots: Any) -> list[str]:
    """What is said about the storyboard, without the place's head."""
    with pytest.raises(StoryboardError) as caught:
        plan(*shots)
    return [str(problem).removeprefix("scenes.0.shots.") for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("shots", "said"),
    [
        (
            [{"seconds": 5}],
            "0: a shot needs a `prompt`, `beats` or both",
        ),
        (
            [{"prompt": "a", "seconds": 5, "num_frames": 81}],
            "0.num_frames: `seconds` and `num_frames` both give the length: keep one of them",
        ),
        (
            [{"prompt": "a", "start": "continue"}],
            (
                "0.start: a scene begins with a cut, there is no shot to continue: use `cut` or a "
                "still, or move the shot to the scene before"
            ),
        ),
        (
            [{"prompt": "a", "seconds": 0.01}],
            "0.seconds: less than one frame at 16 a second: at least 0.07",
        ),
        (
            [{"prompt": "a", "end_image": "end.png"}],
            (
                "0.end_image: this shot is one clip made from text, which cannot take an end "
                "image: begin it with a still or `continue`, or give it at least 6.13 seconds"
            ),
        ),
        (
            ["a", {"prompt": "b", "end_image": "end.png", "seconds": 2}],
            (
                "1.seconds: the shot is over long before its clip arrives at the end image: give "
                "it 4.75 seconds, 5 to see it arrive, or leave out `end_image`"
            ),
        ),
        (
            [{"beats": ["a", "b", "c"], "seconds": 20}],
            (
                "0.beats: 3 beats cannot fill 20 seconds, a clip for each: 3 beats in 18.06 "
                "seconds would do, or 4 beats in 20"
            ),
        ),
        (
            [{"beats": ["a", "b", "c"], "seconds": 10}],
            (
                "0.beats: 3 beats cannot fill 10 seconds, a clip for each: 3 beats in 11.44 "
                "seconds would do, or 2 beats in 10"
            ),
        ),
        (
            ["a", {"prompt": "b", "resolution": "720p"}],
            (
                "1.resolution: a continued shot keeps the picture's shape, and 480p at 16:9 "
                "becomes 720p at 16:9 here: the seam would jump; begin the shot with `start: cut`"
            ),
        ),
        (
            [{"prompt": "a", "aspect_ratio": "9:16"}, "b"],
            (
                "1.start: a continued shot keeps the picture's shape, and 480p at 9:16 becomes "
                "480p at 16:9 here: the seam would jump; begin the shot with `start: cut`"
            ),
        ),
    ],
)
def test_a_contradiction_is_reported_with_its_fix(shots: list[Any], said: str) -> None:
    assert problems(*shots) == [said]


def test_the_fixes_that_are_told_do_fix() -> None:
    plan({"prompt": "a", "seconds": 0.07})
    plan({"prompt": "a", "end_image": "end.png", "seconds": 6.13})
    plan("a", {"prompt": "b", "end_image": "end.png", "seconds": 5})
    plan({"beats": ["a", "b", "c"], "seconds": 11.44})
    plan({"beats": ["a", "b", "c"], "seconds": 18.06})
    plan({"beats": ["a", "b", "c", "d"], "seconds": 20})
    plan({"beats": ["a", "b"], "seconds": 10})
    plan("a", {"prompt": "b", "resolution": "720p", "start": "cut"})


def test_contradictions_of_all_shots_are_reported_at_once() -> None:
    assert [line.split(":")[0] for line in problems({"start": "continue"}, {"seconds": 0.01})] == [
        "0.start",
        "0",
        "1",
        "1.seconds",
    ]


def test_scenes_whose_clips_would_share_their_names_are_refused() -> None:
    scenes = [{"name": "The Sea", "shots": ["a"]}, {"name": "the  sea!", "shots": ["b"]}]
    with pytest.raises(StoryboardError) as caught:
        build_plan(Storyboard.model_validate({"title": "T", "scenes": scenes}))
    (problem,) = caught.value.problems
    assert problem.place == ("scenes", 1, "name")
    assert "`the-sea/…`" in problem.message
