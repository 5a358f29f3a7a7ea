"""A ledger opens on a file or on PostgreSQL, waits for others, and says what is in the way."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import anyio
import anyio.to_thread
import pytest
from sqlalchemy import text

from longtake.errors import (
    DiskFull,
    LedgerLocked,
    LedgerUnreachable,
)
from longtake.ledger import Ledger, TakeIntent
from longtake.ledger.database import Database, Transaction
from longtake.ledger.existing import existing_ledger
from longtake.ledger.places import ledger_url
from tests.ledger.conftest import HandClock
from tests.postgres import PostgresCluster
from tests.small_disk import fill, make_room, small_disk


async def test_what_was_written_is_there_when_it_is_opened_again(
    ledger_place: str, take: Callable[..., TakeIntent]
) -> None:
    async with Ledger.open(ledger_place) as ledger:
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
    async with Ledger.open(ledger_place) as ledger:
        slate = await ledger.get(take().fingerprint)
    assert slate.owner == "us"
    assert slate.intended_at.utcoffset() is not None


async def test_many_openers_at_once_make_one_ledger(ledger_place: str) -> None:
    async def use() -> None:
        async with Ledger.open(ledger_place) as ledger:
            assert await ledger.slates() == []

    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(use)


async def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"ftypisom" * 200)
    with pytest.raises(LedgerUnreachable, match=r"film\.mp4 is not a ledger"):
        async with Ledger.open(path):
            pass


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerUnreachable, match="folder exists"):
        async with Ledger.open(tmp_path / "file" / "ledger.db"):
            pass


async def test_a_locked_file_is_waited_for_and_then_said(
    tmp_path: Path, take: Callable[..., TakeIntent]
) -> None:
    path = tmp_path / "ledger.db"
    async with Ledger.open(path, busy_seconds=0.05) as ledger:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LedgerLocked, match="end whatever holds it"):
                await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
            assert await ledger.slates() == []  # readers are not in the way of a writer
            other.execute("ROLLBACK")
        assert (await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)).created


async def test_a_locked_postgres_is_waited_for_and_then_said(
    postgres: PostgresCluster, take: Callable[..., TakeIntent]
) -> None:
    place = postgres.new_database()
    taken, done = anyio.Event(), anyio.Event()
    async with Ledger.open(place) as patient, Ledger.open(place, busy_seconds=0.1) as hasty:

        async def hold() -> None:
            async def work(_tx: object) -> None:
                taken.set()
                await done.wait()

            await patient._db.write(work)

        async with anyio.create_task_group() as group:
            group.start_soon(hold)
            await taken.wait()
            with pytest.raises(LedgerLocked):
                await hasty.intend(take(), owner="us", run="r1", lease_seconds=60)
            done.set()
        assert (await hasty.intend(take(), owner="us", run="r1", lease_seconds=60)).created


async def test_the_callers_of_one_process_wait_for_each_other_as_long_as_it_takes(
    ledger_place: str, take: Callable[..., TakeIntent]
) -> None:
    async with Ledger.open(ledger_place) as ledger:
        await ledger.slates()
    url = f"{ledger_place}?busy_seconds=0.3" if "://" in ledger_place else ledger_place
    async with Ledger.open(url, busy_seconds=0.3) as ledger:

        async def make(number: int) -> None:
            claim = await ledger.intend(take(f"{number}-"), owner="us", run="r1", lease_seconds=60)
            assert claim.created
            await ledger.slates()

        async with anyio.create_task_group() as group:
            for number in range(60):
                group.start_soon(make, number)
        assert len(await ledger.slates()) == 60


async def test_a_postgres_that_is_not_there_is_said() -> None:
    with pytest.raises(LedgerUnreachable, match="check that the server runs"):
        async with Ledger.open("postgresql://me:secret@127.0.0.1:1/film") as _:
            pass


async def test_a_database_that_is_not_there_is_said(postgres: PostgresCluster) -> None:
    with pytest.raises(LedgerUnreachable, match=r'"nowhere" does not exist'):
        async with Ledger.open(postgres.url("nowhere")):
            pass


async def test_a_broken_connection_is_replaced(
    postgres: PostgresCluster, take: Callable[..., TakeIntent]
) -> None:
    place = postgres.new_database()
    async with Ledger.open(place) as ledger:
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        await anyio.to_thread.run_sync(postgres.sql, "postgres", cut)
        assert (await ledger.get(take().fingerprint)).owner == "us"


async def test_postgres_own_clock_counts_after_the_lock_was_granted(
    postgres: PostgresCluster, take: Callable[..., TakeIntent]
) -> None:
    async with Ledger.open(postgres.new_database()) as ledger:
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
        slate = await ledger.get(take().fingerprint)
        assert slate.lease_expires_at is not None
        assert (slate.lease_expires_at - slate.intended_at).total_seconds() == 60


async def test_a_cancelled_step_is_on_record_all_the_same(
    tmp_path: Path, take: Callable[..., TakeIntent]
) -> None:
    fp = take().fingerprint
    async with Ledger.open(tmp_path / "ledger.db") as ledger:
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
        await ledger.sending(fp, "us")
        step = asyncio.ensure_future(ledger.submitted(fp, "us", "req-1"))
        await asyncio.sleep(0)  # it has begun, and no more
        step.cancel()
        with pytest.raises(asyncio.CancelledError):
            await step
        assert (await ledger.get(fp)).request_id == "req-1"

        with anyio.CancelScope() as scope:
            scope.cancel()
            await ledger.completed(fp, "us", "https://images/1.mp4", 0.09)
        assert (await ledger.get(fp)).usd == 0.09


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte."""
    with small_disk(tmp_path / "disk", "1m") as disk:
        yield disk


