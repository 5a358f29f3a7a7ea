"""The pages of the request history are gone through until they say what became of an attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from longtake.segmind.attempts import Absent, Attempt, Found, Search, Unknown
from longtake.segmind.history import HistoryRow, Page
from longtake.segmind.history_search import (
    FEW_ROWS,
    LONGEST_SEARCH_PAGES,
    TRIES,
    nobodys,
    search,
)
from tests.segmind.history_rows import NOW, T2V

ATTEMPT = Attempt(T2V, {"seed": 7, "prompt": "sea"}, NOW)
FIRST_DAY = "2026-02-01"  # a day, and the 26 hours in which a row is doubtful, before
EMPTY = Page([])


def a_row(name: str, seed: int | None = 1, created_at: datetime = NOW) -> HistoryRow:
    """A row of another request, unless it has the attempt's seed; None: nobody can tell."""
    body = {"seed": seed, "prompt": "sea"} if seed is not None else {}
    return HistoryRow(name, T2V, "COMPLETED", 0.09, body, seed, None, created_at, untimed=False)


def rows_of(count: int, first: int = 0) -> Page:
    return Page([a_row(f"r{number}") for number in range(first, first + count)])


OURS, UNCLEAR, OLD = (
    a_row("ours", 7),
    a_row("unclear", None),
    a_row("old", 1, NOW.replace(year=2025)),
)
OTHERS, UNREADABLE = rows_of(1), Page([a_row("x")], unreadable_count=1)


class Pages:
    """The history, page by page, and what was asked of it; the last page stands for all after."""

    def __init__(self, *pages: Page) -> None:
        self.pages = pages
        self.asked: list[tuple[int, str]] = []

    async def __call__(self, number: int, from_date: str) -> Page:
        self.asked.append((number, from_date))
        return self.pages[min(number, len(self.pages)) - 1]


async def found_in(pages: Pages, attempt: Attempt = ATTEMPT, now: datetime = NOW) -> Search:
    return await search(pages, lambda: attempt, lambda: now, nobodys)


CUT = "the request history repeats its rows, and may have more"
HOLES = "the request history holds rows that cannot be read"
NOT_TOLD = "unclear in the request history cannot be distinguished from it"


@pytest.mark.parametrize(
    ("pages", "found", "asked"),
    [
        ([EMPTY], Absent(), 1),
        ([OTHERS, EMPTY], Absent(), 2),
        ([OTHERS, rows_of(1, 5), Page([OURS])], Found(OURS), 3),
        ([Page([UNCLEAR]), Page([OURS])], Found(OURS), 2),
        ([Page([UNCLEAR]), EMPTY], Unknown(NOT_TOLD), 2),
        ([Page([UNCLEAR]), OTHERS, EMPTY], Unknown(NOT_TOLD), 3),
        ([Page([UNCLEAR]), UNREADABLE, EMPTY], Unknown(NOT_TOLD), 3),
        ([UNREADABLE, Page([UNCLEAR]), EMPTY], Unknown(HOLES), 3),
        ([Page([UNCLEAR]), Page([OLD])], Unknown(NOT_TOLD), 2),
        ([Page([OLD])], Absent(), 1),
        ([Page([a_row("a", 1, OLD.created_at or NOW)], 1)], Unknown(HOLES), 1),
        ([rows_of(FEW_ROWS - 1)], Absent(), 2),
        ([rows_of(FEW_ROWS)], Unknown(CUT), 2),
        ([rows_of(FEW_ROWS), Page([UNCLEAR])], Unknown(NOT_TOLD), 3),
        ([rows_of(2), rows_of(2, 1), rows_of(3)], Absent(), 3),
    ],
)
async def test_a_search_goes_on_until_the_rows_tell(
    pages: list[Page], found: Search, asked: int
) -> None:
    history = Pages(*pages)
    assert await found_in(history) == found
    assert history.asked == [(number, FIRST_DAY) for number in range(1, asked + 1)]


@pytest.mark.parametrize("first", [OTHERS, Page([UNCLEAR])])
async def test_a_history_without_end_is_given_up(first: Page) -> None:
    history = Pages(first, *(rows_of(1, number) for number in range(10, 150)))
    found = await found_in(history)
    assert len(history.asked) == LONGEST_SEARCH_PAGES
    endless = f"the request history goes on after {LONGEST_SEARCH_PAGES} pages"
    assert found == Unknown(NOT_TOLD if first is not OTHERS else endless)


