"""Rows of the request history are read in every form they may have."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from longtake.plain_text import keep_secret
from longtake.segmind.answers import Answer, ContractBroken
from longtake.segmind.history import HistoryRow, read_page, read_row, window_start
from tests.segmind.history_rows import NOW, row, rows_of


@pytest.mark.parametrize(
    "wrap",
    [
        lambda rows: rows,
        lambda rows: {"data": rows},
        lambda rows: {"data": {"requests": rows, "page": 1}},
        lambda rows: {"meta": {"tags": ["a"]}, "result": {"items": rows}},
    ],
)
def test_the_rows_are_found_wherever_they_are(wrap: Any) -> None:
    assert [found.request_id for found in rows_of(wrap([row("a"), row("b")]))] == ["a", "b"]


def test_lists_inside_a_row_are_not_taken_for_rows() -> None:
    inner = {"loras": [{"request_id": "not this one"}]}
    assert [found.request_id for found in rows_of({"data": [row("a", request_body=inner)]})] == [
        "a"
    ]


@pytest.mark.parametrize("body", [[], {"data": []}, {"data": {"rows": [], "total": 0}}])
def test_an_empty_page_has_no_rows(body: Any) -> None:
    assert rows_of(body) == []


@pytest.mark.parametrize("body", [{}, {"error": "no"}, None, "rows"])
def test_an_answer_without_a_list_is_an_error(body: Any) -> None:
    with pytest.raises(ContractBroken):
        rows_of(body)


def test_a_body_sent_as_text_is_read() -> None:
    (found,) = rows_of([row("a", request_body='{"seed": 7, "prompt": "sea"}')])
    assert found.seed == 7
    assert found.request_body["prompt"] == "sea"


@pytest.mark.parametrize("body", ["{not json", None, 3, {"seed": None}, {"seed": True}])
def test_a_row_without_a_seed_is_still_a_row(body: Any) -> None:
    (found,) = rows_of([row("a", request_body=body)])
    assert found.seed is None


@pytest.mark.parametrize(
    "stamp",
    [
        {"created_at": "2026-02-03T12:00:00Z"},
        {"createdAt": "2026-02-03T13:00:00+01:00"},
        {"model_created": 1770120000},
        {"timestamp": 1770120000000},
    ],
)
def test_moments_are_read_in_the_forms_they_may_have(stamp: dict[str, Any]) -> None:
    (found,) = rows_of([row("a", **stamp)])
    assert found.created_at == NOW


def test_a_time_without_a_zone_is_not_taken_for_utc() -> None:
    (found,) = rows_of([row("a", created_at="2026-02-03 12:00:00")])
    assert found.created_at == NOW.replace(tzinfo=None)


def test_a_moment_that_cannot_be_read_is_unknown() -> None:
    (found,) = rows_of([row("a", created_at="yesterday")])
    assert found.created_at is None


def test_one_row_may_lie_in_an_envelope() -> None:
    assert read_row(Answer(200, json.dumps({"data": row("a")}))).request_id == "a"


WHOLE = {
    "request_id": "a",
    "model_name": "wan-2.2-t2v-fast",
    "model_status": "Completed",
    "status": "other",
    "credits_deduction": 0.09,
    "request_body": {"seed": "7", "prompt": "sea"},
    "generation_url": {"url": "https://host/clip.mp4"},
    "created_at": "2026-02-03T12:00:00Z",
    "latency_ms": "1500",
    "error": {"message": "oom"},
}


def test_a_row_is_read_whole() -> None:
    assert rows_of([WHOLE]) == [
        HistoryRow(
            request_id="a",
            model="wan-2.2-t2v-fast",
            status="COMPLETED",
            usd=0.09,
            request_body={"seed": "7", "prompt": "sea"},
            seed=7,
            output_url="https://host/clip.mp4",
            created_at=NOW,
            untimed=False,
            latency_seconds=1.5,
            error="oom",
        )
    ]
    assert rows_of([{"request_id": "a"}]) == [HistoryRow("a")]
    empty = dict.fromkeys(WHOLE, None) | {"request_id": "a", "latency_ms": 0, "status": "x" * 50}
    told = f"{'X' * 40}… (50 CHARACTERS)"
    assert rows_of([empty]) == [HistoryRow("a", status=told, latency_seconds=0.0)]


def test_an_address_in_the_history_that_carries_the_key_goes_no_further() -> None:
    keep_secret("sg-0123456789abcdef")
    (found,) = rows_of([row("a", generation_url="https://host/a.mp4?key=sg-0123456789abcdef")])
    assert found.output_url is None


@pytest.mark.usefixtures("far_from_utc")
@pytest.mark.parametrize(
    ("stamp", "created_at", "untimed"),
    [
        ({}, None, True),
        ({"created_at": None}, None, True),
        ({"created_at": "soon"}, None, False),
        ({"created_at": True}, None, False),
        ({"created_at": [1]}, None, False),
        ({"created_at": 1e300}, None, False),
        ({"created_at": " 2026-02-03T12:00:00+00:00 "}, NOW, False),
        ({"created_at": "soon", "timestamp": 1770120000}, NOW, False),
        ({"created_at": True, "created": "2026-02-03T07:00:00-05:00"}, NOW, False),
        ({"created_at": "2026-02-03T12:00:00Z", "timestamp": 1}, NOW, False),
        ({"timestamp": 1e11}, datetime(5138, 11, 16, 9, 46, 40, tzinfo=UTC), False),
        ({"timestamp": 1e11 + 0.5}, datetime(1973, 3, 3, 9, 46, 40, 500, tzinfo=UTC), False),
        ({"timestamp": 1770120000000.0}, NOW, False),
    ],
)
def test_a_row_says_when_it_was_made_or_that_it_does_not(
    stamp: dict[str, Any], created_at: datetime | None, untimed: bool
) -> None:
    (found,) = rows_of([row("a", **stamp)])
    assert (found.created_at, found.untimed) == (created_at, untimed)
    assert found.created_at is None or found.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    ("body", "seed"),
    [
        ({"seed": 7}, 7),
        ({"seed": "7"}, 7),
        ({"seed": 7.0, "prompt": "sea"}, 7),
        ({"seed": 7.5}, None),
        ({"seed": 0}, 0),
        ({"input": {"inner": {"seed": 7}}}, 7),
        ([{"seed": 7}], 7),
        ('{"input": {"seed": 7}}', None),
        ({"input": '{"seed": 7}'}, 7),
        ('[{"seed": 7}]', None),
        ({"number": 7}, None),
    ],
)
def test_the_body_is_looked_for_in_what_stands_in_its_place(body: Any, seed: int | None) -> None:
    (found,) = rows_of([row("a", request_body=body)])
    assert found.seed == seed
    assert ("seed" in found.request_body) is (seed is not None or body == {"seed": 7.5})


def test_a_body_is_known_by_its_prompt_as_well() -> None:
    (found,) = rows_of([row("a", request_body={"input": {"prompt": "sea"}})])
    assert found.request_body == {"prompt": "sea"}


@pytest.mark.parametrize(
    ("body", "rows", "unreadable"),
    [
        ([row("a"), {"id": "b"}, "c"], ["a"], 2),
        ({"data": [{"request_id": ""}, {"request_id": "x y\n"}, 3]}, [], 3),
        ({"errors": [row("a")], "data": {"rows": [row("b")]}}, ["b"], 0),
        ({"tags": [], "warnings": [], "rows": []}, [], 0),
        ({"empty": [], "rows": [row("a")]}, ["a"], 0),
        ({"names": ["x"], "rows": []}, [], 0),
        ({"error": "", "rows": []}, [], 0),
    ],
)
def test_a_page_is_its_rows_and_how_many_cannot_be_read(
    body: Any, rows: list[str], unreadable: int
) -> None:
    page = read_page(Answer(200, json.dumps(body)))
    assert ([each.request_id for each in page.rows], page.unreadable_count) == (rows, unreadable)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"error": "try later", "data": [row("a")]}, "it tells of an error: try later"),
        ({"tags": []}, "there is no list of rows in the answer"),
        ({"names": ["x"]}, "there is no list of rows in the answer"),
        ({"rows": [{"id": "b"}]}, "there is no list of rows in the answer"),
    ],
)
def test_what_is_no_page_says_why(body: Any, says: str) -> None:
    with pytest.raises(ContractBroken) as caught:
        read_page(Answer(200, json.dumps(body)))
    assert str(caught.value) == says


def test_no_row_is_told_as_such() -> None:
    with pytest.raises(ContractBroken) as caught:
        read_row(Answer(200, json.dumps({"data": [{"id": "a"}]})))
    assert str(caught.value) == "there is no row in the answer"


@pytest.mark.parametrize(
    ("since", "day"),
    [
        (NOW, "2026-02-02"),
        (NOW - timedelta(hours=13), "2026-02-01"),
        (NOW - timedelta(days=29), "2026-01-04"),
        (NOW - timedelta(days=31), "2026-01-04"),
    ],
)
def test_a_search_begins_a_day_before_but_in_the_window(since: datetime, day: str) -> None:
    assert window_start(since, now=NOW) == day
