"""The key goes to the configured hosts, and nowhere else: no host, log, repr or error."""

from __future__ import annotations

import base64
import html
import logging
import pickle
import re
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from longtake.errors import KeyRefused, LongtakeError, RequestRefused, ServiceUnavailable
from longtake.plain_text import carries_secret, keep_secret, safe
from longtake.segmind import SegmindClient
from longtake.segmind.own_key import KEY_HEADER, KeyForOwnHosts
from tests.segmind.server import (
    KEY,
    ScriptedServer,
    client_of,
    raw_server,
    reset_at_once,
    say,
    serve_scripted,
)


@pytest.fixture(scope="module")
def other_host() -> Iterator[ScriptedServer]:
    with serve_scripted() as other_host:
        yield other_host


@pytest.fixture
def elsewhere(other_host: ScriptedServer) -> ScriptedServer:
    other_host.reset()
    return other_host


def keyed(url: str, *own: str) -> bool:
    request = httpx.Request("GET", url)
    next(KeyForOwnHosts(SecretStr(KEY), own).auth_flow(request))
    return KEY_HEADER in request.headers


def test_own_hosts_get_the_key() -> None:
    assert keyed("https://api.segmind.com/v2/x", "https://api.segmind.com")
    assert keyed("https://api.segmind.com:443/v2/x", "https://API.segmind.com/")


@pytest.mark.parametrize(
    "url",
    [
        "https://images.segmind.com/clip.mp4",
        "https://api.segmind.com.evil.example/v2/x",
        "https://evil.example/?https://api.segmind.com",
        "https://api.segmind.com@evil.example/",
        "http://api.segmind.com/v2/x",
        "https://api.segmind.com:8443/v2/x",
    ],
)
def test_another_host_scheme_or_port_gets_none(url: str) -> None:
    assert not keyed(url, "https://api.segmind.com")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed_with_the_key(
    client: SegmindClient, server: ScriptedServer, elsewhere: ScriptedServer, status: int
) -> None:
    server.answer(status, "", {"location": f"{elsewhere.base_url}/v2/x"})
    with pytest.raises(RequestRefused, match="redirect"):
        await client.submit("wan-2.2-t2v-fast", {"prompt": "sea"})
    assert elsewhere.seen == []


async def test_a_download_sends_no_key_to_any_host(
    client: SegmindClient, server: ScriptedServer, elsewhere: ScriptedServer, tmp_path: Path
) -> None:
    video = {"content-type": "video/mp4"}
    server.answer(302, "", {"location": f"{elsewhere.base_url}/clip.mp4"})
    elsewhere.answer(200, b"clip", video)
    await client.download(f"{server.base_url}/images/clip.mp4", tmp_path / "clip.mp4")
    for seen in (*server.seen, *elsewhere.seen):
        assert KEY_HEADER not in seen.headers
        assert KEY not in str(seen)


async def test_the_key_shows_in_no_repr(client: SegmindClient) -> None:
    assert KEY not in repr(client)
    assert KEY not in repr(vars(client))


def everything_in(error: BaseException | None) -> Iterator[Any]:
    while error is not None:
        yield from (str(error), repr(error), vars(error))
        request = getattr(error, "_request", None)
        if request is not None:
            yield dict(request.headers)
        error = error.__cause__ or error.__context__


async def test_the_key_is_in_no_error_not_even_in_its_causes() -> None:
    async with raw_server(reset_at_once) as url, client_of(url) as client:
        with pytest.raises(ServiceUnavailable) as caught:
            await client.balance()
    parts = list(everything_in(caught.value))
    assert len(parts) > 3, "the chain of causes should be there to look at"
    assert KEY not in str(parts)