@pytest.mark.parametrize(
    ("days", "seconds", "found"),
    [
        (30, 0, Absent()),
        (30, 1, Unknown("the request history does not go back so far")),
    ],
)
async def test_what_lies_before_the_window_is_not_said_to_be_absent(
    days: float, seconds: float, found: Search
) -> None:
    since = NOW - timedelta(days=days, seconds=seconds)
    assert await found_in(Pages(EMPTY), replace(ATTEMPT, since=since)) == found


@pytest.mark.usefixtures("far_from_utc")
@pytest.mark.parametrize(
    ("since", "first_day"),
    [
        (NOW, FIRST_DAY),
        (NOW + timedelta(days=3), FIRST_DAY),
        (NOW.astimezone(timezone(timedelta(hours=14))), FIRST_DAY),
        (datetime(2026, 2, 2, 3, tzinfo=timezone(timedelta(hours=5))), "2026-01-30"),
        (datetime(2026, 2, 2, 20, tzinfo=UTC), "2026-01-31"),
    ],
)
async def test_the_days_that_are_searched_are_the_services(since: datetime, first_day: str) -> None:
    history = Pages(EMPTY)
    await found_in(history, replace(ATTEMPT, since=since))
    assert history.asked == [(1, first_day)]


FAR = replace(ATTEMPT, since=NOW + timedelta(days=90))


@pytest.mark.parametrize(
    ("pages", "days", "found", "searches"),
    [
        ([EMPTY], 0, Absent(), 1),
        ([EMPTY], 1, Absent(), 2),
        ([EMPTY], TRIES - 1, Absent(), TRIES),
        (
            [EMPTY],
            TRIES,
            Unknown("the service's clock does not stand still enough to search its history"),
            TRIES,
        ),
    ],
)
async def test_a_search_in_days_that_a_wrong_clock_named_is_made_again(
    pages: list[Page], days: int, found: Search, searches: int
) -> None:
    clock = [NOW]
    history = Pages(*pages)

    async def ask(number: int, from_date: str) -> Page:
        clock[0] = NOW + timedelta(days=min(len(history.asked) + 1, days))
        return await history(number, from_date)

    assert await search(ask, lambda: FAR, lambda: clock[0], nobodys) == found
    begin = datetime(2026, 2, 1, tzinfo=UTC)
    expected = [(begin + timedelta(days=number)).date().isoformat() for number in range(searches)]
    assert history.asked == [(1, day) for day in expected]


async def test_what_is_found_in_the_wrong_days_is_found() -> None:
    ours = replace(OURS, created_at=FAR.since)
    moments = iter([NOW, NOW + timedelta(days=1)])
    history = Pages(Page([ours]))
    assert await search(history, lambda: FAR, lambda: next(moments), nobodys) == Found(ours)


@pytest.mark.parametrize(
    ("pages", "accepted", "late_seconds"),
    [
        ([EMPTY], {}, 0),
        ([EMPTY], {"r0": 30.0, "r1": 200.0, "r2": 7.0}, 200),
        ([OTHERS, EMPTY], {"r0": 200.0, "r1": 30.0}, 30),
        ([rows_of(1), rows_of(1, 1), EMPTY], {"r0": 200.0, "r1": 30.0}, 0),
        ([Page([OLD])], {"old": 200.0}, 0),
        ([Page([OLD])], {"r0": 200.0}, 200),
    ],
)
async def test_a_list_that_lacks_accepted_requests_is_late(
    pages: list[Page], accepted: dict[str, float], late_seconds: float
) -> None:
    found = await search(Pages(*pages), lambda: ATTEMPT, lambda: NOW, nobodys, accepted)
    assert found == Absent(late_seconds)


async def test_rows_alike_are_looked_up_and_those_that_are_others_passed_by() -> None:
    asked: list[str] = []

    async def is_known(request_id: str) -> bool:
        asked.append(request_id)
        return request_id == "unclear"

    unnamed = replace(UNCLEAR, request_id="")
    for rows, found in (
        ([a_row("other"), UNCLEAR], Absent()),
        ([UNCLEAR, OURS], Found(OURS)),
        (
            [unnamed],
            Unknown("a row without an id in the request history cannot be distinguished from it"),
        ),
    ):
        history = Pages(Page(rows), EMPTY)
        assert await search(history, lambda: ATTEMPT, lambda: NOW, is_known) == found
    assert asked == ["unclear", "unclear", "ours"]
