"""Going through the pages of the request history until they say what became of an attempt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType

from longtake.segmind.attempts import (
    Absent,
    Attempt,
    Found,
    Search,
    Unknown,
    judge,
    may_be,
    older_than,
)
from longtake.segmind.history import WINDOW, HistoryRow, Page, window_start

LONGEST_SEARCH_PAGES = 100

TRIES = 3
"""For the clocks to agree on the days that are searched."""

FEW_ROWS = 10
"""A list that ends within so few rows was not cut: no service has shorter pages."""

Known = Callable[[str], Awaitable[bool]]
"""Whether the request of that id is known to be another attempt's."""

NONE_ACCEPTED: Mapping[str, float] = MappingProxyType({})
"""No request is known to be in the history."""


async def nobodys(_: str) -> bool:
    """Nothing is known of any request."""
    return False


async def search(
    ask: Callable[[int, str], Awaitable[Page]],
    attempt: Callable[[], Attempt],
    now: Callable[[], datetime],
    is_known: Known,
    accepted: Mapping[str, float] = NONE_ACCEPTED,
) -> Search:
    """Judge page after page, from the first; ``ask`` gets a page's number and a first day.

    Rows that may be the attempt's, but for their ids, are looked up: ``is_known`` passes them by.
    ``attempt`` is asked after each page, and ``now``, too: an answer has told the service's time.
    ``accepted`` are requests that are in the list unless it is late, by their ids, and how many
    seconds ago they were accepted: less than a day.
    """
    for _ in range(TRIES):
        first_day = _first_day(attempt(), now())
        found = await _search_from(ask, attempt, first_day, is_known, accepted)
        if isinstance(found, Absent) and attempt().since < now() - WINDOW:
            return Unknown("the request history does not go back so far")
        if not isinstance(found, Absent) or _first_day(attempt(), now()) == first_day:
            return found
        # Our clock was wrong by days: it was another window that was looked at.
    return Unknown("the service's clock does not stand still enough to search its history")


def _first_day(attempt: Attempt, now: datetime) -> str:
    since = min(attempt.since.astimezone(UTC), now)
    return window_start(since - attempt.doubtful, now=now)


async def _search_from(
    ask: Callable[[int, str], Awaitable[Page]],
    attempt: Callable[[], Attempt],
    from_date: str,
    is_known: Known,
    accepted: Mapping[str, float],
) -> Search:
    unclear: Unknown | None = None
    seen: set[str] = set()
    for number in range(1, LONGEST_SEARCH_PAGES + 1):
        page = await ask(number, from_date)
        looked_for = attempt()
        found = judge(await _unknown(page.rows, looked_for, is_known), looked_for)
        if isinstance(found, Found):
            return found
        if isinstance(found, Unknown):
            unclear = unclear or found
        if page.unreadable_count:
            unclear = unclear or Unknown("the request history holds rows that cannot be read")
        # A service that ignores ``page`` would answer the same rows forever.
        if seen.issuperset(row.request_id for row in page.rows):
            return unclear or _end(page, number, _late_seconds(accepted, seen))
        seen.update(row.request_id for row in page.rows)
        if older_than(page.rows, looked_for):
            return unclear or Absent(_late_seconds(accepted, seen))
    return unclear or Unknown(f"the request history goes on after {LONGEST_SEARCH_PAGES} pages")


async def _unknown(
    rows: Sequence[HistoryRow], attempt: Attempt, is_known: Known
) -> list[HistoryRow]:
    alike = [row for row in rows if may_be(row, attempt)]
    return [row for row in alike if not (row.request_id and await is_known(row.request_id))]


def _late_seconds(accepted: Mapping[str, float], seen: Collection[str]) -> float:
    return max((ago for request_id, ago in accepted.items() if request_id not in seen), default=0.0)


def _end(page: Page, number: int, late_seconds: float) -> Search:
    """What a page that brings nothing new means: the list's end, or a service without pages."""
    if number > 1 and len(page.rows) >= FEW_ROWS:
        return Unknown("the request history repeats its rows, and may have more")
    return Absent(late_seconds)
