"""The account's fair use over all machines that share it: Prefect's global concurrency limits.

Within a process semaphores and the client's throttle hold. Where the profile names Prefect's
limits, those hold over all processes as well.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError as NoSlot
from prefect.concurrency.asyncio import concurrency, rate_limit

from longtake.errors import OperatorError
from longtake.profile_parts import Fleet

LEASE_SECONDS = 60
"""How soon the place of a process that died is free again: the least that Prefect grants."""


class PrefectLimits:
    """The limits that a profile's ``fleet`` names; none of them is no limit."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    @asynccontextmanager
    async def job(self) -> AsyncIterator[None]:
        """A place for one job in flight; raises OperatorError where there is no such limit."""
        limit = self._fleet.jobs_limit
        if limit is None:
            yield
            return
        place = concurrency(
            limit,
            lease_duration=LEASE_SECONDS,
            strict=True,
            raise_on_lease_renewal_failure=False,
        )
        async with AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(place)
            except NoSlot as error:
                raise _no_limit(limit, "jobs in flight") from error
            yield

    async def request(self) -> None:
        """Wait until one more request may leave; OperatorError where there is no such limit."""
        if limit := self._fleet.requests_limit:
            try:
                await rate_limit(limit, strict=True)
            except NoSlot as error:
                raise _no_limit(limit, "requests, with a slot decay") from error


def _no_limit(name: str, what: str) -> OperatorError:
    return OperatorError(
        f"Prefect has no active global concurrency limit {name!r} ({what}); make it with "
        f"`prefect gcl create {name} --limit N`, or take it out of the profile's `fleet`"
    )
