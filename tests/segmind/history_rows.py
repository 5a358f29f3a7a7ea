"""Rows as the request history lists them, and an attempt to look for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from longtake.segmind.answers import Answer
from longtake.segmind.history import HistoryRow, read_page

NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)


T2V = "wan-2.2-t2v-fast"


def rows_of(body: Any) -> list[HistoryRow]:
    return read_page(Answer(200, json.dumps(body))).rows


def row(request_id: str, **more: Any) -> dict[str, Any]:
    return {"request_id": request_id, "model_name": T2V, **more}
