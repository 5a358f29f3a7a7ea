"""The request history: how a paid job is found again when its id or its record was lost.

The envelope around the rows is undocumented, so the rows are looked for wherever they are: the
first list of objects with a ``request_id``. Pure, like ``longtake.segmind.wire``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from longtake.plain_text import carries_secret, shortened
from longtake.segmind.answers import Answer, ContractBroken, known_id, number_of, parsed
from longtake.segmind.outputs import find_url
from longtake.segmind.wording import words_in
from longtake.story import billed_usd
from longtake.story.family import families

ROWS_PER_PAGE = 100
WINDOW = timedelta(days=30)
"""The service refuses windows of more than 31 days."""

_NO_ROWS = frozenset({"error", "errors", "warnings", "messages", "tags", "filters"})
_CREATED_KEYS = ("created_at", "model_created", "createdAt", "created", "timestamp")


@dataclass(frozen=True)
class HistoryRow:
    """One request as the history tells it; in-flight ones are included.

    ``status`` is the service's word (PENDING, COMPLETED, FAILED …). ``usd`` is what was taken
    from the account, None while unknown. ``request_body`` is the body as it was sent.
    ``output_url`` leads to the clip for about seven days. ``created_at`` is in UTC; without a zone
    where the row names none, None where the time cannot be read, or where there is none at all
    (``untimed``).
    """

    request_id: str
    model: str = ""
    status: str = ""
    usd: float | None = None
    request_body: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    output_url: str | None = None
    created_at: datetime | None = None
    untimed: bool = True
    latency_seconds: float | None = None
    error: str = ""


@dataclass(frozen=True)
class Page:
    """The rows of one page, and how many of its entries are no rows that can be read."""

    rows: list[HistoryRow]
    unreadable_count: int = 0


def read_page(answer: Answer) -> Page:
    """Return the rows of one page, or raise ``ContractBroken`` where there is no list of rows."""
    if isinstance(answer.data, dict) and words_in(answer.data.get("error")):
        raise ContractBroken(f"it tells of an error: {words_in(answer.data['error'])}")
    empty_list_seen = False
    for name, value in _breadth_first(answer.data):
        if isinstance(value, list) and name not in _NO_ROWS:
            rows = [row for row in value if _is_row(row)]
            if rows:
                return Page([_row(row) for row in rows], len(value) - len(rows))
            if any(isinstance(each, dict) and "request_id" in each for each in value):
                return Page([], len(value))  # rows they are, under ids that nobody can write down
            empty_list_seen = empty_list_seen or not value
    if empty_list_seen:
        return Page([])
    raise ContractBroken("there is no list of rows in the answer")


def read_row(answer: Answer) -> HistoryRow:
    """Return the one row of an answer, or raise ``ContractBroken``."""
    for _, value in _breadth_first(answer.data):
        if _is_row(value):
            return _row(value)
    raise ContractBroken("there is no row in the answer")


def window_start(since: datetime, *, now: datetime) -> str:
    """Return ``from_date`` for a search: a day earlier (time zones), within the window."""
    return max(since - timedelta(days=1), now - WINDOW).date().isoformat()


def _is_row(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    try:
        return bool(known_id(value.get("request_id")))
    except ContractBroken:
        return False


def _breadth_first(root: Any) -> Iterator[tuple[str, Any]]:
    """Outermost first: a request's own body may hold lists too, but lies deeper."""
    waiting: deque[tuple[str, Any]] = deque([("", root)])
    while waiting:
        name, value = waiting.popleft()
        yield name, value
        if isinstance(value, dict):
            waiting.extend((str(key), each) for key, each in value.items())
        elif isinstance(value, list):
            waiting.extend((name, each) for each in value)


def _row(row: dict[str, Any]) -> HistoryRow:
    body = _request_body(row.get("request_body"))
    created_at, untimed = _created_at(row)
    url = find_url(row.get("generation_url"))
    latency = number_of(row.get("latency_ms"))
    return HistoryRow(
        request_id=row["request_id"],
        model=shortened(str(row.get("model_name") or "")),
        status=shortened(str(row.get("model_status") or row.get("status") or ""), 40).upper(),
        usd=billed_usd(row.get("credits_deduction")),
        request_body=body,
        seed=_seed(body),
        output_url=None if url is None or carries_secret(url) else url,
        created_at=created_at,
        untimed=untimed,
        latency_seconds=None if latency is None else latency / 1000,
        error=words_in(row.get("error")),
    )


def _seed(body: Mapping[str, Any]) -> int | None:
    """The seed, whatever type the service has made of it."""
    told = (body[name] for name in _names("seed") if name in body)
    seed = number_of(next(told, None))
    return int(seed) if seed is not None and seed == int(seed) else None


def _names(*ours: str) -> frozenset[str]:
    """What the model families call it."""
    return frozenset(family.fields[name] for family in families() for name in ours)


def _request_body(body: Any) -> dict[str, Any]:
    """The body as it was sent: some rows hold it as JSON text, some inside another object."""
    for value in (body, *(each for _, each in _breadth_first(body))):
        found = parsed(value) if isinstance(value, str) and value[:1] == "{" else value
        if isinstance(found, dict) and not _names("seed", "prompt").isdisjoint(found):
            return found
    return {}


def _created_at(row: Mapping[str, Any]) -> tuple[datetime | None, bool]:
    """When the row was made (in UTC, or without a zone), and whether it names no time at all."""
    told = [row[key] for key in _CREATED_KEYS if row.get(key) is not None]
    for value in told:
        try:
            if isinstance(value, str):
                moment = datetime.fromisoformat(value.strip())
            elif isinstance(value, int | float) and not isinstance(value, bool):
                moment = datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
            else:
                continue
            return (moment if moment.tzinfo is None else moment.astimezone(UTC)), False
        except (ValueError, OverflowError, OSError):
            continue
    return None, not told
