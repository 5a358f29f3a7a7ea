"""A Prefect server that is away for a while."""

from __future__ import annotations

import pytest
from prefect.exceptions import ObjectNotFound

from longtake.clock import SystemClock
from tasks.server_away import outlasting


class Hours(SystemClock):
    """A clock that is as far as it was slept."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


class Server:
    """It answers from a moment on."""

    def __init__(self, clock: Hours, back_at: float) -> None:
        self.clock, self.back_at = clock, back_at

    async def ask(self) -> str:
        if self.clock.seconds < self.back_at:
            raise RuntimeError("500")
        return "here"


async def test_a_server_that_comes_back_in_time_answers() -> None:
    clock = Hours()
    assert await outlasting(Server(clock, 60).ask, clock, 240) == "here"


async def test_one_that_stays_away_is_told_of() -> None:
    clock = Hours()
    with pytest.raises(RuntimeError, match="500"):
        await outlasting(Server(clock, 300).ask, clock, 240)
    assert clock.seconds >= 240


async def test_what_is_not_there_will_not_come_by_waiting() -> None:
    async def ask() -> str:
        raise ObjectNotFound(RuntimeError())

    clock = Hours()
    with pytest.raises(ObjectNotFound):
        await outlasting(ask, clock, 240)
    assert clock.seconds == 0
