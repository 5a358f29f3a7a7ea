"""Whether this container's part of the Prefect server is at work: exit code 0, or 1 and why.

``prefect server services start`` answers at no address, and a service of it that dies is neither
told of nor started again: where the database does not answer while it starts, no automation ever
fires, and nothing else is to be seen of it. Two things lie in Redis by which it is known. Its
background tasks leave a beat there every few seconds, under this container's name; its automations
ask for events there all the time.

``--end`` ends the container's process after three checks that failed in a row, for Docker (which
only says that a container is unwell) to start it again.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

from docket import Docket
from redis.asyncio import Redis
from redis.exceptions import ResponseError

SERVICES = "prefect"
"""The docket of `prefect server services start`; the API server's own is named otherwise."""

EVENTS, AUTOMATIONS = "events", "reactive-triggers"
"""The stream of all events in Redis, and the group that reads it for the automations."""

SILENT_SECONDS = 60.0
FAILURES = Path(tempfile.gettempdir()) / "services-check-failures"
MOST_FAILURES = 3


async def trouble() -> str | None:
    """What is wrong; None where nothing is."""
    beat = await seconds_since_beat()
    if beat is None or beat > SILENT_SECONDS:
        return f"its background tasks have left no beat for {SILENT_SECONDS:g} s; the last: {beat}"
    asked = await seconds_since_events_were_asked_for()
    if asked is None or asked > SILENT_SECONDS:
        return f"its automations have asked for no events for {SILENT_SECONDS:g} s; last: {asked}"
    return None


async def seconds_since_beat() -> float | None:
    """The age of the latest beat of this container; None where there is none."""
    async with Docket(SERVICES, url=os.environ["PREFECT_SERVER_DOCKET_URL"]) as docket:
        ages = [
            time.time() - worker.last_seen.timestamp()
            for worker in await docket.workers()
            if worker.name.startswith(f"{socket.gethostname()}#")
        ]
    return min(ages, default=None)


async def seconds_since_events_were_asked_for() -> float | None:
    """How long ago this container last asked for events; None where it never did."""
    async with Redis.from_url(os.environ["PREFECT_REDIS_MESSAGING_URL"]) as redis:
        try:
            consumers = await redis.xinfo_consumers(EVENTS, AUTOMATIONS)
        except ResponseError:  # there is no such group yet, or no event at all
            return None
    ours = f"{AUTOMATIONS}-{socket.gethostname()}-"
    idle = [each["idle"] / 1000 for each in consumers if each["name"].decode().startswith(ours)]
    return min(idle, default=None)


def main(*, ends: bool) -> int:
    """The check; what failed before is counted in a file, as each check is a process of its own."""
    try:
        wrong = asyncio.run(asyncio.wait_for(trouble(), 20))
    except Exception as error:
        wrong = f"{type(error).__name__}: {error}"
    if wrong is None:
        FAILURES.unlink(missing_ok=True)
        return 0
    print(wrong)
    count = int(FAILURES.read_text()) + 1 if FAILURES.exists() else 1
    FAILURES.write_text(str(count))
    if ends and count >= MOST_FAILURES:
        FAILURES.unlink()
        os.kill(1, signal.SIGTERM)
    return 1


if __name__ == "__main__":
    sys.exit(main(ends="--end" in sys.argv))
