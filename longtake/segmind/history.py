"""The request history: how a paid job is found again when its id or its record was lost.

The envelope around the rows is undocumented, so the rows are looked for wherever they are: the
first list of objects with a ``request_id``. Pure, like ``longtake.segmind.wire``.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from longtake.segmind.answers import Answer, ContractBroken, number_of
from longtake.segmind.outputs import find_url
from longtake.segmind.wording import words_in
from longtake.story import billed_usd

ROWS_PER_PAGE = 100
WINDOW = timedelta(days=30)
"""The service refuses windows of more than 31 days."""

CLOCK_TOLERANCE = timedelta(minutes=2)
"""The service's clock and ours may differ by this much when rows are matched."""

_CREATED_KEYS = ("created_at", "model_created", "createdAt", "created", "timestamp")


@dataclass(frozen=True)
class HistoryRow:
    """One request as the history tells it; in-flight ones are included.

    ``status`` is the service's word (PENDING, COMPLETED, FAILED …). ``usd`` is what was taken
    from the account, None while unknown. ``request_body`` is the body as it was sent.
    ``output_url`` leads to the clip for about seven days. ``created_at`` is in UTC.
    """

    request_id: str
    model: str = ""
    status: str = ""
    usd: float | None = None
    request_body: dict[str, Any] = field(default_factory=dict)
    seed: int | None = None
    output_url: str | None = None
    created_at: datetime | None = None
    latency_seconds: float | None = None
    error: str = ""


def read_rows(answer: Answer) -> list[HistoryRow]:
    """Return the rows of one page, or raise ``ContractBroken`` where there is no list of rows."""
    empty_list_seen = False
    for value in _breadth_first(answer.data):
        if isinstance(value, list):
            rows = [row for row in value if _is_row(row)]
            if rows:
                return [_row(row) for row in rows]
            empty_list_seen = empty_list_seen or not value
    if empty_list_seen:
        return []
    raise ContractBroken("there is no list of rows in the answer")


def read_row(answer: Answer) -> HistoryRow:
    """Return the one row of an answer, or raise ``ContractBroken``."""
    for value in _breadth_first(answer.data):
        if _is_row(value):
            return _row(value)
    raise ContractBroken("there is no row in the answer")


def match(
    rows: Sequence[HistoryRow],
    *,
    body: Mapping[str, Any],
    since: datetime,
    besides: Container[str] = (),
    model: str,
) -> HistoryRow | None:
    """Return the row of the attempt with this model and body, made at ``since`` or later.

    The seed is the only free field of a request: it must be there and equal. What else both bodies
    name must be equal too, for authors may give one seed to many clips. ``besides`` are the ids
    of requests that are known to be others.
    """
    earliest = since - CLOCK_TOLERANCE
    for row in rows:
        recent = row.created_at is None or row.created_at >= earliest
        same = row.seed == body["seed"] and row.model in ("", model) and _agree(row, body)
        if same and recent and row.request_id not in besides:
            return row
    return None


def _agree(row: HistoryRow, body: Mapping[str, Any]) -> bool:
    shared = row.request_body.keys() & body.keys()
    return all(row.request_body[key] == body[key] for key in shared)


def older_than(rows: Sequence[HistoryRow], since: datetime) -> bool:
    """Whether every row was made before ``since``: with the newest first, paging may stop."""
    earliest = since - CLOCK_TOLERANCE
    return all(row.created_at is not None and row.created_at < earliest for row in rows)


def window_start(since: datetime, *, now: datetime) -> str:
    """Return ``from_date`` for a search: a day earlier (time zones), within the window."""
    return max(since - timedelta(days=1), now - WINDOW).date().isoformat()


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("request_id"), str)


def _breadth_first(root: Any) -> Iterator[Any]:
    """Outermost first: a request's own body may hold lists too, but lies deeper."""
    waiting = deque([root])
    while waiting:
        value = waiting.popleft()
        yield value
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _row(row: dict[str, Any]) -> HistoryRow:
    body = _request_body(row.get("request_body"))
    seed = body.get("seed")
    latency = number_of(row.get("latency_ms"))
    return HistoryRow(
        request_id=row["request_id"],
        model=str(row.get("model_name") or ""),
        status=str(row.get("model_status") or row.get("status") or "").upper(),
        usd=billed_usd(row.get("credits_deduction")),
        request_body=body,
        seed=seed if isinstance(seed, int) and not isinstance(seed, bool) else None,
        output_url=find_url(row.get("generation_url")),
        created_at=_created_at(row),
        latency_seconds=None if latency is None else latency / 1000,
        error=words_in(row.get("error")),
    )


def _request_body(body: Any) -> dict[str, Any]:
    """The body as an object; some rows hold it as JSON text."""
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            return {}
    return body if isinstance(body, dict) else {}


def _created_at(row: dict[str, Any]) -> datetime | None:
    for key in _CREATED_KEYS:
        value = row.get(key)
        try:
            if isinstance(value, str):
                moment = datetime.fromisoformat(value)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                moment = datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
            else:
                continue
        except (ValueError, OverflowError, OSError):
            continue
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return None