async def test_a_service_that_repeats_the_key_does_not_spread_it(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(401, {"error": f"Invalid API key {KEY}"})
    with pytest.raises(KeyRefused) as caught:
        await client.balance()
    assert KEY not in str(caught.value) + caught.value.body
    assert "Invalid API key ***" in str(caught.value)


async def test_the_key_is_in_no_log(
    client: SegmindClient, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.answer(200, {"credits": 1})
    with caplog.at_level(logging.DEBUG):
        await client.balance()
    assert "get-user-credits" in caplog.text
    assert KEY not in caplog.text


async def test_errors_survive_the_way_through_another_process(
    client: SegmindClient, server: ScriptedServer
) -> None:
    server.answer(401, {"error": "Invalid API key"})
    with pytest.raises(LongtakeError) as caught:
        await client.balance()
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # our own bytes
    assert type(again) is KeyRefused
    assert str(again) == str(caught.value)
    assert again.status == 401


SPELLINGS = {
    "plain": KEY,
    "small": KEY.lower(),
    "JSON escapes": "".join(f"\\u{ord(each):04x}" for each in KEY),
    "escaped escapes": "".join(f"\\\\u{ord(each):04X}" for each in KEY),
    "some escapes": KEY.replace("5", "\\u0035"),
    "percent": "".join(f"%{ord(each):02X}" for each in KEY),
    "percent twice": "".join(f"%25{ord(each):02x}" for each in KEY),
    "HTML": "".join(f"&#{ord(each)};" for each in KEY),
    "C": "".join(f"\\\\x{ord(each):02x}" for each in KEY),
    "hexadecimal": KEY.encode().hex(),
    "hexadecimal with colons": KEY.encode().hex(":"),
    "base64": base64.b64encode(KEY.encode()).decode(),
    "base64 of more": base64.b64encode(f"x-api-key: {KEY}!".encode()).decode(),
    "base64 of a pair": base64.b64encode(f"me:{KEY}".encode()).decode(),
    "base64 for addresses": base64.urlsafe_b64encode(f"?{KEY}".encode()).decode(),
    "base64 twice": base64.b64encode(base64.b64encode(f"a {KEY} b".encode())).decode(),
    "base64 twice for addresses": base64.urlsafe_b64encode(
        base64.urlsafe_b64encode(f"?{KEY}".encode())
    ).decode(),
    "colours between": f"{KEY[:6]}\\u001b[31m{KEY[6:]}",
    "nothing between": f"{KEY[:6]}\\u200b{KEY[6:]}",
    "broken over lines": f"{KEY[:6]}\\r\\n {KEY[6:]}",
    "escaped marks": KEY.replace("_", "\\\\_"),
    "entities by name": KEY.replace("_", "&lowbar;"),
}


def traces_of_key(text: str) -> list[str]:
    """Every spelling in which the key stands in a text."""
    plain = text.encode().decode("unicode_escape", errors="replace")
    texts = (text, plain, urllib.parse.unquote(urllib.parse.unquote(text)), html.unescape(text))
    texts += tuple("".join(each.replace("\\", "").split()) for each in texts)
    found = [each for each in texts if KEY.lower() in each.lower()]
    hexadecimal = KEY.encode().hex()
    found += [text] if hexadecimal in text.replace(":", "").lower() else []
    for word in re.findall(r"[A-Za-z0-9+/_-]{8,}", text):
        for start in range(4):
            coded = word[start:].replace("-", "+").replace("_", "/")
            decoded = base64.b64decode(coded[: len(coded) // 4 * 4])
            found += [word] if KEY[:-2].encode() in decoded else []
            found += traces_of_key(decoded.decode("ascii")) if printable_ascii(decoded) else []
    return found


def printable_ascii(content: bytes) -> bool:
    return len(content) >= 8 and all(32 <= each < 127 for each in content)


@pytest.mark.parametrize(
    "spelled",
    [
        pytest.param(spelled, id=name, marks=pytest.mark.thorough if at % 4 else ())
        for at, (name, spelled) in enumerate(SPELLINGS.items())
    ],
)
async def test_the_key_is_told_in_no_spelling(
    client: SegmindClient,
    server: ScriptedServer,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    spelled: str,
) -> None:
    """By an evil service that echoes it wherever it can."""
    echo = f'"see {spelled} here"'
    bodies = [
        (401, f'{{"error": "invalid_token", "error_description": {echo}}}'),
        (400, f'{{"detail": [{{"loc": ["body", {echo}], "msg": {echo}}}]}}'),
        (500, f"<html><h1>see {spelled} here</h1></html>"),
        (200, f'{{"status": {echo}, "request_id": "id-1"}}'),
        (200, f"see {spelled} here"),
        (302, ""),
    ]
    told: list[Any] = []
    with caplog.at_level(logging.DEBUG):
        for status, body in bodies:
            for ask in (client.balance, lambda: client.submit("m", {}), lambda: client.result("i")):
                headers = {"x-echo": spelled, "location": f"https://host/{spelled}"}
                server.answer(status, body, headers)
                try:
                    told.append(await ask())
                except LongtakeError as error:
                    told += everything_in(error)
        metrics = f'{{"note": {echo}, "cost": 0.1}}'
        output = f'"https://host/{spelled}.mp4"'
        server.answer(200, f'{{"status": "COMPLETED", "output": {output}, "metrics": {metrics}}}')
        told.append(await client.status("id-1"))
        server.answer(200, f'{{"status": "FAILED", "error": {echo}, "metrics": {metrics}}}')
        told.append(await client.status("id-1"))
        server.answer(200, f'{{"request_id": "{spelled}", "status": "QUEUED"}}')
        with pytest.raises(LongtakeError) as caught:
            told.append(await client.submit("m", {}))
        told += everything_in(caught.value)
    assert traces_of_key(str(told)) == []
    assert traces_of_key(caplog.text) == []


async def test_the_key_is_masked_where_it_was_cut_into_pieces_on_the_way() -> None:
    head = b"HTTP/1.1 400 Bad\r\ntransfer-encoding: chunked\r\n\r\n"
    parts = [b'{"error": "bad ', *(bytes([each]) for each in KEY.encode()), b'"}']
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in parts]
    async with raw_server(say(head, *chunks, b"0\r\n\r\n")) as url, client_of(url) as client:
        with pytest.raises(RequestRefused, match=r"bad \*\*\*"):
            await client.balance()


async def test_a_broken_protocol_does_not_spread_the_key_either() -> None:
    head = f"HTTP/1.1 200 OK\r\n{KEY} \x00: {KEY}\r\n\r\n".encode()
    async with raw_server(say(head)) as url, client_of(url) as client:
        with pytest.raises(ServiceUnavailable) as caught:
            await client.balance()
    assert KEY not in str(list(everything_in(caught.value)))


@pytest.mark.parametrize("cut", range(1940, 2010, 7))
async def test_no_half_of_the_key_is_left_where_a_text_is_cut(
    client: SegmindClient, server: ScriptedServer, cut: int
) -> None:
    server.answer(400, {"error": "x" * (cut % 700) + KEY, "more": "y" * (cut - 700) + KEY})
    with pytest.raises(RequestRefused) as caught:
        await client.balance()
    assert KEY[:8] not in str(caught.value) + caught.value.body


def test_a_key_that_is_a_word_hides_no_other_words() -> None:
    keep_secret("any")
    assert safe("How many boats, if any? 'any'") == "How many boats, if ***? '***'"
    assert not carries_secret("https://host/company/any.mp4")
