"""Going through the pages of the request history until they say what became of an attempt."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from longtake.segmind.attempts import Absent, Attempt, Found, Search, Unknown, judge, older_than
from longtake.segmind.history import Page, window_start

LONGEST_SEARCH_PAGES = 50

FEW_ROWS = 10
"""A list that ends within so few rows was not cut: no service has shorter pages."""


async def search(
    ask: Callable[[int, str], Awaitable[Page]],
    attempt: Callable[[], Attempt],
    since: datetime,
    *,
    now: datetime,
) -> Search:
    """Judge page after page, from the first; ``ask`` gets a page's number and a first day.

    ``attempt`` is asked after each page: its answer has told the service's time.
    ``now`` is our own.
    """
    from_date = window_start(since.astimezone(UTC), now=now)
    unclear: Unknown | None = None
    seen: set[str] = set()
    for number in range(1, LONGEST_SEARCH_PAGES + 1):
        page = await ask(number, from_date)
        looked_for = attempt()
        found = judge(page.rows, looked_for)
        if isinstance(found, Found):
            return found
        if isinstance(found, Unknown):
            unclear = unclear or found
        if page.unreadable_count:
            unclear = unclear or Unknown("the request history holds rows that cannot be read")
        # A service that ignores ``page`` would answer the same rows for ever.
        if seen.issuperset(row.request_id for row in page.rows):
            return unclear or _end(page, number)
        if older_than(page.rows, looked_for.since):
            return unclear or Absent()
        seen.update(row.request_id for row in page.rows)
    return unclear or Unknown(f"the request history goes on after {LONGEST_SEARCH_PAGES} pages")


def _end(page: Page, number: int) -> Search:
    """What a page that brings nothing new means: the list's end, or a service without pages."""
    if number > 1 and len(page.rows) >= FEW_ROWS:
        return Unknown("the request history repeats its rows, and may have more")
    return Absent()
