"""Odd rows of the request history: what the documentation leaves open, taken at its word."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

Row = dict[str, Any]

ELSEWHERE = timezone(timedelta(hours=5, minutes=30))
"""A zone that is not the reader's."""


def _created(spell: Callable[[datetime], object]) -> Callable[[Row], Row]:
    def change(row: Row) -> Row:
        return row | {"created_at": spell(datetime.fromisoformat(str(row["created_at"])))}

    return change


def _body(change: Callable[[dict[str, Any]], object]) -> Callable[[Row], Row]:
    return lambda row: row | {"request_body": change(row["request_body"])}


DEFAULTS: dict[str, Any] = {
    "negative_prompt": "",
    "aspect_ratio": "16:9",
    "resolution": "480p",
    "frames_per_second": 16,
    "num_frames": 81,
    "sample_shift": 12,
    "go_fast": True,
    "high_noise_lora": None,
    "low_noise_lora": None,
}
"""What a service that fills in its defaults adds to a body."""

ROWS: Mapping[str, Callable[[Row], Row]] = {
    "no_zone": _created(lambda at: at.replace(tzinfo=None).isoformat(timespec="seconds")),
    "other_zone": _created(lambda at: at.astimezone(ELSEWHERE).isoformat()),
    "other_zone_unsaid": _created(lambda at: at.astimezone(ELSEWHERE).strftime("%Y-%m-%d %H:%M")),
    "epoch": _created(lambda at: at.timestamp()),
    "epoch_ms": _created(lambda at: round(at.timestamp() * 1000)),
    "words": _created(lambda _: "a few minutes ago"),
    "no_time": _created(lambda _: None),
    "other_types": _body(
        lambda body: {
            name: str(value) if isinstance(value, int | float) else value
            for name, value in body.items()
        }
    ),
    "floats": _body(
        lambda body: {
            name: float(value) if type(value) is int else value for name, value in body.items()
        }
    ),
    "defaults": _body(lambda body: DEFAULTS | body),
    "wrapped": _body(lambda body: {"input": body}),
    "json_text": _body(json.dumps),
    "no_body": _body(lambda _: None),
    "fewer_keys": _body(lambda body: {"prompt": body.get("prompt")}),
    "cut_prompt": _body(lambda body: body | {"prompt": str(body.get("prompt"))[:8]}),
    "no_address": lambda row: row | {"generation_url": None},
    "number_ids": lambda row: row | {"request_id": 7},
}
"""What happens to each row, by the fault's ``shape``."""

ENVELOPES: Mapping[str, Callable[[Any], object]] = {
    "bare_list": lambda page: page["data"],
    "rows": lambda page: {"rows": page["data"], "count": page["total"]},
    "nested": lambda page: {"success": True, "data": {"results": page["data"]}},
}
"""What happens to the page around them."""

SHAPES = (*ROWS, *ENVELOPES)


def reshaped(body: Any, shape: str) -> Any:
    """A page or a single row of the history, its rows or its envelope in ``shape``."""
    if shape in ENVELOPES:
        return ENVELOPES[shape](body) if "data" in body else body
    return each_row(body, ROWS[shape])


def each_row(body: Any, change: Callable[[Row], Row]) -> Any:
    """``change`` done to every row of a page, or to the one row that ``body`` is."""
    if "data" in body:
        return body | {"data": [change(row) for row in body["data"]]}
    return change(body) if "request_id" in body else body
