"""Broken places: each is named with its fix, and a fixed one finishes without a second payment.

A render keeps what it paid for in three places: its ledger, its store and its own folder. Most
tests break one of them in the worst moment, when the service has just accepted the first clip.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from longtake.emulator import (
    EmulatedRequest,
    RunningEmulator,
)
from longtake.errors import (
    DiskFull,
    LedgerLocked,
    LedgerTooNew,
    LongtakeError,
    OperatorError,
    StoreUnreachable,
)
from tests.end_to_end.conftest import Harness
from tests.small_disk import fill, make_room, small_disk

pytestmark = pytest.mark.slow

ONE = """\
title: One
look: {seed: 7}
scenes: [{name: one, shots: [{prompt: a sailing boat at dawn, seconds: 1}]}]
"""

BRIEF_LEASE = {"lease_seconds": 2}
"""A broken ledger takes no lease back, and this process lives on: the next render waits it out."""


@dataclass
class Accident:
    """Something that happens once, the moment the service has accepted the first clip."""

    happens: Callable[[], None]
    done: bool = field(default=False, init=False)

    def __call__(self, event: str, _request: EmulatedRequest) -> None:
        """The emulator's hook."""
        if event == "accepted" and not self.done:
            self.done = True
            self.happens()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that can be filled to the last byte."""
    with small_disk(tmp_path / "disk", "16m") as disk:
        yield disk


def assert_said(error: LongtakeError | None, kind: type[LongtakeError], place: Path | str) -> None:
    """The operator's to fix: the error names the place."""
    assert type(error) is kind
    assert isinstance(error, OperatorError)
    assert error.exit_code == 3
    assert str(place) in str(error)


async def assert_fixed(
    harness: Harness, emulator: RunningEmulator, profile: Mapping[str, Any] | None = None
) -> None:
    """The same command again ends in the film, and its one clip was paid for once."""
    ending = await harness.render_on(emulator, ONE, profile=profile)
    assert ending.error is None
    assert ending.film.is_file()
    assert len(emulator.emulator.requests) == 1
    assert emulator.emulator.billed_usd == 0.1


# -- the disk ------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["store", "ledger", "out"])
async def test_a_disk_that_fills_up_is_named_and_room_on_it_finishes_the_film(
    place: str, harness: Harness, disk: Path
) -> None:
    on_it = disk / place
    keeping = {"keeping": BRIEF_LEASE | ({place: str(on_it)} if place != "out" else {})}
    if place == "out":
        on_it.mkdir()
        (harness.folder / "out").symlink_to(on_it)
    with harness.emulator(on_event=Accident(partial(fill, disk))) as emulator:
        full = await harness.render_on(emulator, ONE, profile=keeping)
        assert_said(full.error, DiskFull, on_it)
        assert re.search("make room", str(full.error), re.IGNORECASE)
        assert len(full.accepted) == 1

        make_room(disk)
        await assert_fixed(harness, emulator, keeping)


# -- the store -----------------------------------------------------------------------------------


async def test_a_store_that_cannot_be_written_is_found_before_anything_is_paid(
    harness: Harness,
) -> None:
    (harness.folder / "store").write_text("in the way")
    with harness.emulator() as emulator:
        error = await harness.refused(emulator, ONE)
        assert_said(error, StoreUnreachable, harness.folder / "store")
        assert "check that the folder exists" in str(error)

        (harness.folder / "store").unlink()
        await assert_fixed(harness, emulator)


async def test_a_store_that_breaks_after_the_payment_loses_nothing(harness: Harness) -> None:
    store = harness.folder / "store"

    def break_store() -> None:
        shutil.rmtree(store)
        store.write_text("in the way")

    with harness.emulator(on_event=Accident(break_store)) as emulator:
        stopped = await harness.render_on(emulator, ONE)
        assert_said(stopped.error, StoreUnreachable, store)
        assert len(stopped.accepted) == 1

        store.unlink()
        await assert_fixed(harness, emulator)


async def test_an_s3_store_that_does_not_answer_is_said_and_another_one_will_do(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3fs = pytest.importorskip("s3fs", reason="the extra longtake[s3] is not installed")
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_MAX_ATTEMPTS": "1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)
    s3fs.S3FileSystem.clear_instance_cache()
    try:
        with harness.emulator() as emulator:
            keeping = {"keeping": {"store": "s3://films/longtake"}}
            error = await harness.refused(emulator, ONE, profile=keeping)
            assert_said(error, StoreUnreachable, "s3://films/longtake")
            assert "check the address, your credentials and the network" in str(error)
    finally:
        s3fs.S3FileSystem.clear_instance_cache()


# -- the ledger ----------------------------------------------------------------------------------


class Holder:
    """Another process that holds the ledger's write lock until it is released."""

    SCRIPT = """
import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1], isolation_level=None)
ledger.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""

    def __init__(self, ledger: Path) -> None:
        self._command = [sys.executable, "-c", self.SCRIPT, str(ledger)]
        self._process: subprocess.Popen[str] | None = None

    def take(self) -> None:
        """Returns once the lock is held."""
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(self._command, stdin=pipe, stdout=pipe, text=True)
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "held\n"

    def let_go(self) -> None:
        """Returns once the process has ended; nothing to do where it never began."""
        if self._process is not None:
            self._process.communicate()
            self._process = None


@pytest.fixture
def holder(harness: Harness) -> Iterator[Holder]:
    holding = Holder(harness.folder / "ledger.sqlite")
    yield holding
    holding.let_go()


async def test_a_ledger_that_stays_locked_is_said_and_the_paid_clip_is_found_again(
    harness: Harness, holder: Holder
) -> None:
    """Locked between the service's yes and its request id on record; then from the start."""
    ledger = harness.folder / "ledger.sqlite"
    hasty = {"keeping": BRIEF_LEASE | {"ledger": f"sqlite:///{ledger}?busy_seconds=0.2"}}
    with harness.emulator(on_event=Accident(holder.take)) as emulator:
        stopped = await harness.render_on(emulator, ONE, profile=hasty)
        assert_said(stopped.error, LedgerLocked, ledger)
        assert "end whatever holds it" in str(stopped.error)
        assert len(stopped.accepted) == 1

        still = await harness.render_on(emulator, ONE, profile=hasty)
        assert_said(still.error, LedgerLocked, ledger)
        assert not still.accepted

        holder.let_go()
        await assert_fixed(harness, emulator, hasty)


async def test_a_ledger_of_a_newer_longtake_is_left_alone(harness: Harness) -> None:
    ledger = harness.folder / "ledger.sqlite"

    def another_version(statement: str) -> None:
        with contextlib.closing(sqlite3.connect(ledger)) as books, books:
            books.execute(statement)

    with harness.emulator() as emulator:
        await harness.render_on(emulator, ONE)
        another_version("INSERT INTO longtake_ledger VALUES (99, '2030-01-01 00:00:00.000000')")
        refused = await harness.render_on(emulator, ONE)
        assert_said(refused.error, LedgerTooNew, ledger)
        assert "update longtake, or name another ledger" in str(refused.error)
        assert not refused.accepted

        another_version("DELETE FROM longtake_ledger WHERE version = 99")
        await assert_fixed(harness, emulator)
