"""Threads replaced by calls in place: anyio's (asyncio's are the loop's own business).

Nor is any answer looked through for cookies: the service sets none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import anyio.to_thread
import httpx


async def _in_place(func: Callable[..., Any], *args: Any, **_: Any) -> Any:
    await asyncio.sleep(0)  # other work may go between, as with a thread
    return func(*args)


def _none(*_: Any) -> None:
    """What an answer without cookies brings."""


@contextmanager
def no_threads() -> Iterator[None]:
    """Within: no thread is started, whichever code asks for one."""
    cookies = mock.patch.object(httpx.Cookies, "extract_cookies", _none)
    with mock.patch.object(anyio.to_thread, "run_sync", _in_place), cookies:
        yield
