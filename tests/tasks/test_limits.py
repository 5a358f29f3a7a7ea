"""Without a fleet, there are no limits of Prefect's to wait for, and none is asked for."""

from __future__ import annotations

from longtake.profile_parts import Fleet
from tasks.limits import PrefectLimits


async def test_a_profile_that_names_no_limit_has_none() -> None:
    limits = PrefectLimits(Fleet())
    await limits.request()
    async with limits.job():
        pass
