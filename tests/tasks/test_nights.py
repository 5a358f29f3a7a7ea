"""Nights that are left out: too late, or while the last one is still at work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import State
from prefect.client.schemas.objects import FlowRun
from prefect.states import Cancelled, Completed, Crashed, Paused, Running, Scheduled

from tasks.nights import missed, overtaken

DUE = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def night(began: datetime | None = DUE, state: State[Any] | None = None, **facts: Any) -> FlowRun:
    known = {"auto_scheduled": True, "expected_start_time": DUE, "run_count": 1}
    known |= {"parameters": {"storyboard": "a.yaml"}, "flow_id": uuid4(), "id": uuid4()}
    return FlowRun(**(known | facts | {"start_time": began, "state": state or Running()}))


@pytest.mark.parametrize(
    ("hours_late", "facts", "left_out"),
    [
        (0, {}, False),
        (12, {}, False),
        (12.1, {}, True),
        (12.1, {"auto_scheduled": False}, False),  # somebody pressed Run
        (12.1, {"run_count": 2}, False),  # it began on time, and begins again
    ],
)
def test_a_night_is_caught_up_with_for_as_long_as_is_configured(
    hours_late: float, facts: dict[str, Any], left_out: bool
) -> None:
    said = missed(night(**facts), DUE + timedelta(hours=hours_late), 12)
    assert (said is not None) == left_out
    if said is not None:
        assert "2026-10-25 01:30 UTC" in said


@pytest.mark.parametrize(
    ("state", "yields"),
    [
        (Running(), True),
        (Running(name="Rendering"), True),
        (Paused(), True),  # it waits for a person
        (Scheduled(name="AwaitingRetry"), True),
        (Crashed(), True),  # and will be retried
        (Completed(), False),
        (Cancelled(), False),
    ],
)
def test_a_night_leaves_one_alone_that_began_earlier_and_goes_on(
    state: State[Any], yields: bool
) -> None:
    last = night(DUE - timedelta(days=1), state)
    assert (overtaken(night(), [last]) is last) == yields


def test_nights_of_different_storyboards_do_not_know_each_other() -> None:
    other = night(DUE - timedelta(days=1), parameters={"storyboard": "b.yaml"})
    assert overtaken(night(), [other]) is None


def test_one_that_waits_for_a_worker_has_not_begun() -> None:
    assert overtaken(night(), [night(None, Scheduled())]) is None


def test_of_two_that_begin_in_the_same_instant_one_goes_on() -> None:
    first, second = night(id=UUID(int=1)), night(id=UUID(int=2))
    assert overtaken(first, [first, second]) is None
    assert overtaken(second, [first, second]) is first
