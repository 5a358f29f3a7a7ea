"""Limits of Prefect's: none without a fleet, and a server that is away is not one without them."""

from __future__ import annotations

import pytest
from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError as NoSlot

from longtake.clock import SystemClock
from longtake.errors import OperatorError
from longtake.profile_parts import Fleet
from tasks.limits import PrefectLimits


class Hurried(SystemClock):
    """A clock whose pauses are over at once."""

    slept = 0.0

    def monotonic(self) -> float:
        """As long as was slept."""
        return self.slept

    async def sleep(self, seconds: float) -> None:
        """Nothing is waited for."""
        self.slept += seconds


class Server:
    """Cannot answer so many times; then it grants, or has no such limit."""

    def __init__(self, away: int, *, known: bool = True) -> None:
        self.away = away
        self.known = known

    async def ask(self) -> None:
        """What Prefect's client makes of it."""
        self.away -= 1
        if self.away >= 0:
            raise NoSlot("unable to acquire") from ConnectionError("503")
        if not self.known:
            raise NoSlot("must be created")


async def test_a_profile_that_names_no_limit_has_none() -> None:
    limits = PrefectLimits(Fleet(), SystemClock())
    await limits.request()
    async with limits.job():
        pass


async def test_a_server_that_cannot_answer_is_asked_again() -> None:
    await PrefectLimits(Fleet(), Hurried()).granted(Server(4).ask, "jobs", "in flight")


@pytest.mark.parametrize(
    ("server", "said"), [(Server(1, known=False), "gcl create jobs"), (Server(10**6), "is up")]
)
async def test_a_limit_that_is_missing_is_told_otherwise_than_a_server_that_stays_away(
    server: Server, said: str
) -> None:
    with pytest.raises(OperatorError, match=said):
        await PrefectLimits(Fleet(), Hurried()).granted(server.ask, "jobs", "in flight")
