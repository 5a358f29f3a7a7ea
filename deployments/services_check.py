"""Whether this container's part of the Prefect server is at work: exit code 0, or 1 and why.

``prefect server services start`` answers at no address. Its worker of background tasks leaves a
beat every few seconds in Redis, under this container's name; a loop that hangs leaves none.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time

from docket import Docket

SERVICES = "prefect"
"""The docket of `prefect server services start`; the API server's own is named otherwise."""

SILENT_SECONDS = 30.0


async def seconds_since_beat() -> float | None:
    """The age of the latest beat of this container; None where there is none."""
    async with Docket(SERVICES, url=os.environ["PREFECT_SERVER_DOCKET_URL"]) as docket:
        ages = [
            time.time() - worker.last_seen.timestamp()
            for worker in await docket.workers()
            if worker.name.startswith(f"{socket.gethostname()}#")
        ]
    return min(ages, default=None)


if __name__ == "__main__":
    age = asyncio.run(asyncio.wait_for(seconds_since_beat(), 20))
    if age is None or age > SILENT_SECONDS:
        sys.exit(f"no beat for {SILENT_SECONDS:g} s; the last one: {age}")
