"""What is done about seams, and how many takes are made: authored, inherited, in force."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from longtake.story import ClipPlan, Plan, Storyboard, build_plan, explain, fingerprint
from longtake.story.continuity import Continuity, TakesPlan


def board(
    *shots: Any, look: dict[str, Any] | None = None, scene_look: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The data of a storyboard with one scene."""
    scene = {"name": "One", "look": scene_look, "shots": list(shots)}
    return {"title": "T", "look": look, "scenes": [scene]}


def plan(*shots: Any, **looks: dict[str, Any]) -> Plan:
    return build_plan(Storyboard.model_validate(board(*shots, **looks)), base_seed=1)


def problems(shot: dict[str, Any]) -> list[str]:
    """What is said about the shot."""
    data = board({"prompt": "a"} | shot)
    with pytest.raises(ValidationError) as caught:
        Storyboard.model_validate(data)
    said = explain(caught.value, Storyboard, data)
    return [str(problem).removeprefix("scenes.0.shots.0.") for problem in said]


def test_without_a_word_colours_are_paired_flashes_removed_and_the_rest_reported() -> None:
    (clip,) = plan("a").clips
    assert clip.continuity == Continuity(colour="paired", deflash=True, gate="flag", drift="flag")
    assert (clip.takes, clip.handover) == (TakesPlan(count=1, adaptive=False), "last")


def test_continuity_is_inherited_setting_by_setting() -> None:
    film = plan(
        "a",
        {"prompt": "b", "continuity": {"gate": "off"}},
        look={"continuity": {"colour": "off", "gate": "retake"}},
        scene_look={"continuity": {"colour": "tracked", "deflash": False}},
    )
    first, second = (clip.continuity for clip in film.clips)
    assert first == Continuity(colour="tracked", deflash=False, gate="retake")
    assert second == Continuity(colour="tracked", deflash=False, gate="off")


def test_takes_and_handover_of_a_shot_win_over_the_looks() -> None:
    look = {"takes": 3, "handover": "best"}
    own = {"prompt": "b", "takes": {"up_to": 2}, "handover": "last"}
    first, second = plan("a", own, look=look).clips
    assert (first.takes, first.handover) == (TakesPlan(count=3), "best")
    assert (second.takes, second.handover) == (TakesPlan(count=2, adaptive=True), "last")


def test_up_to_one_take_is_one_take() -> None:
    assert plan({"prompt": "a", "takes": {"up_to": 1}}).clips[0].takes == TakesPlan()


def test_the_price_counts_every_take_and_tells_the_most_that_it_can_become() -> None:
    film = plan("a", {"prompt": "b", "takes": 3}, {"prompt": "c", "takes": {"up_to": 4}})
    sums = [(clip.usd, clip.usd_at_least, clip.usd_at_most) for clip in film.clips]
    assert sums == [(0.1, 0.1, 0.1), (0.09, 0.27, 0.27), (0.09, 0.09, 0.36)]
    assert (film.usd, film.usd_at_most) == (0.46, 0.73)


def asked(clip: ClipPlan) -> tuple[dict[str, Any], str]:
    """What is sent for the clip, and its identity."""
    start = None if clip.start.kind == "cut" else "a"
    return clip.parameters, fingerprint(clip, start_sha256=start, end_sha256=None)


@pytest.mark.parametrize(
    "look",
    [
        {"continuity": {"colour": "tracked", "deflash": False, "gate": "off", "drift": "cut"}},
        {"takes": 5},
        {"takes": {"up_to": 5}},
        {"handover": "best"},
    ],
    ids=str,
)
def test_how_clips_are_joined_and_chosen_is_not_sent_and_changes_no_take(
    look: dict[str, Any],
) -> None:
    shots = ("a", "b", {"beats": ["c", "d"]})
    for plain, treated in zip(plan(*shots).clips, plan(*shots, look=look).clips, strict=True):
        assert asked(plain) == asked(treated)


@pytest.mark.parametrize(
    ("shot", "said"),
    [
        ({"takes": 0}, "takes: must be at least 1, not 0"),
        ({"takes": 11}, "takes: must be at most 10, not 11"),
        ({"takes": "two"}, "takes: must be a whole number, not the text `two`"),
        ({"takes": {"up_to": 11}}, "takes.up_to: must be at most 10, not 11"),
        (
            {"handover": "bset"},
            "handover: must be `last` or `best`, not the text `bset`; did you mean `best`?",
        ),
        (
            {"continuity": {"color": "off"}},
            "continuity.color: not known here: did you mean `colour`?",
        ),
        (
            {"continuity": {"gate": False}},
            "continuity.gate: must be `off`, `flag` or `retake`, not false; did you mean `off`?",
        ),
        (
            {"gate": "retake"},
            (
                "gate: not known here: it belongs under `continuity`: "
                "`continuity: {colour: paired, gate: retake}`"
            ),
        ),
        ({"up_to": 3}, "up_to: not known here: it belongs under `takes`: `takes: {up_to: 3}`"),
    ],
    ids=str,
)
def test_a_wrong_value_is_reported_once_and_in_plain_words(shot: dict[str, Any], said: str) -> None:
    assert problems(shot) == [said]


def test_a_mapping_of_takes_needs_the_one_key_it_knows() -> None:
    assert problems({"takes": {"upto": 3}}) == [
        "takes.upto: not known here: did you mean `up_to`?",
        "takes.up_to: is missing",
    ]


def test_the_plan_is_the_same_after_a_round_trip_through_json() -> None:
    look = {"takes": {"up_to": 2}, "continuity": {"drift": "reanchor"}, "handover": "best"}
    film = plan("a", {"prompt": "b", "seconds": 20}, look=look)
    assert Plan.model_validate_json(film.model_dump_json()) == film
