"""Titles are placed to the frame; what does not fit is told; no take knows of them."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from longtake.errors import StoryboardError
from longtake.story import Plan, ShownTitle, Storyboard, build_plan

LONG = {"prompt": "a", "seconds": 10}


def planned(*scenes: Any, **film: Any) -> Plan:
    data = {"title": "T", "look": {"seed": 1}, "scenes": list(scenes)}
    return build_plan(Storyboard.model_validate(data | film))


def scene(name: str = "One", *shots: Any, **more: Any) -> dict[str, Any]:
    return {"name": name, "shots": list(shots or [LONG])} | more


def spans(titles: tuple[ShownTitle, ...]) -> list[tuple[str, float, float]]:
    return [(title.kind, title.begin_seconds, title.end_seconds) for title in titles]


def test_each_title_is_where_it_belongs() -> None:
    plan = planned(
        scene(title="first"),
        scene("Two", title={"text": "second", "at": 1, "seconds": 2}),
        titles={"opening": "THE FILM", "credits": {"text": ["by", "me"], "seconds": 3}},
    )
    assert spans(plan.titles) == [
        ("opening", 0, 4),
        ("scene", 4, 8),  # when the opening card has ended
        ("scene", 11, 13),
        ("credits", 17, 20),
    ]
    assert plan.titles[3].text == "by\nme"
    assert [title.ground for title in plan.titles] == ["black", "picture", "picture", "black"]


def test_the_ground_does_not_fade_where_the_film_begins_and_ends() -> None:
    opening, closing = planned(scene(), titles={"opening": "a", "credits": "b"}).titles
    assert (opening.ground_fade_in_seconds, opening.ground_fade_out_seconds) == (0, 0.5)
    assert (closing.ground_fade_in_seconds, closing.ground_fade_out_seconds) == (0.5, 0)


def test_a_usual_title_is_as_long_as_there_is_room() -> None:
    (title,) = planned(scene("One", {"prompt": "a", "seconds": 1}, title="short")).titles
    assert title.end_seconds == 1
    assert title.fade_in_seconds + title.fade_out_seconds <= 1


def test_titles_change_no_clip_and_no_piece_of_the_film() -> None:
    bare, full = planned(scene()), planned(scene(title="a"), titles={"credits": "b"})
    assert (bare.segments, bare.chains) == (full.segments, full.chains)


def test_a_scene_whose_first_shot_is_skipped_has_its_title_over_the_next() -> None:
    skipped = {"prompt": "b", "skip": True}
    plan = planned(scene(), scene("Two", skipped, LONG, title="here"))
    assert spans(plan.titles) == [("scene", 10, 14)]


@pytest.mark.parametrize(
    ("film", "says"),
    [
        ({"titles": {"opening": {"text": "a", "seconds": 30}}}, "the film has 10.00 for it"),
        ({"title_of_scene": {"text": "a", "at": 9, "seconds": 2}}, "the shot has 1.00"),
        ({"title_of_scene": {"text": "a", "at": 10}}, "over by then"),
        ({"title_of_scene": {"text": "a", "at": 7}, "titles": {"credits": "b"}}, "before the"),
        ({"titles": {"opening": {"text": "a", "seconds": 1, "fade_in": 2}}}, "fades take"),
    ],
)
def test_what_does_not_fit_is_reported(film: dict[str, Any], says: str) -> None:
    more = {"title": film.pop("title_of_scene")} if "title_of_scene" in film else {}
    with pytest.raises(StoryboardError, match=says):
        planned(scene(**more), **film)


@pytest.mark.parametrize("text", ["", " \n ", ["", " "], "a" * 2001, ["a"] * 41, [], 3])
def test_a_title_says_something_and_no_more_than_can_be_read(text: Any) -> None:
    with pytest.raises(ValidationError):
        planned(scene(title=text))
