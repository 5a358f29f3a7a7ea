"""A row of the history is an attempt's, another's, or nobody can tell."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from longtake.segmind.attempts import Attempt, Likeness, compared, judge, older_than
from longtake.segmind.history import HistoryRow
from tests.segmind.history_rows import NOW, T2V, row, rows_of

BODY = {"prompt": "How many boats are there on the sea", "seed": 7, "num_frames": 81}


ATTEMPT = Attempt(T2V, BODY, NOW)


def told(**other: Any) -> dict[str, Any]:
    """A row as the service tells it of that very attempt, with something else about it."""
    return row("a", request_body=BODY, created_at=NOW.isoformat()) | other


def verdict(*rows: dict[str, Any], attempt: Attempt = ATTEMPT) -> str:
    return type(
        judge(rows_of(list(rows) or [row("x", request_body={"seed": 1})]), attempt)
    ).__name__


def test_an_unknown_row_alike_is_the_attempts_once_its_row_would_be_there() -> None:
    early = told(created_at=(NOW - timedelta(minutes=40)).isoformat())
    assert verdict(early) == "Unknown"
    assert verdict(early, attempt=replace(ATTEMPT, shown=True)) == "Found"
    other = told(request_body=BODY | {"seed": 8}, created_at=early["created_at"])
    assert verdict(other, attempt=replace(ATTEMPT, shown=True)) == "Absent"


LATER = (NOW + timedelta(hours=5)).isoformat()


DAYS_AGO = (NOW - timedelta(hours=28)).isoformat()


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ({}, "Found"),
        ({"model_name": ""}, "Found"),
        ({"model_name": "Wan 2.2 T2V Fast"}, "Found"),
        ({"created_at": LATER}, "Found"),
        ({"created_at": (NOW - timedelta(minutes=1)).isoformat()}, "Found"),
        ({"created_at": None}, "Found"),
        ({"request_body": json.dumps(BODY)}, "Found"),
        ({"request_body": {"input": BODY}}, "Found"),
        ({"request_body": {"data": json.dumps(BODY)}}, "Found"),
        ({"request_body": BODY | {"seed": "7", "num_frames": 81.0}}, "Found"),
        ({"request_body": BODY | {"go_fast": True, "fps": 16}}, "Found"),
        ({"request_body": BODY | {"prompt": "How many boats  are there\non the sea "}}, "Found"),
        # What cannot be compared is never taken for another's.
        ({"request_body": None}, "Unknown"),
        ({"request_body": {}}, "Unknown"),
        ({"request_body": "{cut"}, "Unknown"),
        ({"request_body": {"seed": None, "prompt": BODY["prompt"]}}, "Unknown"),
        ({"request_body": {"prompt": BODY["prompt"]}}, "Unknown"),
        ({"request_body": BODY | {"num_frames": 85}}, "Unknown"),
        ({"request_body": BODY | {"prompt": "How many boats are there…"}}, "Unknown"),
        ({"request_body": BODY | {"prompt": "How"}}, "Unknown"),
        ({"request_body": BODY | {"prompt": ["How"]}}, "Unknown"),
        ({"model_name": "another-model"}, "Unknown"),
        ({"created_at": "yesterday"}, "Unknown"),
        ({"created_at": (NOW - timedelta(minutes=5)).isoformat()}, "Unknown"),
        ({"created_at": (NOW - timedelta(hours=5)).replace(tzinfo=None).isoformat()}, "Unknown"),
        ({"created_at": (NOW - timedelta(hours=14)).isoformat()}, "Unknown"),  # a zone unsaid
        # Certainly others'.
        ({"created_at": DAYS_AGO}, "Absent"),
        ({"created_at": (NOW - timedelta(hours=40)).replace(tzinfo=None).isoformat()}, "Absent"),
        ({"request_body": BODY | {"seed": 8}}, "Absent"),
        ({"request_body": BODY | {"prompt": "A raft"}}, "Absent"),
        ({"request_body": {"prompt": "A raft"}}, "Absent"),
    ],
)
def test_a_row_is_the_attempts_or_anothers_or_cannot_be_told(
    other: dict[str, Any], expected: str
) -> None:
    assert verdict(told(**other)) == expected


def test_a_row_that_is_found_outweighs_those_that_cannot_be_told() -> None:
    assert verdict(told(request_id="b", request_body=None), told()) == "Found"


@pytest.mark.parametrize(
    ("theirs", "ours", "likeness"),
    [
        (7, 7, "SAME"),
        ("7", 7, "SAME"),
        (7.0, 7, "SAME"),
        (8, 7, "OTHER"),
        ("true", True, "SAME"),
        (1, True, "SAME"),
        (False, True, "UNCLEAR"),
        (None, 7, "UNCLEAR"),
        ([7], 7, "UNCLEAR"),
        ("a  boat", "a boat", "SAME"),
        ("a boat", "a raft", "OTHER"),
    ],
)
def test_values_are_compared_whatever_the_service_has_made_of_them(
    theirs: Any, ours: Any, likeness: str
) -> None:
    assert compared(theirs, ours) is Likeness[likeness]


@pytest.mark.parametrize(
    ("hours", "older"),
    [
        ([-28, -29], True),
        ([-2, -29], False),
        ([-29, -28], False),
        ([-28, None], False),
        ([], False),
    ],
)
def test_paging_stops_only_where_all_that_follows_is_certainly_older(
    hours: list[float | None], older: bool
) -> None:
    rows = [
        HistoryRow("a", created_at=None if hour is None else NOW + timedelta(hours=hour))
        for hour in hours
    ]
    assert older_than(rows, ATTEMPT) is older
