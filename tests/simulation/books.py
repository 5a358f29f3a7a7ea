"""The ledger's database in a world: SQLite in memory, every statement made where it stands.

The statements, and SQLAlchemy below them, are the ledger's own. What is left out is the way to a
file: its connections, their pool, and the thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import StaticPool

from longtake.ledger import migrations
from longtake.ledger.database import Database, Transaction
from longtake.ledger.places import ledger_url

T = TypeVar("T")


class _InPlace:
    """As much of an ``AsyncConnection`` as the ledger asks for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def execute(self, *asked: Any) -> Any:
        return self._connection.execute(*asked)

    async def scalar(self, *asked: Any) -> Any:
        return self._connection.scalar(*asked)


class Books:
    """The content of a world's ledger. One is open at a time: the next one takes its place."""

    def __init__(self) -> None:
        self.raw, self.connection, empty = _machine()
        if self.raw.in_transaction:
            self.raw.rollback()
        self.raw.deserialize(empty)

    def content(self) -> bytes:
        """What lies on the disk."""
        return self.raw.serialize()

    def put_back(self, content: bytes) -> None:
        """Have what lay on the disk earlier."""
        self.raw.deserialize(content)


@cache
def _machine() -> tuple[sqlite3.Connection, Connection, bytes]:
    """One connection for all worlds, so that what a statement looks like is worked out once."""
    raw = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool)
    connection = engine.connect()
    migrations.migrate(connection, datetime(2026, 1, 1, tzinfo=UTC))
    connection.commit()
    return raw, connection, raw.serialize()


class MemoryDatabase(Database):
    """``write`` and ``read`` on a world's books: other work may go before and after, not within."""

    def __init__(self, books: Books, clock: Callable[[], datetime]) -> None:
        self.url = ledger_url("sqlite:///nowhere")
        self._books = books
        self._moment = clock
        self._way = cast(AsyncConnection, _InPlace(books.connection))

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Whole or not at all; what a cancelled caller began is finished."""
        await asyncio.sleep(0)
        raw, tx = self._books.raw, Transaction(self._way, self._moment())
        raw.execute("BEGIN")
        try:
            result = await work(tx)
        except BaseException:
            raw.execute("ROLLBACK")
            raise
        raw.execute("COMMIT")
        await asyncio.sleep(0)
        if tx.raise_after_commit is not None:
            raise tx.raise_after_commit
        return result

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """What is committed."""
        await asyncio.sleep(0)
        return await work(Transaction(self._way, self._moment()))
