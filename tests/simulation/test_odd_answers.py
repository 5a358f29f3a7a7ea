"""A render that meets one odd answer after another, each in a world of its own."""

from __future__ import annotations

import pytest

from longtake.emulator.rows import SHAPES as ROW_SHAPES
from tests.simulation.found import ONE, UNANSWERED
from tests.simulation.play import Played, play
from tests.simulation.world import Fault, Run, World


def met(*faults: Fault, **facts: object) -> Played:
    known = {"seed": 1, "boards": (ONE,), "runs": (Run(at_seconds=0),), "faults": faults} | facts
    played = play(World.model_validate(known))
    assert played.violations == [], "\n".join(played.history)
    return played


def paid(played: Played) -> int:
    return sum("accepted job" in line for line in played.history)


UNWRITABLE = ("ansi", "osc", "nul", "lines", "long", "blank")
"""Ids that cannot be written down, wherever they stand; "number" and "list" are in no row."""


@pytest.mark.parametrize("shape", [*UNWRITABLE, "number", "list"])
def test_a_job_under_an_odd_id_is_paid_once_and_parked_where_no_id_can_be_had(shape: str) -> None:
    played = met({"on": "submit", "do": "odd_id", "shape": shape})
    ended = "RenderIncomplete" if shape in UNWRITABLE else "film"
    assert (paid(played), played.ended) == (1, ended), "\n".join(played.history)


@pytest.mark.parametrize("shape", ["path", "query", "markup"])
def test_a_job_under_an_id_that_no_address_holds_as_it_is_is_asked_for_all_the_same(
    shape: str,
) -> None:
    record = {"on": "status", "do": "expire", "times": 1}
    played = met({"on": "submit", "do": "odd_id", "shape": shape}, record)
    assert (paid(played), played.ended) == (1, "film"), "\n".join(played.history)


@pytest.mark.parametrize("shape", ROW_SHAPES)
def test_an_unanswered_submit_is_claimed_from_odd_rows_or_parked_and_never_sent_again(
    shape: str,
) -> None:
    played = met(UNANSWERED, {"on": "history", "do": "odd_rows", "shape": shape})
    assert (paid(played), played.ended) == (1, "film"), "\n".join(played.history)


@pytest.mark.parametrize(
    "status", [pytest.param(status, id=str(status)) for status in (404, 403, 500)]
)
def test_a_history_that_is_not_there_once_is_asked_again(status: int) -> None:
    once = {"on": "history", "do": "http_error", "status": status, "times": 1}
    played = met(UNANSWERED, once)
    assert (paid(played), played.ended) == (1, "film"), "\n".join(played.history)


def test_a_record_that_expired_and_a_history_that_is_late_lose_no_clip() -> None:
    late = {"on": "history", "do": "http_error", "status": 404, "times": 1}
    played = met({"on": "status", "do": "expire"}, late)
    assert (paid(played), played.ended) == (1, "film"), "\n".join(played.history)


@pytest.mark.parametrize("on", ["submit", "status", "result", "download", "history"])
def test_a_challenge_page_is_no_answer(on: str) -> None:
    lost = () if on != "history" else (UNANSWERED,)
    played = met(*lost, {"on": on, "do": "challenge", "times": 1})
    assert (paid(played), played.ended) == (1, "film"), "\n".join(played.history)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 410, 422, 425, 451, 302])
@pytest.mark.parametrize("on", ["status", "result"])
def test_an_odd_answer_given_once_for_an_accepted_job_is_not_believed(on: str, status: int) -> None:
    played = met({"on": on, "do": "http_error", "status": status, "times": 1})
    assert (paid(played), played.ended) == (1, "film"), "\n".join(played.history)


@pytest.mark.parametrize("hours", [-14, -2, 2, 14])
def test_a_history_in_another_zone_than_the_answers_dates_has_nothing_paid_twice(
    hours: int,
) -> None:
    skew = {"do": "skew", "seconds": hours * 3600}
    played = met(UNANSWERED, *({"on": on, **skew} for on in ("submit", "status", "history")))
    assert (paid(played), played.ended) == (1, "film"), "\n".join(played.history)
