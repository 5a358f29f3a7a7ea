"""Files from memory: whole, or the one range that was asked for."""

from __future__ import annotations

import hashlib
import re
from email.utils import formatdate

from starlette.requests import Request
from starlette.responses import Response

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


def file_answer(
    request: Request, content: bytes, media_type: str, modified_at: float | None = None
) -> Response:
    """``content`` for a GET or HEAD, with ranges as RFC 9110 has them.

    Several ranges at once are answered with the whole file, which the RFC allows; a range behind
    the end with 416. ``modified_at`` is in epoch seconds.
    """
    headers = {"accept-ranges": "bytes", "etag": f'"{hashlib.sha256(content).hexdigest()[:32]}"'}
    if modified_at is not None:
        headers["last-modified"] = formatdate(modified_at, usegmt=True)
    asked = None if request.method == "HEAD" else _RANGE.fullmatch(request.headers.get("range", ""))
    unchanged = request.headers.get("if-range", headers["etag"])
    if asked is None or unchanged not in headers.values():
        headers["content-length"] = str(len(content))
        body = b"" if request.method == "HEAD" else content
        return Response(body, media_type=media_type, headers=headers)
    first, last = _bounds(asked[1], asked[2], len(content))
    if first > last:
        headers["content-range"] = f"bytes */{len(content)}"
        return Response(b"", status_code=416, media_type=media_type, headers=headers)
    headers["content-range"] = f"bytes {first}-{last}/{len(content)}"
    part = content[first : last + 1]
    return Response(part, status_code=206, media_type=media_type, headers=headers)


def _bounds(first: str, last: str, length: int) -> tuple[int, int]:
    """The first and last index of a range; first > last where there is nothing in it."""
    if not first:  # the last so many bytes
        return (max(length - int(last), 0), length - 1) if last else (length, 0)
    return int(first), min(int(last) if last else length - 1, length - 1)
