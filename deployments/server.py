"""Prefect's server in one process, started again when its automations have died.

``python deployments/server.py WORDS``: what ``prefect server start WORDS`` does, until it is told
to stop. PREFECT_API_URL says where the server answers.

A service of the server that fails while it starts stays dead without an error, and everything else
goes on: where the database does not answer at that moment, no automation is loaded, and no run that
died is ever noticed. So they are asked, all the time, whether they are there: "longtake answers"
(`automations.yaml`) fires at an event that means nothing. This process alone judges by that, and
it alone ends the server for it.

What happened while nobody listened is told again after each start: the states in which a run could
stay forever. (In a server of one process events lie in its memory, and die with it.) So is, later,
a state that nothing was done about: an event that follows one of which only the server before has
heard waits for that one (`prefect.server.events.ordering`).
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from httpx import HTTPError
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import get_current_settings

ANSWERS = "longtake answers"
"""The automation that is asked; `setup.py` makes it."""

ASK_SECONDS = 60.0
DEAF_SECONDS = 240.0
"""So long may a server that answers at its address leave the questions unanswered."""

STOP_SECONDS = 30.0

PATIENT = {
    "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
    "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "60",
}
"""What a server gets that was given nothing else. By Prefect's own 10 s and 5 s, a busy machine's
database is away while the server starts, and the next start finds it no sooner."""

UNHEARD = [StateType.PENDING, StateType.RUNNING, StateType.CANCELLING, StateType.CRASHED]
"""What a run that nobody hears of may stay in; the automations wait for a silence after each."""

OVERDUE_SECONDS = {StateType.CRASHED: 30, StateType.CANCELLING: 90, StateType.PENDING: 240}
"""How long a run may be in a state before `automations.yaml` has done something, if it heard."""

PAGE = 200


async def main(words: list[str]) -> int:
    """Keep a server up; its exit code, once it has ended by itself or was told to."""
    stopped = asyncio.Event()
    for each in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(each, stopped.set)
    while True:
        command = [sys.executable, "-m", "prefect", "server", "start", *words]
        server = await asyncio.create_subprocess_exec(*command, env=PATIENT | os.environ)
        try:
            await first_of(stopped.wait(), server.wait(), until_deaf())
            if stopped.is_set() or server.returncode is not None:
                return await end(server)
            print(
                f"server: no automation answered for {DEAF_SECONDS:g} s: started again", flush=True
            )
        finally:
            await end(server)


async def first_of(*waits: Coroutine[None, None, object]) -> None:
    """Wait for one of them, and end the others; raises what it raised."""
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def end(server: Process) -> int:
    """Stop a server that may have ended; its exit code."""
    if server.returncode is None:
        server.terminate()
        try:
            await asyncio.wait_for(server.wait(), STOP_SECONDS)
        except TimeoutError:
            server.kill()
    return await server.wait()


async def until_deaf() -> None:
    """Return when the automations have left the questions of DEAF_SECONDS unanswered.

    A server that does not answer itself is not judged: it starts, or its database is away.
    """
    heard = datetime.now(UTC)
    told: set[UUID] = set()
    at_start = True
    async with get_client() as client:
        while datetime.now(UTC) - heard < timedelta(seconds=DEAF_SECONDS):
            asked = datetime.now(UTC)
            try:
                if await answered(client, heard):
                    heard = asked
                    await tell_again(client, told, at_start=at_start)
                    at_start = False
            except (HTTPError, PrefectHTTPStatusError):
                heard = datetime.now(UTC)
                await asyncio.sleep(1)


async def answered(client: PrefectClient, since: datetime) -> bool:
    """Ask once more; whether there was an answer, or nobody who could give one."""
    there = [each for each in await client.read_automations_by_name(ANSWERS) if each.enabled]
    await tell(client, "longtake.server.asked", {"prefect.resource.id": "longtake.server"})
    await asyncio.sleep(ASK_SECONDS)
    answer = {
        "event": {"name": ["prefect.automation.action.executed"]},
        "resource": {"id": [f"prefect.automation.{each.id}" for each in there]},
        "occurred": {"since": since.isoformat()},
    }
    found = await client.request("POST", "/events/filter", json={"filter": answer, "limit": 1})
    return not there or bool(found.json()["events"])


async def tell_again(client: PrefectClient, told: set[UUID], *, at_start: bool) -> None:
    """Say of each run that may have gone, or crashed, unheard which state it is in.

    Each state once: ``told`` has those that were told. At the start all are, then what is overdue.
    """
    chosen = FlowRunFilter(
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=UNHEARD)),
        tags=FlowRunFilterTags(all_=["longtake"]),
    )
    offset = 0
    while runs := await client.read_flow_runs(flow_run_filter=chosen, limit=PAGE, offset=offset):
        for run in runs:
            state = run.state
            if state is None or state.id in told or not (at_start or is_overdue(state)):
                continue
            told.add(state.id)
            about = {"prefect.resource.id": f"prefect.flow-run.{run.id}"}
            await tell(client, f"prefect.flow-run.{state.name}", about, run.tags)
        offset += len(runs)


def is_overdue(state: State[Any]) -> bool:
    """Whether a run is in that state for so long that nobody can have heard of it."""
    most = OVERDUE_SECONDS.get(state.type)
    return most is not None and datetime.now(UTC) - state.timestamp > timedelta(seconds=most)


async def tell(
    client: PrefectClient, event: str, about: dict[str, str], tags: Sequence[str] = ()
) -> None:
    """Emit an event."""
    said = {
        "id": str(uuid4()),
        "event": event,
        "resource": about,
        "related": [
            {"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"}
            for tag in tags
        ],
        "occurred": datetime.now(UTC).isoformat(),
    }
    await client.request("POST", "/events", json=[said])


if __name__ == "__main__":
    if not get_current_settings().api.url:
        sys.exit("server: set PREFECT_API_URL to where the server will answer")
    sys.exit(asyncio.run(main(sys.argv[1:])))
