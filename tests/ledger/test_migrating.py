"""A ledger is brought to the version of the code that opens it, or refused untouched."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection, text

from longtake.errors import (
    LedgerTooNew,
    LedgerUnreachable,
)
from longtake.ledger import Ledger, TakeIntent, Verdict, migrations
from longtake.ledger.database import Database
from longtake.ledger.places import ledger_url


@contextlib.asynccontextmanager
async def opened_by_a_later_version(place: str, step: migrations.Step) -> AsyncIterator[Ledger]:
    """The ledger as a longtake opens it that knows one step more."""
    database = Database(ledger_url(place), clock=None, busy_seconds=30)
    try:
        await database.prepare((*migrations.STEPS, step))
        yield Ledger(database)
    finally:
        await database.close()


async def test_a_newer_ledger_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    async with Ledger.open(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO longtake_ledger VALUES (99, '2030-01-01 00:00:00.000000')")
    with pytest.raises(LedgerTooNew, match=r"ledger\.db: .*has version 99.* update longtake"):
        async with Ledger.open(path):
            pass


async def test_an_older_ledger_takes_the_steps_it_lacks(
    ledger_place: str, take: Callable[..., TakeIntent]
) -> None:
    async with Ledger.open(ledger_place) as ledger:
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
    taken: list[int] = []

    def step(connection: Connection) -> None:
        taken.append(1)
        connection.execute(text("CREATE TABLE wishes (wish TEXT)"))

    for _ in range(2):
        async with opened_by_a_later_version(ledger_place, step) as ledger:
            assert (await ledger.get(take().fingerprint)).owner == "us"
    assert taken == [1]

    with pytest.raises(LedgerTooNew, match=f"version {2 + len(migrations.STEPS)}"):
        async with Ledger.open(ledger_place):
            pass


async def test_a_ledger_of_the_first_version_learns_what_the_second_keeps(
    tmp_path: Path, take: Callable[..., TakeIntent]
) -> None:
    path = tmp_path / "ledger.db"
    async with Ledger.open(path) as ledger:
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        for table in ("films", "measures", "verdicts", "holds", "witnesses", "marks"):
            db.execute(f"DROP TABLE {table}")
        db.execute("UPDATE longtake_ledger SET version = 1")
    async with Ledger.open(path) as ledger:
        await ledger.decide(take().fingerprint, Verdict.APPROVED)
        assert await ledger.film("of nothing") is None
        assert await ledger.hold_seconds("an account") == 0
        assert (await ledger.get(take().fingerprint)).owner == "us"


async def test_a_step_that_fails_leaves_the_ledger_as_it_was(ledger_place: str) -> None:
    async with Ledger.open(ledger_place):
        pass

    def step(connection: Connection) -> None:
        connection.execute(text("CREATE TABLE wishes (wish TEXT)"))
        raise RuntimeError("in the middle")

    for _ in range(2):  # the second would meet the table, had the first left it
        with pytest.raises(RuntimeError, match="in the middle"):
            async with opened_by_a_later_version(ledger_place, step):
                pass
    async with Ledger.open(ledger_place) as ledger:
        assert await ledger.slates() == []


async def test_a_strangers_database_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "films.db"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE slates (kind TEXT)")
    with pytest.raises(LedgerUnreachable, match="not a longtake ledger"):
        async with Ledger.open(path):
            pass
