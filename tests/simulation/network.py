"""The way to the emulator within one loop: delays on both ways, and what a socket would raise."""

from __future__ import annotations

import asyncio
import contextvars
import math
import random
from collections.abc import Callable
from typing import Any

import httpx

from longtake.emulator import Emulator, create_app
from tests.simulation.loop import PROCESS


class SimulatedNetwork(httpx.AsyncBaseTransport):
    """Carries requests to the service, which goes on whatever becomes of the one who asked."""

    def __init__(
        self, emulator: Emulator, chance: random.Random, latency_seconds: tuple[float, float]
    ) -> None:
        self._app = create_app(emulator)
        self.accepted = 0  # jobs, so far
        self.on_accepted: Callable[[str], None] = lambda process: None
        self._chance = chance
        self._latency_seconds = latency_seconds
        self._context = contextvars.copy_context()  # the world's, not the asking process's
        self._tasks: set[asyncio.Task[Any]] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        patience = request.extensions.get("timeout", {}).get("read") or math.inf
        loop = asyncio.get_running_loop()
        content, asking = await request.aread(), PROCESS.get()
        serving = loop.create_task(self._served(request, content, asking), context=self._context)
        self._tasks.add(serving)
        serving.add_done_callback(self._tasks.discard, context=self._context)
        done, _ = await asyncio.wait({serving}, timeout=None if patience == math.inf else patience)
        if not done:
            raise httpx.ReadTimeout("no answer in time", request=request)
        if serving.cancelled():
            raise httpx.ReadError("the service went away", request=request)
        error = serving.exception()
        if isinstance(error, ConnectionResetError):
            raise httpx.ReadError(str(error), request=request)
        if isinstance(error, ConnectionAbortedError):
            raise httpx.RemoteProtocolError(str(error), request=request)
        if error is not None:
            raise error
        return serving.result()

    async def _served(self, request: httpx.Request, content: bytes, asking: str) -> httpx.Response:
        await self._on_the_way()
        accepted = self.accepted
        try:
            response = await self._answer(request, content)
            if self.accepted > accepted:
                self.on_accepted(asking)
            return response
        finally:
            await self._on_the_way()

    async def _on_the_way(self) -> None:
        await asyncio.sleep(self._chance.uniform(*self._latency_seconds))

    async def _answer(self, request: httpx.Request, content: bytes) -> httpx.Response:
        url, parts = request.url, _Parts()
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "headers": [(name.lower(), value) for name, value in request.headers.raw],
            "scheme": url.scheme,
            "path": url.path,
            "raw_path": url.raw_path.split(b"?")[0],
            "query_string": url.query,
            "server": (url.host, url.port),
            "client": ("127.0.0.1", 123),
            "root_path": "",
        }
        bodies = iter([{"type": "http.request", "body": content, "more_body": False}])

        async def receive() -> Any:
            if (body := next(bodies, None)) is not None:
                return body
            await asyncio.Event().wait()
            return None

        await self._app(scope, receive, parts.send)
        return httpx.Response(
            parts.status, headers=parts.headers, stream=Whole(b"".join(parts.pieces))
        )

    async def aclose(self) -> None:
        """It is the world's, and stays."""


class _Parts:
    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.pieces: list[bytes] = []

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], message["headers"]
        else:
            self.pieces.append(message.get("body", b""))


class Whole(httpx.AsyncByteStream):
    """An answer's content, in one piece."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    async def __aiter__(self) -> Any:
        yield self._content
