"""The way to the database: one writer at a time, whole transactions, a clock.

Every writing transaction is alone in the ledger: SQLite by ``BEGIN IMMEDIATE``, PostgreSQL by one
transaction-scoped advisory lock. A take costs about eight short transactions in a minute, so this
is no bottleneck, and it makes "read, decide, write" (budgets, leases) true without retries on
both databases alike. The writers of one process queue in it, however many they are and however
long that takes: ``busy_seconds`` is the patience with other processes alone.

The clock of a transaction is read after its lock was granted: a lease that ran out while its
taker waited is seen as run out. PostgreSQL's own clock counts there, as several machines share it.

A server that was there when the ledger was opened, and cannot be reached for a while, is waited
for: a network that is cut, or a restart, ends no render. Nothing of a transaction has been said by
then, so that it can be begun again.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar, cast

import anyio
from sqlalchemy import Connection, NullPool, create_engine, event, func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from longtake.errors import LedgerError, LedgerLocked, LedgerUnreachable, LongtakeError
from longtake.ledger import migrations, schema
from longtake.ledger.places import LedgerUrl
from longtake.ledger.troubles import may_pass, plain_error, translated_errors

T = TypeVar("T")
Clock = Callable[[], datetime]

_LOCK_KEY = 0x6C6F6E6774616B65  # "longtake": the one advisory lock of a ledger's database

AWAY_SECONDS = 150.0
"""How long a server is waited for that cannot be reached: more than a minute without network."""

_AGAIN_SECONDS = 1.0

_READERS = 8
"""Of one process on PostgreSQL, whose pool has room for a few more."""


@dataclass
class Transaction:
    """An open transaction and its moment.

    ``raise_after_commit`` is for what must be recorded and still be an error.
    """

    connection: AsyncConnection
    now: datetime
    raise_after_commit: LongtakeError | None = None


class _Away(LedgerUnreachable):
    """The server gave no connection: nothing was said yet, and it may be there again soon."""


class Database:
    """An open engine on one ledger; ``write`` and ``read`` are the only ways in."""

    def __init__(self, url: LedgerUrl, *, clock: Clock | None, busy_seconds: float) -> None:
        self.url = url
        self._clock = clock
        self._busy_seconds = busy = url.busy_seconds or busy_seconds
        self._engine = _sqlite(url, busy) if url.path else _postgres(url, busy)
        self._was_reached = False
        self._writers = asyncio.Lock()
        # SQLite uses a single connection: readers and writers share one lock.
        self._readers = self._writers if url.is_sqlite else asyncio.Semaphore(_READERS)
        self._reading: Transaction | None = None
        self._one_by_one = asyncio.Lock()

    async def prepare(self, steps: Sequence[migrations.Step] = migrations.STEPS) -> None:
        """Make or migrate the tables (idempotent, safe next to others who do the same)."""
        if self.url.path is not None:
            await _prepare_file(self.url, self.url.path, self._busy_seconds)

        async def run(tx: Transaction) -> None:
            try:
                await tx.connection.run_sync(migrations.migrate, tx.now, steps)
            except LedgerError as error:  # it knows what is wrong, but not where
                raise type(error)(f"{self.url}: {error}") from None

        await self.write(run)
        self._was_reached = True

    async def close(self) -> None:
        """Give every connection back."""
        with anyio.CancelScope(shield=True):
            await self._engine.dispose()

    async def write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` alone in one committed transaction, or leave nothing of it.

        A cancelled caller still gets its transaction finished: a request id that arrived in the
        moment of Ctrl-C is on record before the cancellation goes on.
        """
        return await self._patiently(lambda: self._write(work))

    async def read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run ``work`` on what is committed.

        It is finished for a cancelled caller, too: a connection that is torn away from its work
        may wait forever to be closed (seen with aiosqlite 0.22).
        """
        if self._reading is not None:
            with translated_errors(self.url):
                async with self._one_by_one:
                    return await work(self._reading)
        return await self._patiently(lambda: self._read(work))

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[None]:
        """One transaction for all reads until the block ends: each takes a fraction of the time.

        A file is read by this very thread, which waits for it. In the block nobody must write.
        """
        with translated_errors(self.url):
            async with self._readers, AsyncExitStack() as stack:
                if self.url.is_sqlite:
                    connection = stack.enter_context(_read_here(self.url, self._busy_seconds))
                else:
                    connection = await stack.enter_async_context(self._connected(self._engine))
                self._reading = Transaction(connection, await self._now(connection))
                try:
                    yield
                finally:
                    self._reading = None

    async def now(self) -> datetime:
        """The moment of a transaction, without one where this machine's clock is asked for it."""
        if self._clock is None and not self.url.is_sqlite:
            return await self.read(_moment)
        return datetime.now(UTC) if self._clock is None else self._clock()

    async def _read(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        with translated_errors(self.url):
            async with self._readers, self._connected(self._engine) as connection:
                return await work(Transaction(connection, await self._now(connection)))

    async def _write(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        with translated_errors(self.url):
            async with self._writing() as tx:
                result = await work(tx)
        if tx.raise_after_commit is not None:
            raise tx.raise_after_commit
        return result

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Transaction]:
        engine = self._engine.execution_options(longtake_writes=True)
        async with self._writers, self._connected(engine) as connection, connection.begin():
            if not self.url.is_sqlite:
                await connection.execute(select(func.pg_advisory_xact_lock(_LOCK_KEY)))
            yield Transaction(connection, await self._now(connection))

    @asynccontextmanager
    async def _connected(self, engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
        """A connection that answers; raises _Away where the server gives none for now."""
        async with AsyncExitStack() as stack:
            try:
                connection = await stack.enter_async_context(engine.connect())
            except Exception as error:  # drivers have no class in common; raised again
                if may_pass(error, self.url):
                    raise _Away(str(plain_error(error, self.url))) from error
                raise
            yield connection

    async def _patiently(self, attempt: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Repeat what got no connection, for as long as the server may be away."""
        until = time.monotonic() + (AWAY_SECONDS if self._was_reached else 0.0)
        while True:
            try:
                return await _finish(attempt())
            except _Away as error:
                if time.monotonic() >= until:
                    raise LedgerUnreachable(str(error)) from error
            await anyio.sleep(_AGAIN_SECONDS)

    async def _now(self, connection: AsyncConnection) -> datetime:
        if self._clock is not None:
            return self._clock()
        if self.url.is_sqlite:
            return datetime.now(UTC)
        moment: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
        return moment.astimezone(UTC)


async def _moment(tx: Transaction) -> datetime:
    return tx.now


async def _finish(work: Coroutine[Any, Any, T]) -> T:
    """Await ``work`` to its end even when the caller is cancelled, then let that go on."""
    task = asyncio.ensure_future(work)
    with anyio.CancelScope(shield=True):
        try:
            result = await asyncio.shield(task)
        except asyncio.CancelledError:
            if not task.done():
                await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # seen; the cancellation is what the caller hears
            raise
    return result


def _postgres(url: LedgerUrl, busy_seconds: float) -> AsyncEngine:
    settings = {
        "application_name": "longtake",
        "lock_timeout": str(max(1, round(busy_seconds * 1000))),
        # A machine that vanishes in mid-transaction must not stop all the others forever.
        "idle_in_transaction_session_timeout": "60000",
    }
    return create_async_engine(
        url.url,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"server_settings": settings, "timeout": max(1.0, min(busy_seconds, 30.0))},
    )


def _sqlite(url: LedgerUrl, busy_seconds: float) -> AsyncEngine:
    engine = create_async_engine(
        url.url, hide_parameters=True, connect_args={"timeout": busy_seconds}
    )
    event.listen(engine.sync_engine, "connect", _on_sqlite_connect)
    event.listen(engine.sync_engine, "begin", _on_sqlite_begin)
    return engine


class _Here:
    """What steps ask of a connection, by this thread: nothing is handed to another one and back."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def execute(self, *words: Any) -> Any:
        return self._connection.execute(*words)

    async def scalar(self, *words: Any) -> Any:
        return self._connection.scalar(*words)


@contextmanager
def _read_here(url: LedgerUrl, busy_seconds: float) -> Iterator[AsyncConnection]:
    own, busy = url.url.set(drivername="sqlite"), {"timeout": busy_seconds}
    engine = create_engine(own, hide_parameters=True, poolclass=NullPool, connect_args=busy)
    event.listen(engine, "begin", _on_sqlite_begin)
    with engine.connect() as connection:
        yield cast(AsyncConnection, _Here(connection))


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves, below
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _on_sqlite_begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("longtake_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


async def _prepare_file(url: LedgerUrl, path: Path, busy_seconds: float) -> None:
    """Make the folder and switch the file to write-ahead logging, which stays in the file.

    SQLite gives up at once when another opener switches at the same time, so we ask again.
    """
    deadline = anyio.current_time() + busy_seconds
    while True:
        try:
            with translated_errors(url):
                return await anyio.to_thread.run_sync(_use_wal, path, busy_seconds)
        except LedgerLocked:
            if anyio.current_time() >= deadline:
                raise
            await anyio.sleep(0.02)


def _use_wal(path: Path, busy_seconds: float) -> None:
    """A file system that cannot do WAL keeps its journal, which is slower and just as safe."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path, timeout=busy_seconds)) as connection:
        # Another program's file is refused by `migrate`, and left as it is.
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if not names or schema.versions.name in names:
            connection.execute("PRAGMA journal_mode=WAL")
