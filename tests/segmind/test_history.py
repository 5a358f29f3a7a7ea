from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from longtake.errors import RequestUnknown, UnreadableAnswer
from longtake.segmind import SegmindClient
from longtake.segmind.answers import Answer, ContractBroken
from longtake.segmind.history import (
    HistoryRow,
    match,
    older_than,
    read_row,
    read_rows,
    window_start,
)
from tests.segmind.server import ScriptedServer

NOW = datetime(2026, 2, 3, 12, 0, tzinfo=UTC)
T2V = "wan-2.2-t2v-fast"


def rows_of(body: Any) -> list[HistoryRow]:
    return read_rows(Answer(200, json.dumps(body)))


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
        {"created_at": "2026-02-03 12:00:00"},
        {"createdAt": "2026-02-03T13:00:00+01:00"},
        {"model_created": 1770120000},
        {"timestamp": 1770120000000},
    ],
)
def test_moments_are_read_in_the_forms_they_may_have(stamp: dict[str, Any]) -> None:
    (found,) = rows_of([row("a", **stamp)])
    assert found.created_at == NOW


def test_a_moment_that_cannot_be_read_is_unknown() -> None:
    (found,) = rows_of([row("a", created_at="yesterday")])
    assert found.created_at is None


def test_one_row_may_lie_in_an_envelope() -> None:
    assert read_row(Answer(200, json.dumps({"data": row("a")}))).request_id == "a"


def attempt(request_id: str, seed: int, created_at: datetime | None = NOW) -> HistoryRow:
    return HistoryRow(request_id, T2V, seed=seed, created_at=created_at)


def test_an_attempt_is_known_by_its_model_and_seed() -> None:
    rows = [attempt("a", 6), HistoryRow("b", "wan-2.2-i2v-fast", seed=7), attempt("c", 7)]
    found = match(rows, model=T2V, body={"seed": 7}, since=NOW)
    assert found is not None
    assert found.request_id == "c"


def test_an_older_render_with_the_same_seed_is_not_this_attempt() -> None:
    rows = [attempt("old", 7, NOW - timedelta(hours=3))]
    assert match(rows, model=T2V, body={"seed": 7}, since=NOW) is None


def test_clocks_may_differ_by_a_minute() -> None:
    rows = [attempt("a", 7, NOW - timedelta(minutes=1))]
    assert match(rows, model=T2V, body={"seed": 7}, since=NOW) is not None


def test_a_row_without_a_moment_is_never_too_old() -> None:
    assert match([attempt("a", 7, None)], model=T2V, body={"seed": 7}, since=NOW) is not None
    assert not older_than([attempt("a", 6, None)], NOW)


def test_an_attempt_with_the_same_seed_and_another_prompt_is_another_one() -> None:
    row = HistoryRow("a", model=T2V, seed=7, request_body={"seed": 7, "prompt": "a boat"})
    assert match([row], model=T2V, body={"seed": 7, "prompt": "a raft"}, since=NOW) is None
    assert match([row], model=T2V, body={"seed": 7, "prompt": "a boat"}, since=NOW) == row


def test_requests_that_are_known_to_be_others_are_passed_by() -> None:
    rows = [HistoryRow("a", model=T2V, seed=7), HistoryRow("b", model=T2V, seed=7)]
    assert match(rows, model=T2V, body={"seed": 7}, since=NOW, besides={"a"}) == rows[1]


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
    found = await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC))
    assert found is not None
    assert found.request_id == "b"
    assert [seen.query["page"] for seen in server.seen] == ["1", "2"]


async def test_the_search_ends_with_the_last_page(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": [row("a", request_body={"seed": 1})]})
    server.answer(200, {"data": []})
    assert await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC)) is None


async def test_the_search_ends_where_the_service_ignores_the_page(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.answer(200, {"data": [row("a", request_body={"seed": 1})]})
    assert await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC)) is None
    assert len(server.seen) == 2


async def test_the_search_ends_where_rows_are_older_than_the_attempt(
    client: SegmindClient, server: ScriptedServer
) -> None:
    old = datetime.now(UTC) - timedelta(hours=5)
    server.answer(200, [row("a", request_body={"seed": 2}, created_at=old.isoformat())])
    assert await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC)) is None
    assert len(server.seen) == 1


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
