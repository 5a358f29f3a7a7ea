"""What a client sent, read within bounds: nothing that comes in can break what goes out later."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from starlette.exceptions import HTTPException
from starlette.requests import Request

MAX_BODY_BYTES = 64 * 2**20
"""Two stills of 16 MiB as ``data:`` URLs fit in."""
MAX_DEPTH = 32
"""Levels of lists and objects in each other; the service's own bodies have two."""


def is_json(request: Request) -> bool:
    """Whether the request says that it carries JSON; without it the service answers 406."""
    kind = request.headers.get("content-type", "").partition(";")[0]
    return kind.strip().lower() == "application/json"


async def json_body(request: Request) -> Any:
    """The body, or None where it is not JSON; 413 (HTTPException) where it is too long."""
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > MAX_BODY_BYTES:
            raise HTTPException(413)
    try:
        return read_json(bytes(content))
    except ValueError:
        return None


def read_json(content: bytes) -> Any:
    """``content`` as JSON that can be sent again; raises ValueError.

    Refused next to what does not parse: NaN and infinite numbers, integers of thousands of digits,
    more than ``MAX_DEPTH`` levels, and lone surrogates, which no UTF-8 can carry.
    """
    try:
        value = json.loads(content, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deep") from None
    _bounded(value)
    return value


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]} is out of range")
    return number


def _bounded(value: Any) -> None:
    """Walk without recursion: depth is what is bounded here."""
    level = [value]
    for depth in range(MAX_DEPTH + 1):
        below: list[Any] = []
        for one in level:
            if isinstance(one, str):
                one.encode()  # UnicodeEncodeError, a ValueError, at a lone surrogate
            elif isinstance(one, dict):
                below += [*one.keys(), *one.values()]
            elif isinstance(one, list):
                below += one
            if depth == MAX_DEPTH and isinstance(one, dict | list):
                raise ValueError(f"more than {MAX_DEPTH} levels")
        level = below
