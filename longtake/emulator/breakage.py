"""Answers that break: reset and closed connections, silence, files that are not what they say."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
import struct
from collections.abc import Iterable
from typing import Any, Protocol

from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

CHUNK_BYTES = 64 * 1024
_LINGER_NOTHING = struct.pack("ii", 1, 0)


class Connection(Protocol):
    """What we need of the server's connection objects."""

    client: tuple[str, int] | None
    transport: asyncio.Transport


def _transport(scope: Scope) -> asyncio.Transport | None:
    """The socket behind a request; None where the app does not run in our server."""
    connections: Iterable[Connection] = getattr(scope["app"].state, "connections", ())
    client = scope.get("client")
    found = (one.transport for one in connections if client and one.client == tuple(client))
    return next(found, None)


async def reset(scope: Scope) -> None:
    """Reset the connection: the client's kernel gets a TCP RST."""
    transport = _transport(scope)
    if transport is None:
        raise ConnectionResetError("a scripted reset")
    peer = transport.get_extra_info("socket")
    with contextlib.suppress(OSError):
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOTHING)
    transport.abort()
    await asyncio.sleep(0)  # the server learns of the loss in the loop's next round


async def close(scope: Scope) -> None:
    """Close the connection as if the answer were complete."""
    transport = _transport(scope)
    if transport is None:
        raise ConnectionAbortedError("a scripted end")
    transport.close()
    await asyncio.sleep(0)


async def _stall(scope: Scope, receive: Receive, seconds: float | None) -> None:
    """Until the client goes, or for ``seconds``.

    Without a socket that is on the emulator's clock; else in real time, for it is the client's
    patience that is tried.
    """
    if _transport(scope) is None:
        await scope["app"].state.emulator.clock.sleep(math.inf if seconds is None else seconds)
        return
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while (await receive())["type"] != "http.disconnect":
                pass


class Broken(Response):
    """An answer that stops after ``content[:until]``, then resets, closes or stalls.

    The length of all of ``content`` is announced. With ``until`` None not even a status line is
    sent.
    """

    def __init__(
        self,
        content: bytes = b"",
        *,
        until: int | None = None,
        then: str = "reset",
        seconds: float | None = None,
        media_type: str = "application/json",
    ) -> None:
        super().__init__(content, media_type=media_type)
        self._until = until
        self._then = then
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the broken answer, as scripted."""
        if self._until is not None:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            part = bytes(self.body)[: self._until]
            await send({"type": "http.response.body", "body": part, "more_body": True})
        if self._then == "stall":
            await _stall(scope, receive, self._seconds)
            await close(scope)
        elif self._then == "close":
            await close(scope)
        else:
            await reset(scope)


def flood(size_bytes: int) -> Response:
    """``size_bytes`` of padding in chunks, without an announced length."""

    async def chunks() -> Any:
        left = size_bytes
        while left > 0:
            yield bytes(min(CHUNK_BYTES, left))
            left -= CHUNK_BYTES

    return StreamingResponse(chunks(), media_type="video/mp4")


def corrupted(content: bytes, mask: int = 0xA5) -> bytes:
    """``content`` with bytes damaged in its middle third, by ``mask``; the length stays."""
    damaged = bytearray(content)
    first, last = len(content) // 3, 2 * len(content) // 3
    for position in range(first, last, 7):
        damaged[position] ^= mask
    return bytes(damaged)


PLAYLIST = (
    "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n"
    "#EXTINF:5.0625,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
)
"""What a hostile file server might send under a clip's name."""
