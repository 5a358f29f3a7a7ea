"""One question to a person: the run pauses with a form, and holds nothing while it waits.

A run that is asked nothing else has only to wait: after ``fleet.stay_seconds`` it is suspended and
its process ends. The answer schedules it again, on any worker, and what was made is there. Where
nothing could schedule it (a run of no deployment), the process waits itself.

The form's key says what is asked about. So a run that died while it waited finds the answer that
was given to it, and an answer about other takes than those that are there is no answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import Any, TypeVar
from uuid import UUID, uuid4

import anyio
from prefect import State
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, StateDetails, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import Pause
from prefect.input import RunInput
from prefect.input.run_input import Keyset, keyset_from_base_key
from prefect.logging import get_run_logger
from prefect.states import Cancelled, Crashed, Paused, Scheduled, Suspended

from longtake.errors import LongtakeError, OperatorError, RenderStopped
from longtake.ledger import ShownTake
from longtake.record import AskedTake, Question
from longtake.rendering.render import Render
from tasks.run_states import LAST_WORD_SECONDS, PHASES, RESUMING, flow_run_here
from tasks.server_away import outlasting

Form = TypeVar("Form", bound=RunInput)

LOOK_SECONDS = 2
"""How soon a paused render sees that somebody has answered."""


class Adjourned(LongtakeError):
    """The run ends here, and is begun again once a person has answered."""


class Questions:
    """What one render asks people, one form at a time.

    ``idle`` says whether nothing but the answer is waited for; ``on_leaving`` is told that the run
    is about to end, so that all others who wait give up, too.
    """

    def __init__(
        self, render: Render, idle: Callable[[], bool], on_leaving: Callable[[Adjourned], None]
    ) -> None:
        self._render = render
        self._idle = idle
        self._on_leaving = on_leaving
        self._one_at_a_time = asyncio.Lock()
        self._adjourned: Adjourned | None = None

    async def ask(
        self,
        form: type[Form],
        about: str,
        why: str,
        *,
        question: Question | None = None,
        elsewhere: Callable[[], Awaitable[Form | None]] | None = None,
    ) -> Form:
        """The answer to a form that is named by what it asks ``about``; ``why`` is for the list.

        ``question`` goes on record while it waits. ``elsewhere`` gives an answer that does not come
        by the form: it is filled in as if a person had. Raises RenderStopped where nobody answers
        within ``fleet.answer_seconds``, Adjourned where the run is to end until somebody does.
        """
        async with self._one_at_a_time, get_client() as client:
            if self._adjourned is not None:
                raise self._adjourned
            run_id, keyset = _run_id(), keyset_from_base_key(f"longtake-{about}")
            if (given := await _given(client, run_id, keyset, form)) is not None:
                return given
            await self._render.ledger.flush()  # others look at what was measured, meanwhile
            self._note("paused", question)
            await self._pause(client, run_id, keyset, form, why)
            try:
                answer = await self._answer(client, run_id, keyset, form, why, elsewhere)
            except asyncio.CancelledError:
                with suppress(Exception):  # the process ends all the same, and its time is short
                    await _nobody_waits(client, run_id)
                raise
            self._note("running", None)
            return answer

    async def settled(self, about: str) -> None:
        """The answer has taken effect; it is not to be found again."""
        run_id, keyset = _run_id(), keyset_from_base_key(f"longtake-{about}")
        async with get_client() as client:
            if await _value(client, run_id, keyset["response"]):
                await client.delete_flow_run_input(run_id, keyset["response"])

    async def _pause(
        self, client: PrefectClient, run_id: UUID, keyset: Keyset, form: type[Form], why: str
    ) -> None:
        seconds = int(self._render.settings.fleet.answer_seconds)
        # Prefect forgets what was answered to a keyset once a run pauses with it, and refuses a
        # pause key that it has seen: the one is the question's name, the other new each time.
        state: State[Any] = Paused(
            timeout_seconds=seconds,
            pause_key=uuid4().hex,
            message=why,
            state_details=StateDetails(run_input_keyset=dict(keyset)),
        )
        said = await client.set_flow_run_state(run_id, state)
        if said.status is not SetStateStatus.ACCEPT:
            now = (await client.read_flow_run(run_id)).state
            if now is None or not now.is_running():
                # Declared dead while it lived, it has begun again elsewhere, or was cancelled.
                raise self._leave("the run goes on, or waits, without this process")
            raise OperatorError(f"the run cannot be paused for a person: {said.details}")
        await form.asave(keyset, run_id)
        get_run_logger().info("waiting for a person: this run's menu has Resume, with a form")

    async def _answer(
        self,
        client: PrefectClient,
        run_id: UUID,
        keyset: Keyset,
        form: type[Form],
        why: str,
        elsewhere: Callable[[], Awaitable[Form | None]] | None,
    ) -> Form:
        clock, fleet = self._render.clock, self._render.settings.fleet
        began = clock.monotonic()
        while True:
            await clock.sleep(LOOK_SECONDS)
            look = partial(client.read_flow_run, run_id)
            run = await outlasting(look, clock, fleet.takeover_seconds)
            state = run.state
            if state is not None and state.is_running():
                if (given := await _given(client, run_id, keyset, form)) is not None:
                    return given
                if not form.model_fields and state.name not in PHASES:
                    return form()  # there was nothing to fill in, and Prefect keeps no empty answer
                # Resumed without the form, or a phase's name that was on its way came after the
                # pause. Nobody has decided anything.
                await self._pause(client, run_id, keyset, form, why)
                continue
            waited = clock.monotonic() - began
            if waited > fleet.answer_seconds:
                raise RenderStopped("nobody answered in time; render again to be asked again")
            if state is None or not state.is_paused():
                raise self._leave("the run is not waiting any more")
            if elsewhere is not None and (filled := await elsewhere()) is not None:
                await client.resume_flow_run(run_id, run_input=filled.model_dump(mode="json"))
                continue
            if waited > fleet.stay_seconds and _begins_again(run) and self._idle():
                raise self._leave("the run ends until somebody has answered")

    def _leave(self, why: str) -> Adjourned:
        self._adjourned = Adjourned(why)
        self._on_leaving(self._adjourned)
        return self._adjourned

    def _note(self, state: str, question: Question | None) -> None:
        report = self._render.report
        report.record.note(state=state, question=question)
        report.journal.write()


def as_asked(shown: Sequence[ShownTake]) -> list[AskedTake]:
    """The takes as the record has them while a person is asked."""
    return [
        AskedTake(clip=take.clip_id, fingerprint=take.fingerprint, sha256=take.sha256)
        for take in shown
    ]


@asynccontextmanager
async def adjourning() -> AsyncIterator[None]:
    """Leave the run to its form when the block ends by Adjourned: suspended, without a process."""
    try:
        yield
    except Adjourned as adjourned:
        await _fall_silent()
        async with get_client() as client:
            state = await _suspended(client, _run_id())
        raise Pause(str(adjourned), state=state) from None


async def _fall_silent() -> None:
    """Send no more signs of life: one that came after the suspension would be waited on in vain.

    The server would then declare dead a run that waits for a person. Prefect's beats end with the
    state of the run as its own process knows it; a beat that is on its way has a moment to come.
    """
    if (run := flow_run_here()) is not None:
        run.state = Cancelled(message="This process is done with it.")
        await asyncio.sleep(LOOK_SECONDS)


async def _suspended(client: PrefectClient, run_id: UUID) -> State[Any] | None:
    """Make the paused run one that its answer schedules; at once, if that has just come."""
    state = (await client.read_flow_run(run_id)).state
    if state is None or state.type not in {StateType.PAUSED, StateType.RUNNING}:
        return state  # somebody has cancelled it, or declared it dead
    keyset = state.state_details.run_input_keyset
    if state.is_paused():
        details = state.state_details
        waiting: State[Any] = Suspended(
            pause_expiration_time=details.pause_timeout,
            pause_key=details.pause_key,
            message=state.message,
            state_details=StateDetails(run_input_keyset=keyset),
        )
        await client.set_flow_run_state(run_id, waiting, force=True)
        if keyset is None or not await _value(client, run_id, keyset["response"]):
            return waiting
    resuming: State[Any] = Scheduled(name=RESUMING)
    await client.set_flow_run_state(run_id, resuming, force=True)
    return resuming


async def _nobody_waits(client: PrefectClient, run_id: UUID) -> None:
    """Say that a paused run has ended, where no answer could begin it again: its process is ending.

    Prefect's engine says so too, but only after all else is closed, and that may be cut short.
    """
    with anyio.move_on_after(LAST_WORD_SECONDS, shield=True):
        run = await client.read_flow_run(run_id)
        if run.state is not None and run.state.is_paused() and not _begins_again(run):
            said: State[Any] = Crashed(message="Ended while it waited; render again to be asked.")
            await client.set_flow_run_state(run_id, said)


async def _given(
    client: PrefectClient, run_id: UUID, keyset: Keyset, form: type[Form]
) -> Form | None:
    """The answer that lies with Prefect, if there is one."""
    if not await _value(client, run_id, keyset["response"]):
        return None
    return await form.aload(keyset, run_id)


async def _value(client: PrefectClient, run_id: UUID, key: str) -> str | None:
    found = await client.filter_flow_run_input(run_id, key, limit=1, exclude_keys=set())
    return found[0].value if found else None


def _begins_again(run: FlowRun) -> bool:
    """Whether somebody would start the run again: a worker, or a process serving it."""
    return run.deployment_id is not None and run.parent_task_run_id is None


def _run_id() -> UUID:
    if (run := flow_run_here()) is None:
        raise OperatorError("a person can be asked only within a Prefect flow run")
    return run.id
