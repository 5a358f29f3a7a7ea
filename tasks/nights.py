"""A nightly run that must not begin: it is too late, or the one before is still at work.

Prefect's own limit on a deployment would do for the latter, but a run that waits for a person loses
its place in it and dies of that. So a nightly run checks for itself, and ends as Cancelled.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from prefect import State
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Cancelled

from longtake.settings import load_settings
from tasks.run_states import flow_run_here

NIGHTLY = "nightly"
"""The tag of deployments whose runs are nightly ones."""

LOOKED_AT = 200
"""How many runs of the deployment are checked, the latest first: one at work is among them."""


async def passed_over(profile: str | None) -> State[Any] | None:
    """How the run is to end before it has begun; None: it is to go on.

    Raises SettingsError, and what the API raises.
    """
    here = flow_run_here()
    if here is None or NIGHTLY not in here.tags:
        return None
    settings = await asyncio.to_thread(load_settings, profile)
    async with get_client() as client:
        run = await client.read_flow_run(here.id)
        late = missed(run, datetime.now(UTC), settings.fleet.catch_up_hours)
        if late is not None:
            return Cancelled(message=late)
        at_work = overtaken(run, await _others(client, run))
    if at_work is None:
        return None
    return Cancelled(message=f"{at_work.name} is still at work, and is not overtaken.")


def missed(run: FlowRun, now: datetime, hours: float) -> str | None:
    """Why a nightly run that begins ``now`` is too late; None where it is not.

    Only one that a schedule made, and only the first time that it begins.
    """
    due = run.expected_start_time
    if not run.auto_scheduled or due is None or run.run_count > 1:
        return None
    if now - due <= timedelta(hours=hours):
        return None
    return f"It was due at {due:%Y-%m-%d %H:%M} UTC, more than {hours:g} h ago, and is left out."


def overtaken(run: FlowRun, others: list[FlowRun]) -> FlowRun | None:
    """The run of the same storyboard that began earlier and has not ended, if there is one."""
    return next((other for other in others if _at_work(other) and _before(other, run)), None)


def _at_work(run: FlowRun) -> bool:
    """It has begun, and will go on: now, after an answer, or once it has been retried."""
    state = run.state
    return (
        state is not None
        and run.start_time is not None
        and (not state.is_final() or state.is_crashed())
    )


def _before(other: FlowRun, run: FlowRun) -> bool:
    """Of two that begin together the one goes on and the other does not, whichever asks."""
    if other.id == run.id or other.parameters.get("storyboard") != run.parameters.get("storyboard"):
        return False
    return _order(other) < _order(run)


def _order(run: FlowRun) -> tuple[datetime, str]:
    return (run.start_time or datetime.max.replace(tzinfo=UTC), str(run.id))


async def _others(client: PrefectClient, run: FlowRun) -> list[FlowRun]:
    if run.deployment_id is None:
        return []
    return await client.read_flow_runs(
        deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[run.deployment_id])),
        sort=FlowRunSort.EXPECTED_START_TIME_DESC,
        limit=LOOKED_AT,
    )
