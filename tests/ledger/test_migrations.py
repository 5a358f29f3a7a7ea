"""A ledger is brought to the version of the code that opens it, or refused untouched."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, Dialect, create_engine, inspect, text
from sqlalchemy.dialects import postgresql, sqlite

from longtake.errors import (
    LedgerTooNew,
    LedgerUnreachable,
)
from longtake.ledger import Ledger, TakeIntent, Verdict, Witness, migrations
from longtake.ledger.database import Database
from longtake.ledger.places import ledger_url
from longtake.ledger.schema import UtcDateTime


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


def test_a_step_makes_its_own_tables_alone() -> None:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        found = []
        for step in migrations.STEPS:
            step(connection)
            found.append(set(inspect(connection).get_table_names()))
    engine.dispose()
    second = {"films", "measures", "verdicts", "holds"}
    assert found == [second, second | {"witnesses", "marks"}]


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


NOT_OURS = (
    "the database holds tables of the same names that are not a longtake ledger; name another "
    "database or file"
)
ANOTHERS = (
    "the file is another program's database (with a table 'bookmarks'), not a longtake ledger; "
    "name another file"
)


async def test_what_is_in_the_way_of_a_ledger_is_told_whole(tmp_path: Path) -> None:
    path = tmp_path / "l.db"
    async with Ledger.open(path):
        pass
    newest = 1 + len(migrations.STEPS)
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        assert db.execute("SELECT version FROM longtake_ledger").fetchall() == [(newest,)]
        db.execute("INSERT INTO longtake_ledger VALUES (99, '2030-01-01 00:00:00.000000')")
    too_new = (
        f"{path}: the ledger has version 99, this longtake knows versions up to {newest}; update "
        "longtake, or name another ledger"
    )
    assert await refusal(path) == too_new
    for name, tables, says in (
        ("s.db", ["slates"], NOT_OURS),
        ("b.db", ["notes", "bookmarks"], ANOTHERS),
    ):
        with contextlib.closing(sqlite3.connect(tmp_path / name)) as db, db:
            for table in tables:
                db.execute(f"CREATE TABLE {table} (kind TEXT)")
        assert await refusal(tmp_path / name) == f"{tmp_path / name}: {says}"


async def refusal(path: Path) -> str:
    """Why the ledger cannot be opened."""
    with pytest.raises((LedgerTooNew, LedgerUnreachable)) as caught:
        async with Ledger.open(path):
            pass
    return str(caught.value)


async def test_a_ledger_that_was_brought_up_says_when_and_to_which_version(
    tmp_path: Path,
) -> None:
    path = tmp_path / "l.db"
    async with Ledger.open(path):
        pass
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE longtake_ledger SET version = 1, migrated_at = '2025-01-01'")
        for table in ("films", "measures", "verdicts", "holds", "witnesses", "marks"):
            db.execute(f"DROP TABLE {table}")
    noon = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    async with Ledger.open(path, clock=lambda: noon) as ledger:
        await ledger.testify("f", Witness.FILE, "404", None)
        assert not await ledger.is_empty() or await ledger.begin() is None
        assert await ledger.measures(["m"]) == {}
    with contextlib.closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT version, migrated_at FROM longtake_ledger").fetchall()
    newest = 1 + len(migrations.STEPS)
    assert found == [(1, "2025-01-01"), (newest, "2026-05-04 12:00:00.000000")]


@pytest.mark.usefixtures("far_from_utc")
@pytest.mark.parametrize("dialect", [sqlite.dialect(), postgresql.dialect()])
def test_a_time_goes_in_and_out_as_that_moment_in_utc(dialect: Dialect) -> None:
    kept, noon = UtcDateTime(), datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
    elsewhere = noon.astimezone(timezone(timedelta(hours=9)))
    naive = dialect.name == "sqlite"
    for moment in (noon, elsewhere):
        inside = kept.process_bind_param(moment, dialect)
        assert inside == (noon.replace(tzinfo=None) if naive else noon)
        assert inside is not None
        assert naive or inside.utcoffset() == timedelta(0)
    for inside in (noon, elsewhere, noon.replace(tzinfo=None)):
        moment = kept.process_result_value(inside, dialect)
        assert (moment, moment and moment.utcoffset()) == (noon, timedelta(0))
    assert (
        kept.process_bind_param(None, dialect) is kept.process_result_value(None, dialect) is None
    )
    with pytest.raises(ValueError, match=r"^the ledger's times carry their time zone$"):
        kept.process_bind_param(noon.replace(tzinfo=None), dialect)
