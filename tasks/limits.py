"""The account's fair use over all machines that share it: Prefect's global concurrency limits.

Within a process semaphores and the client's throttle hold. Where the profile names Prefect's
limits, those hold over all processes as well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError as NoSlot
from prefect.concurrency.asyncio import concurrency, rate_limit
from prefect.exceptions import ObjectNotFound

from longtake.clock import Clock
from longtake.errors import OperatorError
from longtake.profile_parts import Fleet
from tasks.server_away import outlasting

LEASE_SECONDS = 60
"""How soon the place of a process that died is free again: the least that Prefect grants."""


class PrefectLimits:
    """The limits that a profile's ``fleet`` names; none of them is no limit."""

    def __init__(self, fleet: Fleet, clock: Clock) -> None:
        self._fleet = fleet
        self._clock = clock

    @asynccontextmanager
    async def job(self) -> AsyncIterator[None]:
        """A place for one job in flight; raises OperatorError where there is no such limit."""
        limit = self._fleet.jobs_limit
        if limit is None:
            yield
            return
        async with AsyncExitStack() as stack:

            async def place() -> None:
                held = concurrency(
                    limit,
                    lease_duration=LEASE_SECONDS,
                    strict=True,
                    raise_on_lease_renewal_failure=False,
                )
                await stack.enter_async_context(held)

            await self.granted(place, limit, "jobs in flight")
            yield

    async def request(self) -> None:
        """Wait until one more request may leave; OperatorError where there is no such limit."""
        if limit := self._fleet.requests_limit:
            left = partial(rate_limit, limit, strict=True)
            await self.granted(left, limit, "requests, with a slot decay")

    async def granted(self, ask: Callable[[], Awaitable[None]], name: str, what: str) -> None:
        """Ask until the limit grants it: a server that cannot answer is not one without the limit.

        An answer that was lost may have cost a place: it is free again after ``LEASE_SECONDS``.
        """

        async def asked() -> None:
            try:
                await ask()
            except NoSlot as error:
                if error.__cause__ is None:  # the server answered: there is no such limit
                    raise ObjectNotFound(error) from error
                raise

        try:
            await outlasting(asked, self._clock, self._fleet.takeover_seconds)
        except ObjectNotFound as error:
            raise OperatorError(
                f"Prefect has no active global concurrency limit {name!r} ({what}); make it with "
                f"`prefect gcl create {name} --limit N`, or take it out of the profile's `fleet`"
            ) from error
        except NoSlot as error:
            raise OperatorError(
                f"Prefect's server did not say whether {name!r} ({what}) has room: {error}; see "
                "that it is up, then run this again: what was paid for is kept"
            ) from error
