"""Prefect as the host of a render: its secrets, its limits, the page of its run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from pydantic import SecretStr

from longtake.rendering.host import Host
from longtake.rendering.render import Render
from longtake.rendering.slots import SharedLimits
from longtake.settings import Settings
from tasks.api_key import api_key
from tasks.limits import PrefectLimits
from tasks.run_page.page import run_page
from tasks.run_states import conclude_cancelling


class PrefectHost(Host):
    """The host of a render in a flow."""

    async def api_key(self, settings: Settings) -> SecretStr:
        """The key, also from a Secret block of Prefect's."""
        return await api_key(settings)

    def limits(self, settings: Settings) -> SharedLimits:
        """Prefect's global concurrency limits, where the profile names them."""
        return PrefectLimits(settings.fleet, self.clock)

    def around(self, render: Render) -> AbstractAsyncContextManager[object]:
        """The run's page follows the render; a cancelled run is told to have ended."""
        return _around(render)


@asynccontextmanager
async def _around(render: Render) -> AsyncIterator[None]:
    try:
        async with run_page(render):
            yield
    except asyncio.CancelledError:
        with suppress(Exception):  # then Prefect's worker says it, later
            await conclude_cancelling()
        raise
