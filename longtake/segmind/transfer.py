"""Fetching a file, and writing a streamed answer to disk: all of it or nothing.

The bytes go to a file of their own next to the target, are flushed to the disk, and only then take
the target's name; a broken transfer leaves no file behind. httpx's protocol layer refuses a body
that is shorter than its Content-Length, so a cut-off connection cannot pass for a whole file.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import anyio
import anyio.to_thread
import httpx

from longtake.errors import UnfitClip
from longtake.files import move_into_place, part_of, unwritable
from longtake.segmind.addresses import fault_of_address
from longtake.segmind.bodies import Body
from longtake.segmind.operations import Call
from longtake.segmind.refusals import refused, unreadable
from longtake.segmind.transport import Transport, transport_errors

MOST_REDIRECTS = 5


@dataclass(frozen=True)
class Downloaded:
    """A file that arrived whole: its size and the hash of its content."""

    path: Path
    size_bytes: int
    sha256: str


class EmptyBody(httpx.ReadError):
    """The transfer ended well, with nothing in it."""


async def fetch_file(
    transport: Transport, call: Call, url: str, into: Path, *, max_bytes: int
) -> Downloaded:
    """Fetch ``url`` without the key, following a few redirects, and write it atomically."""
    for _ in range(MOST_REDIRECTS + 1):
        if fault := fault_of_address(url):
            raise unreadable(call, fault)
        async with transport.fetch(call, url) as response:
            if response.has_redirect_location:
                with transport_errors(call):
                    url = str(response.url.join(response.headers["location"]))
                continue
            if not response.is_success:
                raise refused(call, await transport.read(call, response), now=transport.now())
            if response.headers.get("content-length") == "0":
                raise unreadable(call, "an empty file in place of a clip")
            body = Body(response)
            if not await may_be_clip(call, response, body):
                answer = await transport.read(call, response, body)
                raise unreadable(call, "a page of text in place of a clip", answer)
            return await keep(transport, call, response, body, into, max_bytes=max_bytes)
    raise unreadable(call, f"more than {MOST_REDIRECTS} redirects")


async def may_be_clip(call: Call, response: httpx.Response, body: Body) -> bool:
    """Whether the body may be a clip: stores name the type as they like, so the bytes decide.

    What is said to be text is a clip only where it begins like one.
    """
    media_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    if not (media_type.startswith("text/") or media_type.endswith(("json", "xml"))):
        return True
    with transport_errors(call):
        return await body.looks_like_video()


async def keep(
    transport: Transport,
    call: Call,
    response: httpx.Response,
    body: Body,
    into: Path,
    *,
    max_bytes: int,
) -> Downloaded:
    """``save`` with a time limit over the whole transfer, and longtake's errors only."""
    with transport_errors(call), anyio.fail_after(transport.timeouts.transfer):
        return await save(response, body, into, max_bytes=max_bytes)


async def save(response: httpx.Response, body: Body, into: Path, *, max_bytes: int) -> Downloaded:
    """Stream the body to ``into``, atomically; its folder is made if need be.

    Raises UnfitClip for more than ``max_bytes``, OperatorError (DiskFull) if the disk will not
    take it, and httpx's own errors for a broken transfer.
    """
    try:
        with part_of(into) as part:
            size_bytes, sha256 = await _write(response, body, part, into, max_bytes)
            await anyio.to_thread.run_sync(move_into_place, part, into)
    except TimeoutError:  # is an OSError too, but not the disk's
        raise
    except OSError as error:
        kept = "the clip stays on the service for some days"
        raise unwritable(
            into,
            error,
            f"fix the permissions, then run it again: {kept}",
            full=f"make room, then run it again: {kept}",
        ) from error
    return Downloaded(into, size_bytes, sha256)


async def _write(
    response: httpx.Response, body: Body, part: Path, into: Path, max_bytes: int
) -> tuple[int, str]:
    announced = response.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > max_bytes:
        raise _too_large(into, max_bytes)
    digest, size_bytes = hashlib.sha256(), 0
    async with await anyio.open_file(part, "wb") as file:
        async for chunk in body.pieces():
            size_bytes += len(chunk)
            if size_bytes > max_bytes:
                raise _too_large(into, max_bytes)
            digest.update(chunk)
            await file.write(chunk)
        await file.flush()
        await anyio.to_thread.run_sync(os.fsync, file.wrapped.fileno())
    if size_bytes == 0:
        raise EmptyBody("the file is empty")
    return size_bytes, digest.hexdigest()


def _too_large(into: Path, max_bytes: int) -> UnfitClip:
    return UnfitClip(f"{into.name}: more than {max_bytes} bytes, far beyond any clip")
