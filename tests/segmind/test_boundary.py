"""What the service may send, and must not do to us: one boundary for every body."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from longtake.errors import (
    AmbiguousSubmit,
    LongtakeError,
    ServiceError,
    ServiceUnavailable,
    UnreadableAnswer,
)
from longtake.segmind import Completed, Failed, SegmindClient, wire
from longtake.segmind.answers import (
    DEEPEST,
    Answer,
    ContractBroken,
    known_id,
    known_metrics,
    parsed,
)
from longtake.segmind.outputs import find_url
from tests.segmind.server import ScriptedServer, client_of, names_in, raw_server, say

T2V = "wan-2.2-t2v-fast"
URL = "https://host/clip.mp4"
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(500)


# What is parsed


@pytest.mark.thorough
@pytest.mark.parametrize("depth", [DEEPEST + 1, 900, 990, 100_000])
@pytest.mark.parametrize(("opens", "closes"), [("[", "]"), ('{"a":', "}")])
async def test_json_nested_beyond_reason_is_an_unreadable_answer(
    client: SegmindClient, server: ScriptedServer, depth: int, opens: str, closes: str
) -> None:
    deep = opens * depth + "1" + closes * depth
    for body in (deep, f'{{"status": "FAILED", "error": {deep}}}'):
        server.answer(200, body)
        with pytest.raises(UnreadableAnswer):
            await client.status("id-1")
        server.answer(200, body)
        with pytest.raises(AmbiguousSubmit):
            await client.submit(T2V, {"seed": 7})


def test_json_nested_as_the_service_nests_it_is_read() -> None:
    assert parsed("[" * DEEPEST + "]" * DEEPEST) is not None


@pytest.mark.parametrize("number", ["1" * 5000, "-" + "9" * 4000, "1e999", "NaN", "-Infinity"])
def test_numbers_without_bounds_do_not_break_the_answer_around_them(number: str) -> None:
    body = f'{{"status": "COMPLETED", "output": "{URL}", "metrics": {{"cost": {number}}}}}'
    state = wire.read_state(Answer(200, body))
    assert isinstance(state, Completed)
    assert (state.output_url, state.cost_usd) == (URL, None)
    assert "cost" not in state.metrics
    json.dumps(dict(state.metrics), allow_nan=False)


@pytest.mark.parametrize("cost", [-5, 1e300, "0.1", [0.1], True, -0.01, 100.01])
def test_what_cannot_be_a_price_is_unknown_and_named(cost: Any) -> None:
    body = {"status": "COMPLETED", "output": URL, "metrics": {"cost": cost, "total_time": 9.5}}
    state = wire.read_state(Answer(200, json.dumps(body)))
    assert isinstance(state, Completed)
    assert state.cost_usd is None
    assert state.metrics == {"total_time": 9.5}
    assert state.odd == ("its cost cannot be one",)


@pytest.mark.parametrize("credits", [1e300, -1e12, "1e400", "5,00", [5], True, None])
def test_what_cannot_be_a_balance_is_no_balance(credits: Any) -> None:
    with pytest.raises(ContractBroken, match="no credits"):
        wire.read_balance(Answer(200, json.dumps({"credits": credits})))


@pytest.mark.parametrize("cost", [0, 0.09, 1, 99.5])
def test_what_can_be_a_price_is_one(cost: float) -> None:
    body = {"status": "COMPLETED", "output": URL, "metrics": {"cost": cost}}
    state = wire.read_state(Answer(200, json.dumps(body)))
    assert isinstance(state, Completed)
    assert (state.cost_usd, state.metrics) == (cost, {"cost": cost})


def test_metrics_are_kept_as_far_as_they_fit_and_the_rest_is_named() -> None:
    told = {
        "queue_time": "1.2s",
        "inference_time": 30.5,
        "total_time": -1,
        "gpu": "A100",
        "note": "x" * 5000,
        "deep": {"a": 1},
        "escape": "\x1b]0;title\x07ok",
        "\ud800": 1,
        "retry_count": None,
    }
    kept, odd = known_metrics({"metrics": told})
    assert kept == {"inference_time": 30.5, "gpu": "A100", "escape": "ok", "\ufffd": 1}
    assert [each.split()[0] for each in odd] == [
        "metrics.queue_time",
        "metrics.total_time",
        "metrics.note",
        "metrics.deep",
    ]


@pytest.mark.parametrize("metrics", [None, [], "fast", 3])
def test_metrics_that_are_no_object_are_none(metrics: Any) -> None:
    assert known_metrics({"metrics": metrics})[0] == {}


def test_metrics_without_end_are_cut() -> None:
    kept, odd = known_metrics({"metrics": {f"m{number}": number for number in range(10_000)}})
    assert len(kept) == 32
    assert "10000 metrics" in odd[-1]


# Ids


@pytest.mark.parametrize(
    "request_id",
    ["id\ud800", "id\x1b[31m", "a\nb", " id", "x" * 201, "\u202eid", "..", None, 7, []],
)
def test_an_id_that_cannot_be_written_down_or_asked_for_is_none(request_id: Any) -> None:
    with pytest.raises(ContractBroken):
        known_id(request_id)


@pytest.mark.parametrize("request_id", ["6f0a3c1e-8d5b", "req_1", "a/b", "ünï"])
def test_ids_are_opaque(request_id: str) -> None:
    assert known_id(request_id) == request_id


# Where the clip is


@pytest.mark.parametrize(
    "output",
    [
        f"  {URL}\n",
        json.dumps({"video": URL}),
        json.dumps(URL),
        json.dumps([{"url": URL}]),
        {"videos": [URL]},
        {"videos": [{"url": f" {URL} "}]},
        {"output": [URL]},
        {"files": [{"url": "https://host/thumb.jpg"}, {"url": URL}]},
        {"url": "https://host/thumb.jpg", "video_url": URL},
        "//host/clip.mp4",
        "https://host/clip.mp4",
    ],
)
def test_the_address_is_found_in_odd_forms_too(output: Any) -> None:
    assert find_url(output) == URL


def test_a_scheme_in_capitals_is_one() -> None:
    assert find_url("HTTPS://host/clip.mp4") == "HTTPS://host/clip.mp4"


@pytest.mark.parametrize(
    "output",
    ["https://", "//", "/clip.mp4", "javascript:1", f"https://host/{'x' * 9000}", "http://h\x1b/"],
)
def test_what_cannot_be_asked_is_no_address(output: Any) -> None:
    assert find_url(output) is None


# Text


@pytest.mark.parametrize(
    "said",
    ["\ud800 oom", "\x1b[31moom\x1b[0m", "\x1b]0;owned\x07oom", "\x9b31moom", "o\x00om\u202e"],
)
async def test_what_the_service_says_can_be_printed_and_encoded(
    client: SegmindClient, server: ScriptedServer, said: str
) -> None:
    for status, body in ((400, {"error": said}), (200, {"status": said}), (200, {"error": said})):
        server.answer(status, body)
        with pytest.raises(ServiceError) as caught:
            await client.balance()
        for text in (str(caught.value), caught.value.body):
            text.encode()
            assert text.isprintable()
    server.answer(200, {"status": "FAILED", "error": said})
    state = await client.status("id-1")
    assert isinstance(state, Failed)
    assert "om" in state.message
    assert state.message.isprintable()


# Compressed answers

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: %s\r\n\r\n"


def bomb(layers: int) -> bytes:
    """Two hundred megabytes of blanks, compressed once or more."""
    packing = zlib.compressobj(9, wbits=31)
    packed = b"".join(packing.compress(b" " * 1_000_000) for _ in range(200)) + packing.flush()
    for _ in range(layers - 1):
        packed = gzip.compress(packed)
    return packed


@pytest.mark.parametrize(
    "encoding", [b"gzip", b"gzip, gzip", b"gzip,gzip,gzip", b"br", b"zstd, gzip"]
)
async def test_a_compressed_answer_is_bounded_after_decoding(encoding: bytes) -> None:
    body = bomb(1 + encoding.count(b","))
    async with raw_server(say(HEAD % encoding, body)) as url, client_of(url) as client:
        with pytest.raises(ServiceUnavailable, match=r"far too large|encoded"):
            await client.status("id-1")


async def test_a_compressed_file_is_bounded_after_decoding(tmp_path: Path) -> None:
    async with raw_server(say(HEAD % b"gzip", bomb(1))) as url, client_of(url) as client:
        with pytest.raises(LongtakeError):
            await client.download(f"{url}/a.mp4", tmp_path / "a.mp4", max_bytes=1_000_000)
    assert names_in(tmp_path) == []


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress])
async def test_a_compressed_answer_is_read(
    client: SegmindClient, server: ScriptedServer, packed: Any
) -> None:
    encoding = "gzip" if packed is gzip.compress else "deflate"
    server.answer(200, packed(b'{"credits": 3}'), {"content-encoding": encoding})
    assert (await client.balance()).usd == 3


async def test_a_compressed_answer_that_is_cut_is_no_answer(
    client: SegmindClient, server: ScriptedServer
) -> None:
    packed = gzip.compress(b'{"credits": 3}')[:-9]
    server.answer(200, packed, {"content-encoding": "gzip"})
    with pytest.raises(ServiceUnavailable, match="too early"):
        await client.balance()


# Files


@pytest.mark.parametrize("media_type", ["text/plain", "text/html", "application/json", "text/xml"])
async def test_a_clip_is_known_by_its_bytes_whatever_it_is_called(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path, media_type: str
) -> None:
    server.answer(200, MP4, {"content-type": media_type})
    await client.download(f"{server.base_url}/a.mp4", tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == MP4
    server.answer(200, MP4, {"content-type": media_type})
    await client.generate(T2V, {"seed": 7}, tmp_path / "b.mp4")
    assert (tmp_path / "b.mp4").read_bytes() == MP4


async def test_an_address_without_end_is_shortened_in_what_is_said(
    client: SegmindClient, tmp_path: Path
) -> None:
    with pytest.raises(LongtakeError) as caught:
        await client.download("https://host/" + "x" * 1_000_000, tmp_path / "a.mp4")
    assert len(str(caught.value)) < 700
    assert "1000013 characters" in str(caught.value)
