"""The emulated request history: what ran, failed or is in flight, filtered and sorted."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.emulator.service import (
    BAD_BODY,
    BODY,
    I2V,
    NO_TLS,
    T2V,
    service,
)

DAY_SECONDS = 86_400.0


def test_history_lists_what_ran_what_failed_and_what_is_in_flight() -> None:
    with service() as one:
        one.accepted()
        one.accepted(BAD_BODY)
        one.finish()
        one.accepted()
        page = one.http.get("/inference-request/request-history").json()
        assert [row["model_status"] for row in page["data"]] == ["PENDING", "FAILED", "COMPLETED"]
        assert page["data"][2]["credits_deduction"] == 0.10
        assert page["data"][2]["request_body"] == BODY


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({}, 3),
        ({"page": 2, "per_page": 2}, 1),
        ({"model_name": "i2v"}, 1),
        ({"status": "FAILED"}, 3),
        ({"status": "COMPLETED"}, 0),
        ({"from_date": "2025-12-30", "to_date": "2025-12-31"}, 0),
        ({"from_date": "2026-01-01", "to_date": "2026-01-01"}, 3),
    ],
)
def test_history_is_paged_and_filtered(query: dict[str, Any], count: int) -> None:
    with service() as one:
        for model in (T2V, I2V, T2V):
            one.accepted(BAD_BODY, model)
        one.finish()
        page = one.http.get("/inference-request/request-history", params=query).json()
        assert len(page["data"]) == count


def test_history_sorts_by_name_in_either_order() -> None:
    with service() as one:
        for model in (T2V, I2V):
            one.accepted(BAD_BODY, model)
        url = "/inference-request/request-history?sort_by=model_name&sort_order="
        for order, names in (("asc", [I2V, T2V]), ("desc", [T2V, I2V])):
            rows = one.http.get(url + order).json()["data"]
            assert [row["model_name"] for row in rows] == names


@pytest.mark.parametrize(
    "query",
    [
        {"per_page": 101},
        {"page": 0},
        {"from_date": "yesterday"},
        {"status": "DONE"},
        {"from_date": "2025-11-01", "to_date": "2026-01-01"},
    ],
)
def test_a_question_that_the_history_does_not_know_is_refused(query: dict[str, Any]) -> None:
    with service() as one:
        answer = one.http.get("/inference-request/request-history", params=query)
        assert answer.status_code == 400


def test_rows_older_than_a_week_need_a_from_date() -> None:
    with service() as one:
        one.accepted(BAD_BODY)
        one.clock.advance(9 * DAY_SECONDS)
        url = "/inference-request/request-history"
        assert one.http.get(url).json()["data"] == []
        assert len(one.http.get(url, params={"from_date": "2026-01-01"}).json()["data"]) == 1


def test_what_was_accepted_is_listed_without_the_key() -> None:
    with service(key="SG_secret") as one:
        done = one.completed()
        one.accepted(BODY | {"image": "data:image/png;base64," + "A" * 4000}, I2V)
        answer = httpx.get(f"{one.url}/emulator/requests", trust_env=False, verify=NO_TLS)
        assert "SG_secret" not in answer.text
        first, second = answer.json()
        assert (first["request_id"], first["usd"], first["polls"]) == (done["request_id"], 0.10, 1)
        assert len(second["body"]["image"]) < 100
        summary = httpx.get(f"{one.url}/emulator/summary", trust_env=False, verify=NO_TLS).json()
        assert (summary["accepted"], summary["billed_usd"]) == (2, 0.10)
        assert summary["history_pages"] == 0
