"""What breaks on the way: certain for some calls, ambiguous for those that are paid."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from pathlib import Path

import pytest

from longtake.errors import (
    AmbiguousSubmit,
    ContentBlocked,
    GenerationFailed,
    OutOfCredits,
    RequestRefused,
    ServiceUnavailable,
    UnreadableAnswer,
)
from longtake.segmind import SegmindClient, Timeouts, may_retry
from tests.segmind.server import (
    ScriptedServer,
    Speak,
    client_of,
    names_in,
    raw_server,
    reset_at_once,
    say,
    say_nothing,
)

T2V = "wan-2.2-t2v-fast"
PARAMETERS = {"prompt": "sea", "seed": 7}
JSON_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
VIDEO_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\nx-request-id: id-9\r\n"
QUICK = Timeouts(read=0.05, generate_read=0.05)

BROKEN_WAYS = {
    "reset": reset_at_once,
    "closed": say(b""),
    "silent": say_nothing,
    "short": say(JSON_HEAD + b"content-length: 900\r\n\r\n{"),
    "reset in the body": say(JSON_HEAD + b"content-length: 900\r\n\r\n{", then_reset=True),
    "not http": say(b"\x00\x01\x02\r\n\r\n"),
}
broken_ways = pytest.mark.parametrize("speak", BROKEN_WAYS.values(), ids=BROKEN_WAYS)


@broken_ways
async def test_a_submit_without_an_answer_is_ambiguous(speak: Speak) -> None:
    async with raw_server(speak) as url, client_of(url, timeouts=QUICK) as client:
        with pytest.raises(AmbiguousSubmit, match="seed 7") as caught:
            await client.submit(T2V, PARAMETERS)
    assert not may_retry("submit", caught.value)


@broken_ways
async def test_a_blocking_call_without_an_answer_is_ambiguous(speak: Speak, tmp_path: Path) -> None:
    async with raw_server(speak) as url, client_of(url, timeouts=QUICK) as client:
        with pytest.raises(AmbiguousSubmit, match="seed 7"):
            await client.generate(T2V, PARAMETERS, tmp_path / "a.mp4")
    assert names_in(tmp_path) == []


@broken_ways
async def test_a_look_without_an_answer_may_be_repeated(speak: Speak) -> None:
    async with raw_server(speak) as url, client_of(url, timeouts=QUICK) as client:
        for operation, ask in (("status", client.status), ("result", client.result)):
            with pytest.raises(ServiceUnavailable) as caught:
                await ask("id-1")
            assert may_retry(operation, caught.value)
            assert caught.value.request_id == "id-1"


async def test_a_submit_that_found_nobody_may_be_repeated() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    async with client_of(f"http://127.0.0.1:{port}") as client:
        with pytest.raises(ServiceUnavailable, match="ConnectError") as caught:
            await client.submit(T2V, PARAMETERS)
    assert may_retry("submit", caught.value)


@pytest.mark.parametrize("body", ["", "<h1>OK</h1>", "null", '{"status": "QUEUED"}', '{"requ'])
async def test_a_submit_whose_answer_does_not_parse_is_ambiguous(
    client: SegmindClient, server: ScriptedServer, body: str
) -> None:
    server.answer(200, body)
    with pytest.raises(AmbiguousSubmit):
        await client.submit(T2V, PARAMETERS)


async def test_an_endless_answer_is_given_up() -> None:
    flood = say(JSON_HEAD + b"\r\n", *[b" " * 1024 * 1024] * 9)
    async with raw_server(flood) as url, client_of(url) as client:
        with pytest.raises(ServiceUnavailable, match="far too large"):
            await client.status("id-1")


@pytest.mark.parametrize("drop", [b"x-more: 1\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"])
async def test_headers_without_end_are_given_up(drop: bytes) -> None:
    async def trickle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if drop.startswith(b"x"):
            writer.write(b"HTTP/1.1 200 OK\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(drop)
                await writer.drain()
                await asyncio.sleep(0.02)

    timeouts = Timeouts(read=30, transfer=0.2)
    async with raw_server(trickle) as url, client_of(url, timeouts=timeouts) as client:
        with pytest.raises(AmbiguousSubmit, match="took too long"):
            await client.submit(T2V, PARAMETERS)


# The blocking call (v1)


async def test_a_blocking_call_writes_the_clip_and_reads_its_headers(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    headers = {"content-type": "video/mp4", "x-request-id": "id-9", "x-cost": "0.10"}
    server.answer(200, b"clip", headers)
    got = await client.generate(T2V, PARAMETERS, tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == b"clip"
    assert (got.request_id, got.cost_usd, got.size_bytes) == ("id-9", 0.10, 4)
    assert server.seen[0].path == f"/v1/{T2V}"


async def test_a_blocking_call_whose_clip_breaks_off_keeps_the_id(tmp_path: Path) -> None:
    broken = say(VIDEO_HEAD + b"content-length: 900\r\n\r\nhalf")
    async with raw_server(broken) as url, client_of(url) as client:
        with pytest.raises(AmbiguousSubmit) as caught:
            await client.generate(T2V, PARAMETERS, tmp_path / "a.mp4")
    assert caught.value.request_id == "id-9"
    assert "seed 7" in str(caught.value)
    assert names_in(tmp_path) == []


async def test_a_blocking_call_whose_clip_does_not_fit_the_disk_is_ambiguous_too(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    (tmp_path / "clips").write_text("a file where a folder should be")
    server.answer(200, b"clip", {"content-type": "video/mp4"})
    with pytest.raises(AmbiguousSubmit, match="cannot write"):
        await client.generate(T2V, PARAMETERS, tmp_path / "clips" / "a.mp4")


async def test_a_blocking_call_may_answer_with_an_address(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    url = f"{server.base_url}/images/a.mp4"
    server.answer(200, {"status": "COMPLETED", "output": url, "metrics": {"cost": 0.1}})
    server.answer(200, b"clip", {"content-type": "video/mp4"})
    got = await client.generate(T2V, PARAMETERS, tmp_path / "a.mp4")
    assert (got.size_bytes, got.cost_usd) == (4, 0.1)


async def test_a_paid_clip_whose_download_breaks_is_never_generated_again(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    server.answer(200, {"status": "COMPLETED", "output": f"{server.base_url}/images/a.mp4"})
    server.answer(503, "busy")
    with pytest.raises(AmbiguousSubmit) as caught:
        await client.generate(T2V, PARAMETERS, tmp_path / "a.mp4")
    assert not may_retry("generate", caught.value)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (422, {"status": "FAILED", "error": "oom"}, GenerationFailed),
        (422, {"error": "NSFW content detected"}, ContentBlocked),
        (400, {"error": "prompt: field required"}, RequestRefused),
        (406, {"error": "Insufficient credits"}, OutOfCredits),
        (500, {"error": "Internal server error"}, AmbiguousSubmit),
        (503, {"error": "busy"}, ServiceUnavailable),
        (504, "<html>Gateway time-out</html>", AmbiguousSubmit),
        (200, {"hello": "world"}, AmbiguousSubmit),
    ],
)
async def test_a_blocking_call_that_answers_no_video_is_judged_by_its_body(
    client: SegmindClient,
    server: ScriptedServer,
    tmp_path: Path,
    status: int,
    body: object,
    error: type[Exception],
) -> None:
    server.answer(status, body)
    with pytest.raises(error) as caught:
        await client.generate(T2V, PARAMETERS, tmp_path / "a.mp4")
    assert type(caught.value) is error


async def test_a_loopback_service_is_reached_without_the_proxy_of_the_environment(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    server.answer(200, {"credits": 1})
    async with client_of(server.base_url) as client:
        assert (await client.balance()).usd == 1


async def test_a_contract_breach_of_a_look_is_unreadable(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(200, {"status": "SLEEPING"})
    with pytest.raises(UnreadableAnswer, match="SLEEPING"):
        await client.status("id-1")