async def test_a_full_disk_is_said_and_loses_nothing(
    disk: Path, take: Callable[..., TakeIntent]
) -> None:
    fp = take().fingerprint
    async with Ledger.open(disk / "ledger.db") as ledger:
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
        fill(disk)
        big = take("b", parameters={"prompt": "x" * 1_000_000})
        with pytest.raises(DiskFull, match="make room"):
            await ledger.intend(big, owner="us", run="r1", lease_seconds=60)
        make_room(disk)
        assert (await ledger.get(fp)).owner == "us"
        await ledger.sending(fp, "us")


async def test_another_programs_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with contextlib.closing(sqlite3.connect(path)) as db, db:
        db.execute("CREATE TABLE bookmarks (url TEXT)")
    before = await anyio.Path(path).read_bytes()
    for opened in (Ledger.open(path), existing_ledger(str(path))):
        with pytest.raises(LedgerUnreachable, match=r"places.*'bookmarks'.*name another file"):
            async with opened:
                pass
    assert await anyio.Path(path).read_bytes() == before


async def test_a_file_of_no_bytes_becomes_a_ledger(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    await anyio.Path(path).touch()
    async with Ledger.open(path) as ledger:
        assert await ledger.slates() == []


async def test_a_commit_is_on_the_disk_before_it_is_told(tmp_path: Path) -> None:
    """SQLite syncs its log with each commit (2: FULL): a power cut takes back nothing."""
    database = Database(
        ledger_url(f"sqlite:///{tmp_path / 'l.sqlite'}"), clock=None, busy_seconds=5
    )
    await database.prepare()

    async def asked(tx: Transaction) -> list[object]:
        pragmas = ("synchronous", "journal_mode")
        return [
            (await tx.connection.exec_driver_sql(f"PRAGMA {name}")).scalar() for name in pragmas
        ]

    assert await database.read(asked) == [2, "wal"]
    await database.close()


async def test_a_place_without_a_ledger_is_named_and_nothing_is_made(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    async with existing_ledger(str(path)) as (name, none):
        assert (name, none) == (str(path), None)
    assert not await anyio.Path(path).exists()
    await anyio.Path(path).touch()
    async with existing_ledger(str(path)) as (_, none):
        assert none is None
    async with Ledger.open(path):
        pass
    async with existing_ledger(str(path)) as (name, ledger):
        assert name == str(path)
        assert ledger is not None
        assert await ledger.slates() == []


async def test_a_session_on_postgres_has_its_name_and_its_limits(postgres: PostgresCluster) -> None:
    asked = ("application_name", "lock_timeout", "idle_in_transaction_session_timeout")

    async def shown(tx: Transaction) -> list[object]:
        return [(await tx.connection.exec_driver_sql(f"SHOW {name}")).scalar() for name in asked]

    place = postgres.new_database()
    for suffix, lock_timeout in (("", "2500ms"), ("?busy_seconds=0.0001", "1ms")):
        database = Database(ledger_url(place + suffix), clock=None, busy_seconds=2.5)
        try:
            assert await database.read(shown) == ["longtake", lock_timeout, "1min"]
            assert abs((await database.now() - datetime.now(UTC)).total_seconds()) < 3600
        finally:
            await database.close()


async def test_the_ledgers_clock_is_the_one_that_it_was_given_or_this_machines(
    ledger: Ledger, clock: HandClock, tmp_path: Path
) -> None:
    assert await ledger.now() == clock.now
    async with Ledger.open(tmp_path / "another.db") as plain:
        before = datetime.now(UTC)
        told = await plain.now()
        claim = await plain.intend(TAKE, owner="us", run="r1", lease_seconds=60)
        assert before <= told <= claim.slate.intended_at <= datetime.now(UTC)
        assert told.utcoffset() == claim.slate.intended_at.utcoffset() == timedelta(0)


TAKE = TakeIntent(
    fingerprint="f" * 64,
    storyboard="Film",
    clip_id="one/1.1",
    number=1,
    model="wan-2.2-t2v-fast",
    seed=7,
    parameters={"prompt": "a gull"},
    estimated_usd=0.1,
)


async def test_what_a_database_says_of_a_fault_holds_no_parameters(ledger: Ledger) -> None:
    """A prompt, or an address with a signature, stands in no log."""

    async def wrong(tx: Transaction) -> None:
        await tx.connection.execute(text("SELECT :secret FROM nowhere"), {"secret": "a prompt"})

    with pytest.raises(LedgerUnreachable) as caught:
        await ledger._db.read(wrong)
    assert "a prompt" not in f"{caught.value} {caught.value.__cause__}"
