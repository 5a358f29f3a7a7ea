"""The key goes to the configured hosts, and nowhere else: no host, log, repr or error."""

from __future__ import annotations

import logging
import pickle
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from longtake.errors import KeyRefused, LongtakeError, RequestRefused, ServiceUnavailable
from longtake.segmind import SegmindClient
from longtake.segmind.transport import KEY_HEADER, KeyForOwnHosts
from tests.segmind.server import (
    KEY,
    ScriptedServer,
    client_of,
    raw_server,
    reset_at_once,
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
