"""Rows of the request history are read in every form they may have."""

from __future__ import annotations

import json
from typing import Any

import pytest

from longtake.segmind.answers import Answer, ContractBroken
from longtake.segmind.history import read_row
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
