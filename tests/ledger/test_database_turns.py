"""Who waits for whom in a ledger's database, whose clock counts, and what is left open."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import pytest
from sqlalchemy import func, select

from longtake.errors import LedgerLocked
from longtake.ledger import schema
from longtake.ledger.database import Database, Transaction
from longtake.ledger.existing import existing_ledger
from longtake.ledger.places import ledger_url
from tests.ledger.conftest import HandClock
from tests.postgres import PostgresCluster

SOON = 10.0
"""Seconds: what is not there by then waits for what never comes."""


@asynccontextmanager
async def database_at(place: str, *, clock: HandClock | None = None) -> AsyncIterator[Database]:
    """A prepared database, whose callers are soon tired of other processes."""
    database = Database(ledger_url(place), clock=clock, busy_seconds=0.05)
    await database.prepare()
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def being_written(database: Database) -> AsyncIterator[None]:
    """A transaction that writes is under way."""
    begun, done = asyncio.Event(), asyncio.Event()

    async def work(_: Transaction) -> None:
        begun.set()
        await done.wait()

    writing = asyncio.create_task(database.write(work))
    await begun.wait()
    try:
        yield
    finally:
        done.set()
        await writing


async def nothing(_: Transaction) -> str:
    return "done"


async def test_readers_of_a_file_wait_for_their_own_process_however_long_it_takes(
    tmp_path: Path,
) -> None:
    async with database_at(str(tmp_path / "l.db")) as database:
        async with being_written(database):
            reading = asyncio.create_task(database.read(nothing))
            ended, _ = await asyncio.wait({reading}, timeout=6 * 0.05)  # others lose patience
            assert not ended
        assert await reading == "done"


@pytest.mark.thorough
async def test_readers_of_postgresql_do_not_wait_for_who_writes(postgres: PostgresCluster) -> None:
    async with database_at(postgres.empty_database()) as database, being_written(database):
        with anyio.fail_after(SOON):
            assert await database.read(nothing) == "done"


async def test_the_time_is_told_while_somebody_writes(tmp_path: Path, clock: HandClock) -> None:
    async with database_at(str(tmp_path / "a.db")) as database, being_written(database):
        before = datetime.now(UTC)
        with anyio.fail_after(SOON):
            assert before <= await database.now() <= datetime.now(UTC)
    async with database_at(str(tmp_path / "b.db"), clock=clock) as database:
        assert await database.now() == clock.now


@pytest.mark.thorough
@pytest.mark.usefixtures("far_from_utc")
async def test_a_server_tells_the_time_where_nobody_else_was_asked_to(
    postgres: PostgresCluster, clock: HandClock
) -> None:
    place = postgres.new_database()
    name = place.rpartition("/")[2]
    postgres.sql(name, f"ALTER DATABASE {name} SET search_path = public, pg_catalog")
    postgres.sql(
        name,
        "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS "
        "$$ SELECT timestamptz '2031-01-01 12:00:00+02' $$",
    )

    async def moment(tx: Transaction) -> datetime:
        return tx.now

    async with database_at(place) as database:
        told = [await database.now(), await database.read(moment), await database.write(moment)]
    assert told == 3 * [datetime(2031, 1, 1, 10, tzinfo=UTC)]
    assert {each.utcoffset() for each in told} == {timedelta(0)}
    async with database_at(place, clock=clock) as database:
        told = [await database.now(), await database.read(moment), await database.write(moment)]
    assert told == 3 * [clock.now]


def held_open(path: Path) -> int:
    """How often this process has the file open."""
    found = 0
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # some have been closed since
            found += each.readlink() == path
    return found


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="tells open files by /proc")
async def test_a_ledger_is_closed_for_who_is_interrupted_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    database = Database(ledger_url(str(path)), clock=None, busy_seconds=5)
    await database.prepare()
    assert held_open(path) == 1
    is_closed = False
    with anyio.CancelScope() as scope:
        scope.cancel()
        await database.close()
        is_closed = True
    assert is_closed
    assert held_open(path) == 0


async def test_who_is_interrupted_hears_of_it_once_the_transaction_is_over(tmp_path: Path) -> None:
    done = False

    async def work(_: Transaction) -> None:
        nonlocal done
        for _ in range(5):
            await asyncio.sleep(0)
        done = True

    async with database_at(str(tmp_path / "l.db")) as database:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await database.write(work)
        assert done


async def test_a_file_that_another_process_holds_is_waited_for_as_long_as_was_said(
    tmp_path: Path,
) -> None:
    async def patience(tx: Transaction) -> int:
        milliseconds: int = (
            await tx.connection.exec_driver_sql("PRAGMA busy_timeout")
        ).scalar_one()
        return milliseconds

    path = tmp_path / "in" / "a" / "folder" / "l.db"
    async with database_at(str(path)) as database:
        assert await database.read(patience) == 50
    with closing(sqlite3.connect(tmp_path / "new.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(LedgerLocked):
            async with database_at(str(tmp_path / "new.db")):
                pass


async def test_a_database_without_tables_is_no_ledger_and_becomes_none(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA user_version = 1")
        other.commit()
    before = await anyio.Path(path).read_bytes()
    async with existing_ledger(str(path)) as (_, none):
        assert none is None
    assert await anyio.Path(path).read_bytes() == before != b""


async def test_many_reads_are_of_one_transaction_and_know_nothing_of_what_others_write_meanwhile(
    ledger_place: str,
) -> None:
    count = select(func.count()).select_from(schema.marks)

    async def marks(tx: Transaction) -> list[int]:
        again = (await tx.connection.execute(count)).scalar_one()
        return [await tx.connection.scalar(count), again]

    async def mark(tx: Transaction) -> None:
        await tx.connection.execute(schema.marks.insert(), {"name": "a", "set_at": tx.now})

    async with database_at(ledger_place) as database, database_at(ledger_place) as other:
        async with database.reading():
            before = await asyncio.gather(database.read(marks), database.read(marks))
            with anyio.fail_after(SOON):
                await other.write(mark)
            assert await database.read(nothing) == "done"
            of_file = database.url.is_sqlite  # where a transaction is of one moment
            assert await database.read(marks) == ([0, 0] if of_file else [1, 1])
        assert before == [[0, 0], [0, 0]]
        assert await database.read(marks) == [1, 1]


async def test_a_block_of_reads_that_fails_leaves_the_ledger_to_others(ledger_place: str) -> None:
    async with database_at(ledger_place) as database:
        with suppress(ZeroDivisionError):
            async with database.reading():
                raise ZeroDivisionError
        with anyio.fail_after(SOON):
            assert await database.write(nothing) == "done"
            assert await database.read(nothing) == "done"
