"""The service's clock, by what its answers tell: also where ours is set in between."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from longtake.segmind.service_clock import ServiceClock

OURS = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TOLD = {"date": "Mon, 04 May 2026 11:55:00 GMT"}


def test_before_the_first_answer_ours_is_all_there_is() -> None:
    clock = ServiceClock()
    assert not clock.known
    assert clock.now(OURS) == OURS


@pytest.mark.parametrize(
    ("set_by", "passed", "shows"),
    [
        (timedelta(0), 30.0, timedelta(seconds=30)),
        (timedelta(days=3), 30.0, timedelta(seconds=30)),  # ours was set forward
        (timedelta(days=-3), 30.0, timedelta(days=-3, seconds=30)),  # back: too early does no harm
    ],
)
def test_a_clock_that_is_set_makes_the_service_s_no_later(
    set_by: timedelta, passed: float, shows: timedelta
) -> None:
    ticks = iter([100.0, 100.0 + passed])
    clock = ServiceClock(lambda: next(ticks))
    clock.note(TOLD, now=OURS)
    later = OURS + set_by + timedelta(seconds=passed)
    assert clock.now(later) == OURS - timedelta(minutes=5) + shows


def test_while_the_machine_slept_the_service_s_clock_is_rather_too_early() -> None:
    clock = ServiceClock(lambda: 100.0)
    clock.note(TOLD, now=OURS)
    assert clock.now(OURS + timedelta(hours=8)) == OURS - timedelta(minutes=5)


@pytest.mark.parametrize(
    "date",
    [
        "",
        "soon",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 +2359",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Mon, 04 May 99999 11:55:00 GMT",
        "1777895700",
    ],
)
def test_a_date_that_cannot_be_is_no_time_that_was_told(date: str) -> None:
    clock = ServiceClock()
    clock.note({"date": date}, now=OURS)
    assert not clock.known
    clock.note(TOLD, now=OURS)
    clock.note({"date": date}, now=OURS + timedelta(seconds=1))
    assert clock.at(OURS) == OURS - timedelta(minutes=5)
