"""Images that the service keeps for us: each content is sent once, and has an address then."""

from __future__ import annotations

import hashlib

import anyio

from longtake.segmind import wire
from longtake.segmind.operations import Call, Operation
from longtake.segmind.refusals import read_answer
from longtake.segmind.transport import Transport


class Uploads:
    """The addresses of what was uploaded to ``url`` in this process, by content and media type."""

    def __init__(self, transport: Transport, url: str) -> None:
        self._transport = transport
        self._url = url
        self._known: dict[tuple[str, str], str] = {}
        self._locks: dict[tuple[str, str], anyio.Lock] = {}

    async def address_of(self, content: bytes, media_type: str) -> str:
        """A public address of the image; who asks for one that is on its way waits for it."""
        name = (hashlib.sha256(content).hexdigest(), media_type)
        async with self._locks.setdefault(name, anyio.Lock()):
            if name not in self._known:
                self._known[name] = await self._send(content, media_type)
            return self._known[name]

    def forget(self, content_sha256: str, media_type: str) -> None:
        """Send that content again the next time."""
        self._known.pop((content_sha256, media_type), None)

    async def _send(self, content: bytes, media_type: str) -> str:
        call = Call(Operation.UPLOAD, subject=f"{media_type}, {len(content)} bytes")
        body = {"data_urls": [wire.data_uri(content, media_type)]}
        answer = await self._transport.ask(call, "POST", self._url, json=body)
        return read_answer(call, answer, wire.read_uploaded, now=self._transport.now())
