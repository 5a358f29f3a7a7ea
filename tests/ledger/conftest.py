"""A ledger on every database that there is, with a clock that the test turns."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from longtake.ledger import Ledger, TakeIntent
from tests.postgres import PostgresCluster, PostgresMissing, postgres_cluster


@dataclass
class HandClock:
    """A clock that stands still until it is turned."""

    now: datetime = field(default_factory=lambda: datetime(2026, 5, 4, 12, 0, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def far_from_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This machine is nine hours ahead of UTC."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "JST-9")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    try:
        with postgres_cluster() as cluster:
            yield cluster
    except PostgresMissing as reason:
        pytest.skip(str(reason))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.thorough)])
def ledger_place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a new ledger may be made, on each database in turn."""
    if request.param == "sqlite":
        return str(tmp_path / "folder" / "ledger.db")
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return cluster.empty_database()


@pytest.fixture(scope="session")
def empty_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all the tables: to copy it takes a quarter of the time of making them."""
    path = tmp_path_factory.mktemp("ledger") / "ledger.db"

    async def make() -> None:
        async with Ledger.open(path):
            pass

    asyncio.run(make())
    return path


@pytest.fixture
def prepared_place(ledger_place: str, empty_ledger: Path) -> str:
    """The same, with the tables of a file there already."""
    if "://" not in ledger_place:
        Path(ledger_place).parent.mkdir()
        shutil.copy(empty_ledger, ledger_place)
    return ledger_place


@pytest.fixture
async def ledger(prepared_place: str, clock: HandClock) -> AsyncIterator[Ledger]:
    async with Ledger.open(prepared_place, clock=clock) as opened:
        yield opened


@pytest.fixture
def take() -> Callable[..., TakeIntent]:
    """A take of that name; anything else about it may be said otherwise."""

    def make(name: str = "a", **other: Any) -> TakeIntent:
        facts: dict[str, Any] = {
            "fingerprint": name.ljust(64, "0"),
            "storyboard": "Film",
            "clip_id": f"scene/{name}.1",
            "number": 1,
            "model": "wan-2.2-t2v-fast",
            "seed": 7,
            "parameters": {"prompt": "a gull", "seed": 7},
            "estimated_usd": 0.10,
        }
        return TakeIntent(**facts | other)

    return make
