"""The account's fair use: jobs in flight and requests, over all machines that share it.

Within a process a semaphore and the client's throttle hold. Where the profile names Prefect's
global concurrency limits, those hold over all processes as well. Watching a job takes no place in
either: it is in flight already.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from prefect.concurrency.asyncio import ConcurrencySlotAcquisitionError as NoSlot
from prefect.concurrency.asyncio import concurrency, rate_limit

from longtake.errors import OperatorError, RenderStopped
from longtake.rendering.render import Render

LEASE_SECONDS = 60
"""How soon the place of a process that died is free again: the least that Prefect grants."""


@asynccontextmanager
async def job_slot(render: Render) -> AsyncIterator[None]:
    """A place for one job in flight; raises RenderStopped once the render is stopping."""
    async with render.slots, AsyncExitStack() as stack:
        _refuse_if_stopping(render)
        if limit := render.settings.fleet.jobs_limit:
            place = concurrency(
                limit,
                lease_duration=LEASE_SECONDS,
                strict=True,
                raise_on_lease_renewal_failure=False,
            )
            try:
                await stack.enter_async_context(place)
            except NoSlot as error:
                raise _no_limit(limit, "jobs in flight") from error
            _refuse_if_stopping(render)
        yield


async def wait_for_request_slot(render: Render) -> None:
    """Wait until a request that counts may leave: a submit, or an upload.

    After a 429 nobody who shares the ledger and the account sends before the service's hint has
    passed; then they come one by one.
    """
    while seconds := await render.ledger.hold_seconds(render.account):
        apart = random.uniform(0, 1)  # noqa: S311  # no secret, only a crowd to spread
        await asyncio.sleep(seconds + apart)
    if limit := render.settings.fleet.requests_limit:
        try:
            await rate_limit(limit, strict=True)
        except NoSlot as error:
            raise _no_limit(limit, "requests, with a slot decay") from error


def _refuse_if_stopping(render: Render) -> None:
    if render.stopped_by is not None:
        raise RenderStopped("not submitted: the render had been stopped")


def _no_limit(name: str, what: str) -> OperatorError:
    return OperatorError(
        f"Prefect has no active global concurrency limit {name!r} ({what}); make it with "
        f"`prefect gcl create {name} --limit N`, or take it out of the profile's `fleet`"
    )
