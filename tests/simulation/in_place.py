"""Threads replaced by calls in place: anyio's (asyncio's are the loop's own business)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import anyio.to_thread


async def _in_place(func: Callable[..., Any], *args: Any, **_: Any) -> Any:
    await asyncio.sleep(0)  # other work may go between, as with a thread
    return func(*args)


@contextmanager
def no_threads() -> Iterator[None]:
    """Within: no thread is started, whichever code asks for one."""
    with mock.patch.object(anyio.to_thread, "run_sync", _in_place):
        yield
