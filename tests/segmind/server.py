"""A real HTTP server on loopback that answers as scripted and notes what it was asked.

Not a mock: the client speaks HTTP to it over a socket. ``ScriptedServer`` answers whole
responses; ``raw_server`` speaks bytes, for what an HTTP server would never do.
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from longtake.segmind import SegmindClient

KEY = "SG_0123456789abcdef"


def client_of(base_url: str, **options: Any) -> SegmindClient:
    """A client whose three hosts are one; ``options`` as SegmindClient takes them."""
    hosts = {"api_url": base_url, "upload_url": base_url, "history_url": base_url}
    return SegmindClient(**{"api_key": KEY, **hosts, **options})


@dataclass
class Seen:
    """One request as the server got it; ``path`` is still percent-encoded."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class ScriptedServer:
    """Answers in the order of ``answer`` calls; with an empty script it answers 599."""

    base_url: str = ""
    seen: list[Seen] = field(default_factory=list)
    _script: deque[Response] = field(default_factory=deque)

    def answer(
        self, status: int = 200, body: Any = None, headers: dict[str, str] | None = None
    ) -> None:
        """Add one answer: bytes and text go as they are, anything else as JSON."""
        headers = {"content-type": "application/json", **(headers or {})}
        content = body if isinstance(body, bytes | str) else json.dumps(body)
        self._script.append(Response(content, status, headers))

    def reset(self) -> None:
        self.seen.clear()
        self._script.clear()

    async def _endpoint(self, request: Request) -> Response:
        self.seen.append(
            Seen(
                request.method,
                request.scope["raw_path"].decode(),
                dict(request.query_params),
                dict(request.headers),
                await request.body(),
            )
        )
        return self._script.popleft() if self._script else Response("no script", 599)


@contextmanager
def serve_scripted() -> Iterator[ScriptedServer]:
    """Run a ScriptedServer in a thread on a free port of loopback."""
    scripted = ScriptedServer()
    methods = ["GET", "POST", "PUT", "HEAD"]
    app = Starlette(routes=[Route("/{path:path}", scripted._endpoint, methods=methods)])
    config = uvicorn.Config(
        app, log_level="error", lifespan="off", ws="none", date_header=False, access_log=False
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        scripted.base_url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield scripted
        finally:
            server.should_exit = True
            thread.join()


def names_in(folder: Path) -> list[str]:
    """The names of all files in a folder, leftovers included."""
    return sorted(path.name for path in folder.iterdir())


Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def raw_server(speak: Speak) -> AsyncIterator[str]:
    """Run ``speak`` for each connection, after a whole request came in; gives the base URL."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            length = [
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            ]
            await reader.readexactly(length[0] if length else 0)
            await speak(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def reset(writer: asyncio.StreamWriter) -> None:
    """Break the connection hard (TCP RST), as a crashing host or a firewall does."""
    no_linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_linger)
    writer.transport.abort()


async def reset_at_once(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and reset: the classic ambiguous submit."""
    reset(writer)


async def say_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Take the request and stay silent until the client hangs up."""
    await reader.read()


def say(*parts: bytes, then_reset: bool = False) -> Speak:
    """Answer these bytes and close (or reset) the connection."""

    async def speak(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
        await writer.drain()
        if then_reset:
            reset(writer)

    return speak
