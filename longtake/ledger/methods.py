"""From a step within a transaction to a method of the open ledger."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from longtake.ledger.database import Database, Transaction

P = ParamSpec("P")
T = TypeVar("T")


class OpenDatabase:
    """An open database, and nothing else."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def now(self) -> datetime:
        """The ledger's clock, in UTC: the one that leases run by."""
        return await self._db.now()

    def reading(self) -> AbstractAsyncContextManager[None]:
        """One transaction for all reads until the block ends, which must not write.

        For very many reads: each takes a fraction of the time.
        """
        return self._db.reading()

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        return await self._db.write(work)


Step = Callable[Concatenate[Transaction, P], Awaitable[T]]
Method = Callable[Concatenate[OpenDatabase, P], Coroutine[Any, Any, T]]


def reads(step: Step[P, T]) -> Method[P, T]:
    """The step as a method: on what is committed."""

    @functools.wraps(step)
    async def method(self: OpenDatabase, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._db.read(lambda tx: step(tx, *args, **kwargs))

    return method


def writes(step: Step[P, T]) -> Method[P, T]:
    """The step as a method: alone, in one committed transaction."""

    @functools.wraps(step)
    async def method(self: OpenDatabase, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return await self._write(lambda tx: step(tx, *args, **kwargs))

    return method
