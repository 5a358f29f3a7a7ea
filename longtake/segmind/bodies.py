"""Reading a body as it streams in: decompressed by us, so that its size is bounded afterwards.

httpx decodes eagerly, and stacked encodings layer by layer: five kilobytes under ``gzip, gzip``
become gigabytes before anybody can count them. Here one encoding is decoded in small pieces.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator

import httpx

PIECE_BYTES = 256 * 1024

ACCEPTED_ENCODINGS = "gzip, deflate"
"""What we ask for, and all that is decoded."""

_HEAD_BYTES = 12
_BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")
_MATROSKA = b"\x1aE\xdf\xa3"


class Body:
    """The decoded body of a streamed answer, in pieces of at most ``PIECE_BYTES``; read once.

    Reading raises httpx's errors: ``DecodingError`` for an encoding that is broken, unknown or
    stacked.
    """

    def __init__(self, response: httpx.Response) -> None:
        self._pieces = _decoded(response)
        self._head = b""

    async def head(self) -> bytes:
        """The first bytes (twelve, or all there are), which stay to be read."""
        while len(self._head) < _HEAD_BYTES:
            try:
                self._head += await anext(self._pieces)
            except StopAsyncIteration:
                break
        return self._head

    async def pieces(self) -> AsyncIterator[bytes]:
        """All of it, piece by piece."""
        if self._head:
            yield self._head
            self._head = b""
        async for piece in self._pieces:
            yield piece

    async def looks_like_video(self) -> bool:
        """Whether the first bytes are those of an MP4, a QuickTime or a Matroska file."""
        head = await self.head()
        return head[4:8] in _BOXES or head[:4] == _MATROSKA


async def _decoded(response: httpx.Response) -> AsyncIterator[bytes]:
    decoder = _decoder(response.headers.get("content-encoding", ""))
    async for chunk in response.aiter_raw(PIECE_BYTES):
        if decoder is None:
            yield chunk
            continue
        for piece in _inflated(decoder, chunk):
            yield piece
    if decoder is not None and not decoder.eof:
        raise httpx.DecodingError("the compressed answer ends too early")


def _inflated(decoder: zlib._Decompress, chunk: bytes) -> Iterator[bytes]:
    while chunk and not decoder.eof:
        try:
            piece = decoder.decompress(chunk, PIECE_BYTES)
        except zlib.error as error:
            raise httpx.DecodingError(f"the compressed answer is broken: {error}") from error
        if piece:
            yield piece
        chunk = decoder.unconsumed_tail


def _decoder(header: str) -> zlib._Decompress | None:
    names = [name.strip().lower() for name in header.split(",")]
    names = [name for name in names if name not in ("", "identity")]
    match names:
        case []:
            return None
        case ["gzip" | "x-gzip" | "deflate"]:
            return zlib.decompressobj(zlib.MAX_WBITS | 32)  # gzip's or zlib's head, as it comes
        case [name]:
            raise httpx.DecodingError(f"the answer is encoded as {name[:20]!r}, unasked")
        case _:
            raise httpx.DecodingError(f"the answer is encoded {len(names)} times over")
