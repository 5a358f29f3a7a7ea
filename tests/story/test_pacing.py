"""A clip's pace is held against its words, by what is usual in its film."""

from __future__ import annotations

import pytest

from longtake.story.pacing import asked_pace, pace_findings
from longtake.story.readings import ClipReading


def moving(speed: float) -> ClipReading:
    flat = (1.0, 1.0)
    return ClipReading(
        luma=flat, contrast=flat, saturation=flat, sharpness=flat, motion=(speed, speed)
    )


@pytest.mark.parametrize(
    ("words", "pace"),
    [
        ("A fox trots along the wall", None),
        ("In slow motion the vase falls", "slow"),
        ("The camera slowly pushes in", "slow"),
        ("Horses gallop past; dust", "quick"),
        ("A whip pan to the door", "quick"),
        ("She slowly turns, then sprints", None),
        ("Breakfast in a racetrack café", None),
    ],
)
def test_words_ask_for_a_pace(words: str, pace: str | None) -> None:
    assert asked_pace(words) == pace


def told(**clips: tuple[str, float]) -> list[str]:
    prompts = {name: words for name, (words, _) in clips.items()}
    readings = {name: moving(speed) for name, (_, speed) in clips.items()}
    return [f"{one.place} {one.severity}" for one in pace_findings(prompts, readings)]


USUAL = {"a": ("a street", 2.0), "b": ("a room", 2.4), "c": ("a garden", 1.8)}


def test_a_clip_that_moves_otherwise_than_its_words_ask_is_reported() -> None:
    assert told(**USUAL, d=("she sprints", 0.8), e=("slowly, a cloud", 5.0)) == ["d note", "e note"]
    assert told(**USUAL, d=("she sprints", 2.0), e=("slowly, a cloud", 2.0)) == []


def test_nothing_is_reported_where_nothing_is_usual_or_nothing_can_be_followed() -> None:
    assert told(a=("a street", 2.0), d=("she sprints", 0.1)) == []
    assert told(**USUAL, d=("she sprints", 0.0)) == []
