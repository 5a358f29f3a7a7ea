"""How long the service asks us to stay away, in every form that it may say so."""

from __future__ import annotations

import pytest

from longtake.segmind.throttle import hinted_wait_seconds

NOW = 1770114030.0  # 2026-02-03T10:20:30Z


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12.0),
        ({"retry-after": "Tue, 03 Feb 2026 10:20:40 GMT"}, 10.0),
        ({"x-rate-limit-reset-at-utc": "2026-02-03T10:20:35Z"}, 5.0),
        ({"x-rate-limit-reset-at-utc": "2026-02-03 10:20:35"}, 5.0),
        ({"x-rate-limit-reset-at-utc": "2026-02-03T10:20:35.500000"}, 5.5),
        ({"x-rate-limit-reset-at-utc": "1770114035"}, 5.0),
        ({"x-rate-limit-reset-at-utc": "1770114035000"}, 5.0),
        ({"x-rate-limit-reset-at-utc": "Tue, 03 Feb 2026 10:20:35 GMT"}, 5.0),
        ({"x-rate-limit-reset-at-utc": "2026-02-03T10:00:00Z"}, 0.0),
        ({"x-rate-limit-reset-at-utc": "soon"}, None),
        ({"retry-after": "-3"}, None),
    ],
)
def test_hints_are_read_in_every_form(headers: dict[str, str], seconds: float | None) -> None:
    assert hinted_wait_seconds(headers, now=NOW) == seconds


def test_a_wrong_clock_of_ours_does_not_matter_where_the_answer_is_dated() -> None:
    headers = {
        "date": "Tue, 03 Feb 2026 10:20:30 GMT",
        "x-rate-limit-reset-at-utc": "2026-02-03T10:20:35Z",
    }
    assert hinted_wait_seconds(headers, now=NOW + 7200) == 5.0


@pytest.mark.usefixtures("far_from_utc")
@pytest.mark.parametrize("text", ["2026-01-01T14:00:30+02:00", "2026-01-01T12:00:30"])
def test_a_moment_counts_in_its_own_zone_and_without_one_in_utc(text: str) -> None:
    headers = {"date": "Thu, 01 Jan 2026 12:00:00 GMT", "retry-after": text}
    assert hinted_wait_seconds(headers, now=0.0) == 30.0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": " 7.5 "}, 7.5),
        ({"retry-after": "7.5.1"}, None),
        ({"retry-after": "soon", "x-rate-limit-reset-at-utc": "1770114035"}, 5.0),
        ({"retry-after": "1770114035"}, 1770114035.0),
        ({"x-rate-limit-reset-at-utc": " 1770114035.5 "}, 5.5),
        ({"x-rate-limit-reset-at-utc": "177011403"}, 0.0),
        ({"x-rate-limit-reset-at-utc": "99999999"}, None),
        ({"x-rate-limit-reset-at-utc": "99999999", "date": "1770114000"}, None),
        ({"x-rate-limit-reset-at-utc": "1770114035", "date": "1770114020"}, 15.0),
        ({"x-rate-limit-reset-at-utc": "1770114035", "date": "some day"}, 5.0),
        ({"x-rate-limit-reset-at-utc": "100000000000"}, 100000000000.0 - NOW),
        ({"x-rate-limit-reset-at-utc": "100000000001"}, 0.0),
    ],
)
def test_a_hint_is_measured_from_the_answers_own_date(
    headers: dict[str, str], seconds: float | None
) -> None:
    assert hinted_wait_seconds(headers, now=NOW) == seconds
