"""An unanswered submit is found in the request history, or absent for certain, or unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime

import pytest

from longtake.errors import (
    AmbiguousSubmit,
    RequestUnknown,
    UnreadableAnswer,
)
from longtake.segmind import SegmindClient
from longtake.segmind.attempts import Absent, Found
from longtake.segmind.history import window_start
from tests.segmind.history_rows import NOW, T2V, row
from tests.segmind.server import ScriptedServer


def test_the_search_stays_in_the_window_of_the_service() -> None:
    assert window_start(NOW, now=NOW) == "2026-02-02"
    assert window_start(NOW - timedelta(days=90), now=NOW) == "2026-01-04"


async def test_the_history_is_asked_for_all_models_from_a_day_on(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": []})
    await client.history(3, "2026-02-03")
    (seen,) = server.seen
    assert seen.path == "/inference-request/request-history"
    assert seen.query == {"page": "3", "per_page": "100", "from_date": "2026-02-03"}


async def test_an_attempt_is_looked_for_through_the_pages(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": [row("a", request_body={"seed": 1})]})
    server.answer(200, {"data": [row("b", request_body={"seed": 2})]})
    found = await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC))
    assert isinstance(found, Found)
    assert found.row.request_id == "b"
    assert [seen.query["page"] for seen in server.seen] == ["1", "2"]


async def test_requests_that_are_known_to_be_others_are_passed_by(
    client: SegmindClient, server: ScriptedServer
) -> None:
    alike, untold = row("a", request_body={"seed": 2}), row("b")
    asked: list[str] = []

    async def is_known(request_id: str) -> bool:
        asked.append(request_id)
        return request_id != "c"

    for more, expected in (([], Absent), ([row("c", request_body={"seed": 2})], Found)):
        server.answer(200, {"data": [alike, untold, row("d", request_body={"seed": 1}), *more]})
        server.answer(200, {"data": []})
        found = await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC), is_known=is_known)
        assert isinstance(found, expected)
    assert asked == ["a", "b", "a", "b", "c"]


async def test_the_search_ends_with_the_last_page(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": [row("a", request_body={"seed": 1})]})
    server.answer(200, {"data": []})
    assert await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC)) == Absent()


async def test_the_search_ends_where_the_service_ignores_the_page(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.answer(200, {"data": [row("a", request_body={"seed": 1})]})
    assert await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC)) == Absent()
    assert len(server.seen) == 2


async def test_the_search_ends_where_rows_are_older_than_the_attempt(
    client: SegmindClient, server: ScriptedServer
) -> None:
    old = datetime.now(UTC) - timedelta(hours=30)
    server.answer(200, [row("a", request_body={"seed": 2}, created_at=old.isoformat())])
    now = datetime.now(UTC)
    found = await client.find_attempt(T2V, {"seed": 2}, now, service_since=now)
    assert found == Absent()
    assert len(server.seen) == 1


async def test_an_older_row_alike_may_be_the_attempt_where_only_our_clock_told_its_time(
    client: SegmindClient, server: ScriptedServer
) -> None:
    old = datetime.now(UTC) - timedelta(hours=5)
    for _ in range(2):
        server.answer(200, [row("a", request_body={"seed": 2}, created_at=old.isoformat())])
    with pytest.raises(AmbiguousSubmit):
        await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC))


async def test_an_attempt_from_before_the_history_begins_is_not_said_to_be_absent(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": []})
    long_ago = datetime.now(UTC) - timedelta(days=40)
    with pytest.raises(AmbiguousSubmit, match="does not go back so far"):
        await client.find_attempt(T2V, {"seed": 2}, long_ago, service_since=long_ago)


async def test_a_window_that_our_wrong_clock_named_is_searched_again_by_the_services_clock(
    client: SegmindClient, server: ScriptedServer
) -> None:
    behind = format_datetime(datetime.now(UTC) - timedelta(days=20), usegmt=True)
    for _ in range(2):
        server.answer(200, {"data": []}, headers={"date": behind})
    assert await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC)) == Absent()
    days = [date.fromisoformat(str(seen.query["from_date"])) for seen in server.seen]
    assert days[0] - days[1] == timedelta(days=20)


async def test_a_long_list_that_repeats_itself_proves_nothing(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.answer(200, [row(f"r{n}", request_body={"seed": 1}) for n in range(100)])
    with pytest.raises(AmbiguousSubmit, match="repeats"):
        await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC))


async def test_rows_without_an_id_prove_nothing(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, [row("a", request_body={"seed": 1}), {"id": "b"}])
    server.answer(200, [])
    with pytest.raises(AmbiguousSubmit):
        await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC))


async def test_rows_whose_ids_cannot_be_written_down_prove_nothing_either(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"data": [row("a\x1b[31m", request_body={"seed": 1})]})
    server.answer(200, [])
    with pytest.raises(AmbiguousSubmit):
        await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC))


async def test_an_error_under_200_is_no_empty_history(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for body in ({"error": "try later", "data": []}, {"data": None, "errors": []}):
        server.answer(200, body)
        with pytest.raises(UnreadableAnswer):
            await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC))


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
    found = await client.find_attempt(T2V, body, sent)
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
        await client.history(1, "2026-02-03")
    assert caught.value.body == '{"ok": true}'


async def test_a_search_that_cannot_tell_is_an_error_and_never_none(
    client: SegmindClient, server: ScriptedServer
) -> None:
    for _ in range(2):
        server.answer(200, [row("a", request_body=None)])
    with pytest.raises(AmbiguousSubmit, match=r"seed 2: .*not sent again"):
        await client.find_attempt(T2V, {"seed": 2}, datetime.now(UTC))
