"""An unanswered submit is found in the request history, or absent for certain, or unknown."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from longtake.errors import (
    AmbiguousSubmit,
    RequestUnknown,
    ServiceUnavailable,
    UnreadableAnswer,
)
from longtake.segmind import Absent, Found, SegmindClient, Unknown
from longtake.segmind.answers import Answer, ContractBroken
from longtake.segmind.attempts import Attempt, Likeness, compared, judge, older_than
from longtake.segmind.history import HistoryRow, read_page, read_row, window_start
from tests.segmind.server import ScriptedServer

NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
T2V = "wan-2.2-t2v-fast"


def rows_of(body: Any) -> list[HistoryRow]:
    return read_page(Answer(200, json.dumps(body))).rows


def row(request_id: str, **more: Any) -> dict[str, Any]:
    return {"request_id": request_id, "model_name": T2V, **more}


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
HOURS_AGO = (NOW - timedelta(hours=3)).isoformat()


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
        ({"request_body": BODY | {"prompt": ["How"]}}, "Unknown"),
        ({"model_name": "another-model"}, "Unknown"),
        ({"created_at": "yesterday"}, "Unknown"),
        ({"created_at": (NOW - timedelta(minutes=5)).isoformat()}, "Unknown"),
        ({"created_at": (NOW - timedelta(hours=5)).replace(tzinfo=None).isoformat()}, "Unknown"),
        # Certainly others'.
        ({"created_at": HOURS_AGO}, "Absent"),
        ({"created_at": (NOW - timedelta(hours=20)).replace(tzinfo=None).isoformat()}, "Absent"),
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


def test_requests_that_are_known_to_be_others_are_passed_by() -> None:
    known = Attempt(T2V, BODY, NOW, besides={"a"})
    assert verdict(told(), attempt=known) == "Absent"
    assert verdict(told(request_body=None), attempt=known) == "Absent"


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
    [([-2, -3], True), ([-0.5, -3], False), ([-3, -2], False), ([-2, None], False), ([], False)],
)
def test_paging_stops_only_where_all_that_follows_is_certainly_older(
    hours: list[float | None], older: bool
) -> None:
    rows = [
        HistoryRow("a", created_at=None if hour is None else NOW + timedelta(hours=hour))
        for hour in hours
    ]
    assert older_than(rows, ATTEMPT) is older


def test_the_search_stays_in_the_window_of_the_service() -> None:
    assert window_start(NOW, now=NOW) == "2026-02-02"
    assert window_start(NOW - timedelta(days=90), now=NOW) == "2026-01-04"


async def test_the_history_is_asked_with_its_filters(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": []})
    await client.history(model=T2V, from_date=NOW.date(), to_date="2026-02-04", page=3, per_page=5)
    (seen,) = server.seen
    assert seen.path == "/inference-request/request-history"
    assert seen.query == {
        "page": "3",
        "per_page": "5",
        "model_name": T2V,
        "from_date": "2026-02-03",
        "to_date": "2026-02-04",
    }


async def test_an_attempt_is_looked_for_through_the_pages(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": [row("a", request_body={"seed": 1})]})
    server.answer(200, {"data": [row("b", request_body={"seed": 2})]})
    found = await client.search_attempt(T2V, {"seed": 2}, datetime.now(UTC))
    assert isinstance(found, Found)
    assert found.row.request_id == "b"
    assert [seen.query["page"] for seen in server.seen] == ["1", "2"]


async def test_the_search_ends_with_the_last_page(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": [row("a", request_body={"seed": 1})]})
    server.answer(200, {"data": []})
    assert await client.search_attempt(T2V, {"seed": 2}, datetime.now(UTC)) == Absent()


async def test_the_search_ends_where_the_service_ignores_the_page(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.answer(200, {"data": [row("a", request_body={"seed": 1})]})
    assert await client.search_attempt(T2V, {"seed": 2}, datetime.now(UTC)) == Absent()
    assert len(server.seen) == 2


async def test_the_search_ends_where_rows_are_older_than_the_attempt(
    client: SegmindClient, server: ScriptedServer
) -> None:
    old = datetime.now(UTC) - timedelta(hours=5)
    server.answer(200, [row("a", request_body={"seed": 2}, created_at=old.isoformat())])
    now = datetime.now(UTC)
    found = await client.search_attempt(T2V, {"seed": 2}, now, service_since=now)
    assert found == Absent()
    assert len(server.seen) == 1


async def test_an_older_row_alike_may_be_the_attempt_where_only_our_clock_told_its_time(
    client: SegmindClient, server: ScriptedServer
) -> None:
    old = datetime.now(UTC) - timedelta(hours=5)
    for _ in range(2):
        server.answer(200, [row("a", request_body={"seed": 2}, created_at=old.isoformat())])
    found = await client.search_attempt(T2V, {"seed": 2}, datetime.now(UTC))
    assert isinstance(found, Unknown)


async def test_an_attempt_from_before_the_history_begins_is_not_said_to_be_absent(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": []})
    long_ago = datetime.now(UTC) - timedelta(days=40)
    found = await client.search_attempt(T2V, {"seed": 2}, long_ago, service_since=long_ago)
    assert isinstance(found, Unknown)
    assert "does not go back so far" in found.why


async def test_a_window_that_our_wrong_clock_named_is_searched_anew_by_the_services_clock(
    client: SegmindClient, server: ScriptedServer
) -> None:
    behind = format_datetime(datetime.now(UTC) - timedelta(days=20), usegmt=True)
    for _ in range(2):
        server.answer(200, {"data": []}, headers={"date": behind})
    assert await client.search_attempt(T2V, {"seed": 2}, datetime.now(UTC)) == Absent()
    days = [date.fromisoformat(str(seen.query["from_date"])) for seen in server.seen]
    assert days[0] - days[1] == timedelta(days=20)


async def test_a_submit_whose_turn_comes_too_late_is_not_sent(
    client: SegmindClient, server: ScriptedServer
) -> None:
    with pytest.raises(ServiceUnavailable, match="too late"):
        await client.submit(T2V, {"seed": 2}, may_leave=lambda: False)
    assert server.seen == []


async def test_a_long_list_that_repeats_itself_proves_nothing(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.answer(200, [row(f"r{n}", request_body={"seed": 1}) for n in range(100)])
    found = await client.search_attempt(T2V, {"seed": 2}, datetime.now(UTC))
    assert isinstance(found, Unknown)
    assert "repeats" in found.why


async def test_rows_without_an_id_prove_nothing(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, [row("a", request_body={"seed": 1}), {"id": "b"}])
    server.answer(200, [])
    assert isinstance(await client.search_attempt(T2V, {"seed": 2}, datetime.now(UTC)), Unknown)


async def test_rows_whose_ids_cannot_be_written_down_prove_nothing_either(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": [row("a\x1b[31m", request_body={"seed": 1})]})
    server.answer(200, [])
    assert isinstance(await client.search_attempt(T2V, {"seed": 2}, datetime.now(UTC)), Unknown)


async def test_an_error_under_200_is_no_empty_history(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for body in ({"error": "try later", "data": []}, {"data": None, "errors": []}):
        server.answer(200, body)
        with pytest.raises(UnreadableAnswer):
            await client.search_attempt(T2V, {"seed": 2}, datetime.now(UTC))


@pytest.mark.parametrize("minutes", [-90, -5, 5, 90, 600])
async def test_the_services_clock_decides_how_old_a_row_is(
    client: SegmindClient, server: ScriptedServer, minutes: float
) -> None:
    """Our clock is that far ahead; the row was made a minute after the submit."""
    skew = timedelta(minutes=minutes)
    body = {"seed": 2, "prompt": "a boat"}
    made = row("a", request_body=body)
    date = format_datetime(datetime.now(UTC) - skew, usegmt=True)
    sent = datetime.now(UTC) - timedelta(minutes=1)
    made["created_at"] = (datetime.now(UTC) - skew).isoformat()
    server.answer(200, [made], {"date": date})
    found = await client.search_attempt(T2V, body, sent)
    assert isinstance(found, Found)


async def test_an_id_that_the_history_does_not_know_is_told(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(404, {"error": "not found"})
    with pytest.raises(RequestUnknown):
        await client.history_row("a/b")
    assert server.seen[0].path == "/inference-request/request-history/a%2Fb"


async def test_a_history_page_that_is_no_page_is_unreadable(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"ok": True})
    with pytest.raises(UnreadableAnswer) as caught:
        await client.history()
    assert caught.value.body == '{"ok": true}'


async def test_a_search_that_cannot_tell_is_an_error_and_never_none(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.answer(200, [row("a", request_body=None)])
    with pytest.raises(AmbiguousSubmit, match=r"seed 2: .*not sent again"):
        await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC))
