"""Which calls wait for which, when there are many at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import anyio

from longtake.segmind import Queued, SegmindClient
from longtake.segmind.transport import CONNECTIONS
from tests.segmind.server import ScriptedServer, client_of, names_in, raw_server

HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\n"
CLIP = HEAD + b"content-type: video/mp4\r\ncontent-length: 4\r\n\r\nclip"
STATUS = HEAD + b'content-length: 19\r\n\r\n{"status":"QUEUED"}'


class Gathering:
    """Answers nobody before ``count`` have come (never, without an ``answer``).

    ``most`` is how many were there together.
    """

    def __init__(self, count: int, answer: bytes = b"") -> None:
        self.all_there = asyncio.Event()
        self.most = self._there = 0
        self._count, self._answer = count, answer

    async def speak(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._there += 1
        self.most = max(self.most, self._there)
        if self.most == self._count:
            self.all_there.set()
        await self.all_there.wait()
        if not self._answer:
            await reader.read()
        writer.write(self._answer)
        self._there -= 1


async def test_no_blocking_call_waits_for_another(tmp_path: Path) -> None:
    gathering = Gathering(2 * CONNECTIONS, CLIP)
    async with raw_server(gathering.speak) as url, client_of(url) as client:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                for number in range(2 * CONNECTIONS):
                    parameters = {"prompt": "sea", "seed": number}
                    into = tmp_path / f"{number}.mp4"
                    group.start_soon(client.generate, "wan-2.2-t2v-fast", parameters, into)
    assert len(names_in(tmp_path)) == 2 * CONNECTIONS


async def test_short_calls_are_never_more_at_once_than_connections() -> None:
    gathering = Gathering(CONNECTIONS, STATUS)
    async with raw_server(gathering.speak) as url, client_of(url) as client:
        with anyio.fail_after(20):
            async with anyio.create_task_group() as group:
                for number in range(3 * CONNECTIONS):
                    group.start_soon(client.status, f"id-{number}")
    assert gathering.most == CONNECTIONS


async def test_downloads_that_dawdle_hold_up_no_call(
    client: SegmindClient, server: ScriptedServer, tmp_path: Path
) -> None:
    server.answer(200, {"status": "QUEUED"})
    gathering = Gathering(CONNECTIONS)
    async with raw_server(gathering.speak) as url, anyio.create_task_group() as group:
        for number in range(CONNECTIONS + 1):
            group.start_soon(client.download, f"{url}/{number}.mp4", tmp_path / f"{number}.mp4")
        with anyio.fail_after(20):
            await gathering.all_there.wait()
            assert isinstance(await client.status("id-1"), Queued)
        group.cancel_scope.cancel()
