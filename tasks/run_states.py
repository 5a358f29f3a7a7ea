"""What Prefect calls the state of a render: the phase while it runs, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import anyio
from prefect import State
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.context import FlowRunContext
from prefect.states import Cancelled, Running

from longtake.record import RunRecord, Stage

RENDERING = "Rendering"
ASSEMBLING = "Assembling"
PHASES = frozenset({RENDERING, ASSEMBLING})

RESUMING = "Resuming"
"""Prefect's own name for a run that was suspended and is scheduled, since somebody answered."""

LAST_WORD_SECONDS = 5.0
"""How long the end of a render waits for Prefect, at most."""


def flow_run_here() -> FlowRun | None:
    """The run of the flow that this is called in; None outside of any."""
    context = FlowRunContext.get()
    return None if context is None else context.flow_run


async def name_state(flow_run_id: UUID, name: str) -> bool:
    """Call the run's state ``name``; whether that was done.

    Only a run that is running is named: one that is being cancelled or is paused keeps its state,
    which somebody waits for. Two requests. Naming counts as one more entry into Running, so
    Prefect's ``run_count`` grows by one each time; ``attempts`` tells how often a run has begun.
    Raises what the API raises.
    """
    async with get_client() as client:
        state = (await client.read_flow_run(flow_run_id)).state
        if state is None or not state.is_running() or state.name == name:
            return False
        await client.set_flow_run_state(flow_run_id, Running(name=name))
        return True


async def conclude_cancelling() -> None:
    """Say Cancelled for a run that is being cancelled and has done all that it had to.

    Prefect's worker would say so too, but first loads the flow once more to see whether it has
    hooks, which takes ten to twenty seconds on a busy machine. Does nothing for a run in another
    state. Two requests, within LAST_WORD_SECONDS; raises what the API raises.
    """
    run = flow_run_here()
    if run is None:
        return
    with anyio.move_on_after(LAST_WORD_SECONDS, shield=True):
        async with get_client() as client:
            state = (await client.read_flow_run(run.id)).state
            if state is not None and state.is_cancelling():
                said: State[Any] = Cancelled(message="Cancelled; what was paid for is kept.")
                await client.set_flow_run_state(run.id, said)


async def attempts() -> int:
    """How often the running flow has begun: a pause and the name of a phase are no beginnings.

    1 outside of a flow. One request; raises what the API raises.
    """
    run = flow_run_here()
    if run is None:
        return 1
    async with get_client() as client:
        return beginnings(await client.read_flow_run_states(run.id))


def beginnings(states: Sequence[State[Any]]) -> int:
    """In a run's history: how often it began to run, the first time and after each death.

    Neither a phase's name nor a pause is a beginning, and neither is going on in another process
    once a person has answered.
    """
    count, going_on = 0, False
    for state in sorted(states, key=lambda state: state.timestamp):
        match state.type:
            case StateType.RUNNING:
                count += not going_on
                going_on = True
            case StateType.SCHEDULED:
                going_on = going_on and state.name == RESUMING
            case StateType.PAUSED | StateType.PENDING:
                pass
            case _:
                going_on = False
    return count


def phase_of(run: RunRecord) -> str | None:
    """The phase that a render is in; None before anything has begun, and once it has ended."""
    stages = [clip.stage for clip in run.clips.values()]
    if run.state != "running" or run.film is not None:
        return None
    if all(stage.ended_well for stage in stages):
        return ASSEMBLING
    if any(stage.in_flight or stage is Stage.STORED for stage in stages):
        return RENDERING
    return None
