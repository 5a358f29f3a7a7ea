"""run.json is written soon after a change, at once when asked, and seldom for its size."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from longtake.errors import OperatorError
from longtake.record import RunRecord, read_run
from longtake.rendering.run_file import LEAST_SECONDS, Journal
from tests.rendering.taken import plan_of


class TurnedClock:
    """A clock on which each wait is released by the test."""

    def __init__(self) -> None:
        self.waits: list[float] = []
        self.seconds = 0.0
        self._passed = asyncio.Event()

    def now(self) -> datetime:
        """Some moment."""
        return datetime(2026, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        """As long as it was turned."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Until the test says so."""
        self.waits.append(seconds)
        await self._passed.wait()

    async def turn(self) -> None:
        """Let every wait be over, and what follows it."""
        await asyncio.sleep(0)
        self._passed.set()
        for _ in range(3):
            await asyncio.sleep(0)
        self._passed = asyncio.Event()


def record() -> RunRecord:
    """A run that has just begun."""
    return RunRecord.of(plan_of("a boat"), storyboard="x.yaml", folder="x")


async def test_many_changes_are_one_writing_a_little_later(tmp_path: Path) -> None:
    clock, path, run = TurnedClock(), tmp_path / "run.json", record()
    journal = Journal(run, path, clock, on_failure=lambda error: None)
    for state in ("one", "two", "three"):
        run.state = state
        journal.changed()
    assert not path.exists()
    await clock.turn()
    assert clock.waits == [LEAST_SECONDS]
    written = read_run(path)
    assert written is not None
    assert written.state == "three"


async def test_what_is_asked_for_is_written_at_once_and_not_twice(tmp_path: Path) -> None:
    clock, path = TurnedClock(), tmp_path / "run.json"
    journal = Journal(record(), path, clock, on_failure=lambda error: None)
    journal.changed()
    journal.write()
    path.unlink()
    await clock.turn()
    assert not path.exists()


async def test_a_folder_that_does_not_take_it_is_reported(tmp_path: Path) -> None:
    clock, told = TurnedClock(), list[OperatorError]()
    (tmp_path / "gone").write_text("a file where the folder was")
    journal = Journal(record(), tmp_path / "gone" / "run.json", clock, on_failure=told.append)
    journal.changed()
    await clock.turn()
    assert "run.json" in str(told[0])
    with pytest.raises(OperatorError):
        journal.write()
