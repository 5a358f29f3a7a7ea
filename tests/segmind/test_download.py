"""A download is whole, checked and in its place, or it is not there at all."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest

from longtake.errors import (
    AmbiguousSubmit,
    DamagedClip,
    FileNotYet,
    OperatorError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
    UnreadableAnswer,
)
from longtake.segmind import SegmindClient, Timeouts
from tests.segmind.server import ScriptedServer, client_of, names_in, raw_server, say, say_nothing

VIDEO = {"content-type": "video/mp4"}
CLIP = bytes(range(256)) * 4000
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\n"


async def test_a_whole_file_takes_its_place_with_its_hash(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    server.answer(200, CLIP, VIDEO)
    into = tmp_path / "clips" / "arrival.mp4"
    got = await client.download(f"{server.base_url}/images/a.mp4", into)
    assert into.read_bytes() == CLIP
    assert (got.path, got.size_bytes) == (into, len(CLIP))
    assert got.sha256 == hashlib.sha256(CLIP).hexdigest()
    assert names_in(into.parent) == ["arrival.mp4"]


@pytest.mark.parametrize("media_type", ["application/octet-stream", "binary/octet-stream", ""])
async def test_stores_may_name_the_type_as_they_like(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path, media_type: str
) -> None:
    server.answer(200, CLIP, {"content-type": media_type})
    got = await client.download(f"{server.base_url}/a.mp4", tmp_path / "a.mp4")
    assert got.size_bytes == len(CLIP)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (HEAD + b"content-length: 1000\r\n\r\nhalf of it", ServiceUnavailable),
        (HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nhalf\r\n", ServiceUnavailable),
        (HEAD + b"content-length: 0\r\n\r\n", UnreadableAnswer),
        (b"", ServiceUnavailable),
        (b"SSH-2.0-OpenSSH_9.2\r\n", ServiceUnavailable),
        (HEAD + b"content-encoding: gzip\r\n\r\nnot gzip", ServiceUnavailable),
    ],
    ids=["short", "short chunk", "empty", "nothing", "not http", "broken gzip"],
)
async def test_a_broken_transfer_leaves_nothing_behind(
    tmp_path: Path, answer: bytes, error: type[ServiceError]
) -> None:
    async with raw_server(say(answer)) as url, client_of(url) as client:
        with pytest.raises(error):
            await client.download(f"{url}/a.mp4", tmp_path / "a.mp4")
    assert names_in(tmp_path) == []


async def test_a_reset_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = say(HEAD + b"content-length: 1000000\r\n\r\n", CLIP[:90_000], then_reset=True)
    async with raw_server(broken) as url, client_of(url) as client:
        with pytest.raises(ServiceUnavailable):
            await client.download(f"{url}/a.mp4", tmp_path / "a.mp4")
    assert names_in(tmp_path) == []


async def test_a_broken_second_download_leaves_the_first_as_it_was(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"the first")
    answer = HEAD + b"content-length: 1000\r\n\r\nhalf"
    async with raw_server(say(answer)) as url, client_of(url) as client:
        with pytest.raises(ServiceUnavailable):
            await client.download(f"{url}/a.mp4", tmp_path / "a.mp4")
    assert (tmp_path / "a.mp4").read_bytes() == b"the first"


async def test_a_host_that_falls_silent_is_given_up(tmp_path: Path) -> None:
    async with (
        raw_server(say_nothing) as url,
        client_of(url, timeouts=Timeouts(read=0.05)) as client,
    ):
        with pytest.raises(ServiceUnavailable, match="ReadTimeout"):
            await client.download(f"{url}/a.mp4", tmp_path / "a.mp4")


async def test_a_host_that_only_trickles_is_given_up(tmp_path: Path) -> None:
    async def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"content-length: 1000\r\n\r\nx")
        await reader.read()

    timeouts = Timeouts(read=30, transfer=0.05)
    async with raw_server(begin) as url, client_of(url, timeouts=timeouts) as client:
        with pytest.raises(ServiceUnavailable, match="took too long"):
            await client.download(f"{url}/a.mp4", tmp_path / "a.mp4")
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    "answer",
    [HEAD + b"content-length: 2000\r\n\r\n" + bytes(2000), HEAD + b"\r\n" + bytes(2000)],
    ids=["announced", "unannounced"],
)
async def test_a_file_beyond_the_cap_is_refused(tmp_path: Path, answer: bytes) -> None:
    async with raw_server(say(answer)) as url, client_of(url) as client:
        with pytest.raises(DamagedClip, match="more than 1999 bytes"):
            await client.download(f"{url}/a.mp4", tmp_path / "a.mp4", max_bytes=1999)
    assert names_in(tmp_path) == []


async def test_a_file_at_the_cap_passes(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    server.answer(200, bytes(2000), VIDEO)
    got = await client.download(f"{server.base_url}/a", tmp_path / "a.mp4", max_bytes=2000)
    assert got.size_bytes == 2000


@pytest.mark.parametrize("media_type", ["text/html; charset=utf-8", "application/json"])
async def test_a_page_in_place_of_a_clip_is_unreadable(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path, media_type: str
) -> None:
    server.answer(200, "<h1>Sign in</h1>", {"content-type": media_type})
    with pytest.raises(UnreadableAnswer) as caught:
        await client.download(f"{server.base_url}/a.mp4", tmp_path / "a.mp4")
    assert "Sign in" in caught.value.body
    assert names_in(tmp_path) == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, FileNotYet),
        (403, FileNotYet),
        (404, FileNotYet),
        (410, FileNotYet),
        (429, RateLimited),
        (503, ServiceUnavailable),
    ],
)
async def test_a_refused_file_says_nothing_about_our_key(
    client: SegmindClient,
    server: ScriptedServer,
    tmp_path: Path,
    status: int,
    error: type[ServiceError],
) -> None:
    server.answer(status, "<Error>AccessDenied</Error>", {"content-type": "application/xml"})
    with pytest.raises(error) as caught:
        await client.download(f"{server.base_url}/a.mp4", tmp_path / "a.mp4")
    assert not isinstance(caught.value, OperatorError)


async def test_redirects_are_followed_to_the_file(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    server.answer(302, "", {"location": "/cdn/a.mp4"})
    server.answer(307, "", {"location": "b.mp4"})
    server.answer(200, CLIP, VIDEO)
    await client.download(f"{server.base_url}/a.mp4", tmp_path / "a.mp4")
    assert [seen.path for seen in server.seen] == ["/a.mp4", "/cdn/a.mp4", "/cdn/b.mp4"]


async def test_redirects_in_a_circle_end(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    for _ in range(9):
        server.answer(302, "", {"location": "/a.mp4"})
    with pytest.raises(UnreadableAnswer, match="redirects"):
        await client.download(f"{server.base_url}/a.mp4", tmp_path / "a.mp4")
    assert len(server.seen) == 6


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://host/a.mp4"])
async def test_a_redirect_out_of_the_web_is_refused(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path, location: str
) -> None:
    server.answer(302, "", {"location": location})
    with pytest.raises(UnreadableAnswer, match="not an http"):
        await client.download(f"{server.base_url}/a.mp4", tmp_path / "a.mp4")


async def test_a_redirect_to_no_name_is_refused_and_of_a_submit_ambiguous(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    for _ in range(2):
        server.answer(302, "", {"location": "https://xn--ls8h.example/a.mp4"})
    with pytest.raises(UnreadableAnswer, match="not an address"):
        await client.download(f"{server.base_url}/a.mp4", tmp_path / "a.mp4")
    with pytest.raises(AmbiguousSubmit):
        await client.submit("wan-2.2-t2v-fast", {"seed": 7})


@pytest.mark.parametrize(
    "url",
    [
        *["", "clip.mp4", "file:///etc/passwd", "data:,x", "http://host:port"],
        *["http://127.0.0.1:99999", "https://xn--/a.mp4", "https://xn--ls8h.example/a.mp4"],
    ],
)
async def test_only_web_addresses_are_fetched(
    client: SegmindClient, tmp_path: Path, url: str
) -> None:
    with pytest.raises(UnreadableAnswer, match="address"):
        await client.download(url, tmp_path / "a.mp4")


async def test_a_disk_that_refuses_is_the_operators_to_fix(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    (tmp_path / "clips").write_text("a file where a folder should be")
    server.answer(200, CLIP, VIDEO)
    with pytest.raises(OperatorError, match="cannot write"):
        await client.download(f"{server.base_url}/a.mp4", tmp_path / "clips" / "a.mp4")
