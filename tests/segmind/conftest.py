"""A scripted server that all tests of this room share, and a client that speaks to it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator

import pytest

from longtake.segmind import SegmindClient
from tests.segmind.server import ScriptedServer, client_of, serve_scripted


@pytest.fixture(scope="session")
def running_server() -> Iterator[ScriptedServer]:
    with serve_scripted() as server:
        yield server


@pytest.fixture
def server(running_server: ScriptedServer) -> ScriptedServer:
    running_server.reset()
    return running_server


@pytest.fixture
async def client(server: ScriptedServer) -> AsyncIterator[SegmindClient]:
    async with client_of(server.base_url) as client:
        yield client


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine's own zone is nine hours ahead."""
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
