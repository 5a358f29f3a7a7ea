"""Credits, places for jobs and the rate of an account end as the service ends them."""

from __future__ import annotations

import httpx
import pytest

from tests.emulator.service import (
    BAD_BODY,
    BODY,
    NO_TLS,
    service,
)


@pytest.mark.parametrize("code", [402, 406])
def test_submits_end_when_the_balance_does_not_cover_them(code: int) -> None:
    with service(credits_usd=0.25, out_of_credits_status=code) as one:
        one.accepted()
        one.accepted()
        assert one.submit().status_code == code, "the two that run are not paid yet, but they count"
        one.finish()
        assert one.http.get("/v1/get-user-credits").json()["credits"] == pytest.approx(0.05)


def test_only_what_completed_is_billed() -> None:
    with service() as one:
        one.accepted(BAD_BODY)
        one.completed()
        assert one.emulator.billed_usd == 0.10
        assert one.emulator.committed_usd == 0.10


def test_jobs_above_the_concurrency_wait_for_a_place() -> None:
    with service(concurrency=1) as one:
        one.accepted()
        one.accepted(BODY | {"seed": 4})
        first, second = one.emulator.requests
        assert second.starts_at >= first.ends_at


def test_or_they_are_refused_where_that_is_configured() -> None:
    with service(concurrency=1, over_concurrency="refuse") as one:
        one.accepted(BAD_BODY)
        assert one.submit(BAD_BODY).status_code == 429
        one.finish()
        assert one.submit(BAD_BODY).status_code == 200


def test_the_rate_limit_says_when_it_is_over() -> None:
    with service(requests_per_minute=2) as one:
        assert [one.http.get("/v1/get-user-credits").status_code for _ in range(3)] == [
            200,
            200,
            429,
        ]
        refused = one.http.get("/v1/get-user-credits")
        assert refused.headers["x-rate-limit-reset-at-utc"] == "2026-01-01T12:01:00.000Z"
        assert refused.headers["date"] == "Thu, 01 Jan 2026 12:00:00 GMT"
        one.clock.advance(60)
        assert one.http.get("/v1/get-user-credits").status_code == 200


def test_polls_may_be_left_out_of_the_rate_limit() -> None:
    with service(requests_per_minute=1, polls_count=False) as one:
        assert {one.http.get("/v1/get-user-credits").status_code for _ in range(3)} == {200}
        assert [one.submit(BAD_BODY).status_code for _ in range(2)] == [200, 429]


def test_the_key_is_asked_for() -> None:
    with service(keys=frozenset({"SG_known"})) as one:
        refused = one.submit()
        assert refused.status_code == 401
        assert refused.json() == {
            "error": "invalid_token",
            "error_description": "Invalid API key",
            "status_code": 401,
        }
        bare = httpx.get(f"{one.url}/v1/get-user-credits", trust_env=False, verify=NO_TLS)
        assert bare.status_code == 401
        words = "Missing Authorization or x-api-key in header"
        assert bare.json()["error_description"] == words
        known = one.http.get("/v1/get-user-credits", headers={"x-api-key": "SG_known"})
        assert known.json() == {"credits": 100.0, "free-credits": 0.0}


def test_one_key_does_not_see_the_requests_of_another() -> None:
    with service() as one:
        url = f"/v2/requests/{one.accepted(BAD_BODY)}"
        assert one.http.get(url, headers={"x-api-key": "SG_2"}).status_code == 404
