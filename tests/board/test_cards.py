"""A film in short: what its record says, and whether its process is at work."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from longtake.board.cards import LIVE, REST, WAITS, FilmCard, card_of
from longtake.record import Question, RunRecord, Stage
from longtake.story import Finding
from tests.review.renders import small_plan

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def run() -> RunRecord:
    """Five clips: a chain of four and one after a cut."""
    return RunRecord.of(small_plan(), storyboard="film.yaml", folder="f", started_at=NOW)


def card(run: RunRecord, *, at_work: bool = False) -> FilmCard:
    return card_of("f", Path("f"), run, at_work=at_work, now=NOW, concurrency=8)


def group_and_tone(run: RunRecord, *, at_work: bool = False) -> tuple[str, str]:
    standing = card(run, at_work=at_work).standing
    return standing.group, standing.tone


def test_amber_is_only_what_a_person_should_look_at(run: RunRecord) -> None:
    assert (card(run, at_work=True).standing.group, card(run, at_work=True).standing.tone) == (
        LIVE,
        "live",
    )
    run.state = "paused"
    run.question = Question(about="q", unit="one/1", takes=[])
    assert (card(run).standing.group, card(run).standing.tone, card(run).question) == (
        WAITS,
        "waits",
        "q",
    )
    assert "one/1 is there" in card(run).standing.says
    run.state, run.question = "completed", None
    assert group_and_tone(run) == (REST, "well")


def test_a_render_whose_process_is_gone_is_not_taken_for_running(run: RunRecord) -> None:
    assert (card(run).standing.state, card(run).standing.group) == ("broken off", WAITS)


def test_missing_clips_wait_for_a_person(run: RunRecord) -> None:
    first, *_ = run.clips
    run.note(first, stage=Stage.FAILED)
    run.state = "incomplete"
    assert card(run).standing.says == "1 clip is missing: render again to go on"


@pytest.mark.parametrize("before", ["completed", "incomplete", "failed"])
def test_a_render_that_is_still_starting_is_live_whatever_the_last_one_left(
    run: RunRecord, before: str
) -> None:
    run.state = before
    starting = card(run, at_work=True)
    assert (starting.standing.group, starting.standing.says) == ("live", "the render is starting")


def test_places_to_look_at_are_counted(run: RunRecord) -> None:
    run.state = "completed"
    bad = Finding(severity="bad", place="x", rule="step", says="y", score=2)
    run.findings = [bad, bad.model_copy(update={"severity": "warning"})]
    assert card(run).standing.says == "1 place to look at"
