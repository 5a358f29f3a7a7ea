"""A run that waits for a person: for credits, or for a look at what was made."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState
from prefect.client.schemas.filters import FlowRunFilterStateType as WithState
from prefect.client.schemas.objects import StateType
from prefect.exceptions import Pause
from prefect.flow_runs import aresume_flow_run
from prefect.settings import get_current_settings

from flows.render import render_storyboard
from longtake.emulator import RunningEmulator
from longtake.ledger import Ledger, ShownTake, Verdict
from longtake.record import ClipRecord, Question, RunRecord, Stage, read_run, watching
from tests.end_to_end.conftest import Ending, Harness

pytestmark = pytest.mark.slow  # each pause is seen within two seconds, and there are eight

PATIENCE_SECONDS = 900
"""For a whole test: on a machine that is busy with other work each of its renders takes minutes."""

SHORT = """\
title: Short
look: {seed: 7}
scenes:
  - name: walk
    shots:
      - {prompt: a path at dusk, seconds: 1}
      - {prompt: the path goes on, seconds: 1}
"""


async def paused_run() -> tuple[UUID, str]:
    """The run that is waiting, once one is, and what its form tells the person."""
    with_state = FlowRunFilterState(type=WithState(any_=[StateType.PAUSED]))
    async with get_client() as client:
        while True:
            runs = await client.read_flow_runs(flow_run_filter=FlowRunFilter(state=with_state))
            if runs:
                break
            await asyncio.sleep(0.2)
        details = runs[0].state.state_details if runs[0].state else None
        keyset = details.run_input_keyset if details else None
        assert keyset is not None
        inputs = await client.filter_flow_run_input(
            runs[0].id, keyset["description"], limit=1, exclude_keys=set()
        )
    if not inputs:  # it comes a moment after the pause
        return await paused_run()
    return runs[0].id, inputs[0].value


async def answer(**answers: Any) -> str:
    """Fill in the form of the run that waits; returns what it said."""
    run, said = await paused_run()
    await aresume_flow_run(run, run_input=answers)
    return said


async def render_with_answers(
    harness: Harness, *answers: Mapping[str, Any], render: Mapping[str, Any]
) -> tuple[Ending, list[str]]:
    """Render, and answer each form in turn; returns what the forms said as well."""
    with harness.emulator() as emulator:
        ending = asyncio.create_task(harness.render_on(emulator, SHORT, **render))
        async with asyncio.timeout(PATIENCE_SECONDS):
            said = [await answer(**each) for each in answers]
            return await ending, said


def top_up(emulator: RunningEmulator) -> None:
    """Give the account five more dollars."""
    httpx.post(
        f"{emulator.base_url}/emulator/credits",
        params={"usd": 5},
        headers={"x-api-key": "a-key-for-tests"},
        trust_env=False,
    ).raise_for_status()


async def test_a_shot_is_approved_before_what_follows_is_paid_for(harness: Harness) -> None:
    with harness.emulator() as emulator:
        ending = asyncio.create_task(harness.render_on(emulator, SHORT, approve="each-shot"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await paused_run()
            paid_before = len(emulator.emulator.requests)
            said = [await answer(decision="approve"), await answer(decision="approve")]
            done = await ending
    assert paid_before == 1
    assert "walk/1.1" in said[0]
    assert "a path at dusk" in said[0]
    assert "walk/2.1" in said[1]
    assert done.error is None
    assert done.run.film is not None

    again = await harness.render(SHORT, render={"approve": "each-shot"})
    assert (again.error, len(again.accepted)) == (None, 0)  # decided before: nobody is asked


async def test_a_run_that_is_resumed_without_an_answer_asks_again(harness: Harness) -> None:
    with harness.emulator() as emulator:
        ending = asyncio.create_task(harness.render_on(emulator, SHORT, approve="each-scene"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            run, _ = await paused_run()
            await aresume_flow_run(run)  # as `prefect flow-run resume` does
            await asyncio.sleep(0.5)
            said = await answer(decision="stop", note="nobody had looked")
            done = await ending
    assert "walk/1.1" in said
    assert "nobody had looked" in str(done.error)


async def test_a_rejected_take_is_taken_again_and_its_followers_with_it(
    harness: Harness,
) -> None:
    done, said = await render_with_answers(
        harness,
        {"decision": "retake", "retake": ["walk/1.1"], "note": "the path is upside down"},
        {"decision": "approve"},
        render={"approve": "each-scene"},
    )
    assert done.error is None
    assert len(said) == 2
    assert [clip.take for clip in done.run.clips.values()] == [2, 1]
    assert len(done.accepted) == 4  # both clips, then both again
    async with Ledger.open(harness.folder / "ledger.sqlite") as ledger:
        slates = await ledger.slates()
        verdicts = await ledger.verdicts([slate.fingerprint for slate in slates])
    named = {(s.clip_id, s.take_number): verdicts.get(s.fingerprint) for s in slates}
    assert named[("walk/1.1", 1)] is Verdict.REJECTED
    assert named[("walk/1.1", 2)] is Verdict.APPROVED

    again = await harness.render(SHORT)
    assert (again.error, len(again.accepted)) == (None, 0)
    assert again.run.clips["walk/1.1"].take == 2


async def question_in(folder: Path, *, other_than: str = "") -> Question:
    """What the render in ``folder`` asks, by its record, once it asks something new."""
    while True:
        run = read_run(folder / "run.json")
        if run and run.state == "paused" and run.question and run.question.about != other_than:
            return run.question
        await asyncio.sleep(0.2)


async def test_what_is_decided_in_the_ledger_answers_the_form_and_is_asked_about_again(
    harness: Harness,
) -> None:
    with harness.emulator() as emulator:
        ending = asyncio.create_task(harness.render_on(emulator, SHORT, approve="each-scene"))
        async with (
            asyncio.timeout(PATIENCE_SECONDS),
            Ledger.open(harness.folder / "ledger.sqlite") as ledger,
        ):
            asked = await question_in(harness.folder / "out")
            shown = [ShownTake(each.clip, each.fingerprint, each.sha256) for each in asked.takes]
            rejected = {"walk/1.1": Verdict.REJECTED}
            await ledger.decide_shown(shown, rejected, "by somebody else")
            again = await question_in(harness.folder / "out", other_than=asked.about)
            shown = [ShownTake(each.clip, each.fingerprint, each.sha256) for each in again.takes]
            approved = {take.clip_id: Verdict.APPROVED for take in shown}
            await ledger.decide_shown(shown, approved, "better")
            done = await ending
            said = await ledger.decisions(
                [each.fingerprint for each in [*asked.takes, *again.takes]]
            )
    assert done.error is None
    assert done.run.clips["walk/1.1"].take == 2
    assert done.run.question is None
    assert len(done.accepted) == 4  # both clips, and both again: the second continues the first
    assert sorted({each.note for each in said.values()}) == ["better", "by somebody else"]


async def test_a_person_may_stop_the_render_and_keeps_what_is_paid_for(
    harness: Harness,
) -> None:
    done, _ = await render_with_answers(
        harness, {"decision": "stop", "note": "not today"}, render={"approve": "each-shot"}
    )
    assert "not today" in str(done.error)
    assert len(done.accepted) == 1
    assert done.run.clips["walk/1.1"].stage.ended_well


async def test_a_run_that_another_process_of_it_has_suspended_is_left_to_its_form(
    harness: Harness,
) -> None:
    api, suspended = get_current_settings().api.url, {"type": "PAUSED", "name": "Suspended"}
    runs: set[str] = set()

    def elsewhere(run: RunRecord, clip: ClipRecord | None) -> None:
        if clip is not None and clip.stage is Stage.STORED and not runs:
            runs.add(run.run_id)
            said = {"state": suspended, "force": True}
            httpx.post(f"{api}/flow_runs/{run.run_id}/set_state", json=said, timeout=300)

    with harness.emulator() as emulator, watching(elsewhere), pytest.raises(Pause):
        await harness.render_on(emulator, SHORT, approve="each-shot")
    async with get_client() as client:
        (run_id,) = (UUID(each) for each in runs)
        state = (await client.read_flow_run(run_id)).state
        await client.delete_flow_run(run_id)  # the others here look for runs that wait
    assert state is not None
    assert state.name == "Suspended"
    record = read_run(harness.folder / "out/run.json")
    assert record is not None
    assert record.state == "paused"


async def test_out_of_credits_waits_for_them_and_goes_on(harness: Harness) -> None:
    with harness.emulator(credits_usd=0.15) as emulator:
        render = {"out_of_credits": "pause"}
        ending = asyncio.create_task(harness.render_on(emulator, SHORT, **render))
        async with asyncio.timeout(PATIENCE_SECONDS):
            run, said = await paused_run()
            top_up(emulator)
            await aresume_flow_run(run, run_input={})
            done = await ending
    assert "out of credits" in said
    assert "walk/2.1" in said
    assert done.error is None
    assert len(done.accepted) == 2  # one before, one after: nothing twice
    assert done.run.film is not None


async def test_out_of_credits_stops_where_nobody_could_answer(harness: Harness) -> None:
    done = await harness.render(SHORT, credits_usd=0.15)
    assert type(done.error).__name__ == "OutOfCredits"
    assert done.run.clips["walk/1.1"].stage.ended_well


async def test_a_storyboard_may_be_handed_in_as_text(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(harness.folder)
    with harness.emulator() as emulator:
        profile = harness.profile(emulator.base_url)
        film = await render_storyboard(SHORT, profile=str(profile))
    folder = harness.folder / "renders"
    assert next(place.name for place in folder.iterdir()).startswith("short-")
    assert str(folder) in film
