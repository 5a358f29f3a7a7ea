"""Hostile answers: what a malicious or broken service might send under the contract's names.

Each function makes one action's answer from the proper one; the shapes are listed in
``shapes.py``. Nothing here keeps to JSON's or the contract's bounds, on purpose.
"""

from __future__ import annotations

import functools
import json
import zlib
from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from longtake.emulator import responses, shapes

CHUNK_BYTES = 2**20
_NOTHING = bytes(CHUNK_BYTES)


def challenge(status: int) -> Response:
    """The page of a CDN that doubts that a person asks."""
    text = (
        "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>"
        "<noscript>Enable JavaScript and cookies to continue</noscript></body></html>"
    )
    headers = {"cf-mitigated": "challenge", "server": "cloudflare", "retry-after": "5"}
    return HTMLResponse(text, status_code=status, headers=headers)


class Echo(Response):
    """An error that says the caller's own key, spelled as ``spelling`` (of ``shapes.KEYS``)."""

    def __init__(self, spelling: str, status: int) -> None:
        super().__init__(status_code=status)
        self._spelling = spelling

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with what the request carried."""
        key = Headers(scope=scope).get("x-api-key", "")
        body, headers = shapes.echoed(key, self._spelling)
        answer = _in_halves(body, len(body) - len(key) // 2 - 2, self.status_code)
        if self._spelling != "split":
            answer = Response(body, self.status_code, headers, "application/json")
        await answer(scope, receive, send)


def _in_halves(body: bytes, at: int, status: int) -> Response:
    """``body`` in two chunks, cut ``at``: no reader of chunks sees the key whole."""

    async def halves() -> AsyncIterator[bytes]:
        yield body[:at]
        yield body[at:]

    return StreamingResponse(halves(), status, media_type="application/json")


def _with_text(answer: Response, text: str) -> Response:
    """``answer`` with one more key in front, whose raw JSON is ``text``."""
    content = bytes(answer.body)
    more = f'{{"padding":{text}' + ("" if content.strip() == b"{}" else ",")
    return Response(more.encode() + content[1:], answer.status_code, media_type="application/json")


def deep(answer: Response, depth: int) -> Response:
    """The proper answer with a list in a list … ``depth`` times."""
    return _with_text(answer, "[" * depth + "]" * depth)


def big(answer: Response, size_bytes: int) -> Response:
    """The proper answer with ``size_bytes`` of padding, in chunks without an announced length."""
    content = bytes(answer.body)

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"padding":"'
        for left in range(size_bytes, 0, -CHUNK_BYTES):
            yield b"a" * min(CHUNK_BYTES, left)
        yield b'",' + content[1:]

    return StreamingResponse(chunks(), answer.status_code, media_type="application/json")


def bomb(size_bytes: int) -> Response:
    """A few KB that become ``size_bytes`` once two layers of gzip are removed."""
    headers = {"content-encoding": "gzip, gzip"}
    return Response(_bomb(size_bytes), headers=headers, media_type="application/json")


@functools.lru_cache(maxsize=4)
def _bomb(size_bytes: int) -> bytes:
    inner = _zipper()
    layers = b"".join(
        inner.compress(_NOTHING[: min(CHUNK_BYTES, left)])
        for left in range(size_bytes, 0, -CHUNK_BYTES)
    )
    outer = _zipper()
    bomb: bytes = outer.compress(layers + inner.flush()) + outer.flush()
    return bomb


def _zipper() -> Any:
    return zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)


def skewed(answer: Response, now: float, seconds: float) -> Response:
    """The proper answer with a ``date`` header that is ``seconds`` off."""
    answer.headers["date"] = formatdate(now + seconds, usegmt=True)
    return answer


def changed(answer: Response, change: Any) -> Response:
    """The proper answer's JSON after ``change(body)``, under the same HTTP status."""
    body = json.loads(bytes(answer.body))
    return responses.Json(change(body), status_code=answer.status_code)
