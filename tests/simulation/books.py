"""The ledger's database in a world: SQLite in memory, every statement made where it stands.

The statements, and SQLAlchemy below them, are the ledger's own. What is left out is the way to a
file: its connections, their pool, and the thread.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque, namedtuple
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, TypeVar, cast

from sqlalchemy import Connection, create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import StaticPool

from longtake.ledger import migrations
from longtake.ledger.database import Database, Transaction
from longtake.ledger.places import ledger_url

T = TypeVar("T")
_DIALECT = SQLiteDialect_pysqlite(paramstyle="qmark")


class _Prepared:
    """A statement whose values are handed in: SQLAlchemy's text of it, and its types, made once.

    For lists of other lengths the text is another one.
    """

    def __init__(self, statement: Any, facts: Mapping[str, Any]) -> None:
        compiled = statement.compile(dialect=_DIALECT, column_keys=list(facts))
        told = compiled.construct_expanded_state(facts)
        self.sql, self._standing = told.statement, told.parameters
        self._lists = {
            name: items for name, items in told.parameter_expansion.items() if name in facts
        }
        binding = {
            name: each.type.dialect_impl(_DIALECT).bind_processor(_DIALECT)
            for name, each in compiled.binds.items()
        }
        for name, items in told.parameter_expansion.items():
            binding |= dict.fromkeys(items, binding[name])
        self._binding = [(name, binding[name]) for name in told.positiontup or ()]
        columns = getattr(statement, "exported_columns", ())
        read = [
            each.type.dialect_impl(_DIALECT).result_processor(_DIALECT, None) for each in columns
        ]
        self._reading = [(at, each) for at, each in enumerate(read) if each]
        self._row = _row_of(
            tuple(getattr(each, "name", f"_{at}") for at, each in enumerate(columns))
        )

    def on(self, raw: sqlite3.Connection, facts: Mapping[str, Any]) -> Found:
        """Done there, with those values."""
        values = self._standing | facts
        for name, items in self._lists.items():
            values.update(zip(items, facts[name], strict=True))
        asked = [bind(values[name]) if bind else values[name] for name, bind in self._binding]
        return Found([self._read(row) for row in raw.execute(self.sql, asked).fetchall()])

    def _read(self, row: tuple[Any, ...]) -> Any:
        values = list(row)
        for at, read in self._reading:
            if values[at] is not None:
                values[at] = read(values[at])
        return self._row(values)


@cache
def _row_of(names: tuple[str, ...]) -> Callable[[list[Any]], Any]:
    """What makes a row of values, which knows them by their columns, too."""
    kind = namedtuple("kind", names, rename=True)  # type: ignore[misc]  # names known at run time only
    kind._mapping = property(kind._asdict)  # type: ignore[attr-defined]  # as SQLAlchemy's has it
    return kind._make


class Found(list[Any]):
    """Rows, and as much of SQLAlchemy's way to them as the ledger takes."""

    def all(self) -> list[Any]:
        """Every row."""
        return self

    def scalars(self) -> list[Any]:
        """The first value of each."""
        return [row[0] for row in self]

    def first(self) -> Any:
        """The first row; None without one."""
        return self[0] if self else None

    def scalar(self) -> Any:
        """The first value; None without one."""
        return self[0][0] if self else None

    def one(self) -> Any:
        """The only row; an error where there is another number of them."""
        (row,) = self
        return row

    def one_or_none(self) -> Any:
        """The only row, or None; an error where there are more."""
        return self.one() if self else None


_prepared: dict[tuple[Any, ...], _Prepared] = {}


def _lengths(facts: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(len(each) for each in facts.values() if isinstance(each, list | tuple))


class _InPlace:
    """As much of an ``AsyncConnection`` as the ledger asks for."""

    def __init__(self, connection: Connection, raw: sqlite3.Connection) -> None:
        self._connection = connection
        self._raw = raw

    async def execute(self, statement: Any, facts: Mapping[str, Any] | None = None) -> Any:
        if facts is None:
            return self._connection.execute(statement)
        key = (statement, *facts, *_lengths(facts))
        if (known := _prepared.get(key)) is None:
            known = _prepared[key] = _Prepared(statement, facts)
        return known.on(self._raw, facts)

    async def scalar(self, statement: Any, facts: Mapping[str, Any] | None = None) -> Any:
        return (await self.execute(statement, facts)).scalar()


class Books:
    """The content of a world's ledger. One is open at a time: the next one takes its place."""

    def __init__(self) -> None:
        self.raw, self.connection, empty = _machine()
        if self.raw.in_transaction:
            self.raw.rollback()
        self.raw.deserialize(empty)
        self.earlier: deque[bytes] | None = None

    def lag(self, transactions: int) -> None:
        """From now on so many of the last transactions do not last a power cut."""
        self.earlier = deque([self.content()], maxlen=transactions)

    def power_cut(self) -> None:
        """What does not last is gone."""
        if self.earlier:
            self.put_back(self.earlier[0])

    def content(self) -> bytes:
        """What lies on the disk."""
        return self.raw.serialize()

    def put_back(self, content: bytes) -> None:
        """Have what lay on the disk earlier."""
        self.raw.deserialize(content)


@cache
def _machine() -> tuple[sqlite3.Connection, Connection, bytes]:
    """One connection for all worlds, so that what a statement looks like is worked out once."""
    raw = sqlite3.connect(
        ":memory:", isolation_level=None, check_same_thread=False, cached_statements=1024
    )
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
        self._way = cast(AsyncConnection, _InPlace(books.connection, books.raw))

    async def now(self) -> datetime:
        """The world's clock."""
        return self._moment()

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Whole or not at all; what a cancelled caller began is finished."""
        await asyncio.sleep(0)
        raw, tx = self._books.raw, Transaction(self._way, self._moment())
        if self._books.earlier is not None:
            self._books.earlier.append(self._books.content())
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
