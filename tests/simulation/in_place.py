"""Threads replaced by calls in place: anyio's, asyncio's (in the loop) and the ledger's driver."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import aiosqlite
import anyio.to_thread


class _InPlace:
    """The queue to the thread, without one."""

    def put_nowait(self, work: tuple[asyncio.Future[Any], Callable[[], Any]]) -> None:
        future, function = work
        try:
            future.set_result(function())
        except Exception as error:
            future.set_exception(error)


class ConnectionInPlace(aiosqlite.Connection):
    """``aiosqlite`` without its thread: every call is made where it stands."""

    def __init__(self, path: Any, **options: Any) -> None:
        self._make = lambda: sqlite3.connect(path, **options)
        super().__init__(self._make, 64)
        self._tx = _InPlace()  # type: ignore[assignment]  # SQLAlchemy puts its own calls there

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        self._connection = self._make()
        return self
        yield

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._connection is None:
            raise ValueError("Connection closed")
        return fn(*args, **kwargs)

    def stop(self) -> asyncio.Future[Any] | None:
        """No thread is to be stopped."""
        return None

    def __del__(self) -> None:
        """A process that was killed closes nothing."""


async def _in_place(func: Callable[..., Any], *args: Any, **_: Any) -> Any:
    await asyncio.sleep(0)  # other work may go between, as with a thread
    return func(*args)


@contextmanager
def no_threads() -> Iterator[None]:
    """Within: no thread is started, whoever asks for one."""
    with (
        mock.patch.object(anyio.to_thread, "run_sync", _in_place),
        mock.patch.object(aiosqlite, "connect", ConnectionInPlace),
    ):
        yield
