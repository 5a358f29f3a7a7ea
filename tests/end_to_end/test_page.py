"""The run page as Prefect's API has it after whole renders."""

from __future__ import annotations

import asyncio
import gc
import warnings
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from prefect import flow, runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    ArtifactFilter,
    ArtifactFilterFlowRunId,
    FlowRunFilter,
    FlowRunFilterId,
    LogFilter,
    LogFilterFlowRunId,
)
from prefect.client.schemas.objects import Artifact, Log
from prefect.logging.handlers import APILogHandler
from prefect.states import Cancelling

from flows.chain import LONG_FILM
from flows.render import render_storyboard
from longtake.emulator import Action, Endpoint, Fault, FaultScript
from longtake.emulator.faults import Match
from longtake.errors import LongtakeError
from longtake.record import ClipRecord, RunRecord, read_run, watching
from longtake.rendering.host import Host
from longtake.rendering.render_identity import one_render
from tasks.run_page.ending import ending
from tasks.run_states import attempts, name_state
from tests.end_to_end.conftest import STORYBOARD, Ending, Harness

KEY = "a-key-for-tests"


@pytest.fixture(scope="module", autouse=True)
def swept() -> Iterator[None]:
    """Sockets that Prefect's workers leave are collected here, not in somebody else's test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


async def page_of(run: RunRecord) -> str:
    """The film's page: the run's only artifact, but for results that Prefect keeps itself."""
    (page,) = [each for each in await artifacts_of(run) if each.key]
    assert page.key == "two-ways-film"
    return str(page.data)


async def artifacts_of(run: RunRecord) -> list[Artifact]:
    wanted = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[UUID(run.flow_run_id)]))
    async with get_client() as client:
        return await client.read_artifacts(artifact_filter=wanted)


async def logs_of(run: RunRecord) -> list[Log]:
    await APILogHandler.aflush()
    wanted = LogFilter(flow_run_id=LogFilterFlowRunId(any_=[UUID(run.flow_run_id)]))
    async with get_client() as client:
        return await client.read_logs(wanted, limit=200)


def state_names(history: Sequence[object]) -> list[str]:
    return [str(getattr(state, "name", None)) for state in history]


async def test_a_render_leaves_its_film_its_clips_and_its_pictures_on_the_run_page(
    plain: Ending,
) -> None:
    page = await page_of(plain.run)
    rows = [
        line.split(" | ") for line in page.splitlines() if "/1.1 | " in line or "/2.1 | " in line
    ]
    assert [(clip, state, cells[3]) for clip, state, *cells in rows] == [
        ("| chained/1.1", "stored", "0.10"),
        ("| chained/2.1", "stored", "0.09"),
        ("| alone/1.1", "stored", "0.10"),
    ]
    assert page.count("data:image/jpeg;base64,/9j/") == 3
    assert "**completed** · 3 of 3 clips there, 0.29 USD spent" in page
    assert "■■■■■■■■■■ 100 %" in page
    assert str(plain.film) in page


async def test_a_run_is_found_by_the_title_of_its_film(plain: Ending) -> None:
    async with get_client() as client:
        run = await client.read_flow_run(UUID(plain.run.flow_run_id))
    assert run.tags == ["two-ways"]


async def test_the_runs_state_is_called_by_its_phases(plain: Ending) -> None:
    async with get_client() as client:
        history = await client.read_flow_run_states(UUID(plain.run.flow_run_id))
    names = state_names(sorted(history, key=lambda state: state.timestamp))
    assert names[:3] == ["Pending", "Running", "Rendering"]
    assert names[-1] == "Completed"


async def test_the_lines_of_a_clip_are_found_at_its_tasks_and_there_are_few(plain: Ending) -> None:
    logs = await logs_of(plain.run)
    said = {log.message.partition(":")[0]: log.task_run_id for log in logs}
    assert said["alone/1.1 submitted"] is not None
    assert said["alone/1.1 stored"] not in (None, said["alone/1.1 submitted"])
    ours = [log for log in logs if "Finished in state" not in log.message]
    assert len(ours) <= 3 * len(plain.run.clips) + 4


@pytest.mark.thorough
async def test_a_render_that_misses_a_clip_says_which_and_why(harness: Harness) -> None:
    failing = Fault(on=Endpoint.JOB, do=Action.FAIL, match=Match(prompt="sailing"))
    ending = await harness.render(faults=[failing])
    page = await page_of(ending.run)
    assert "## Missing" in page
    assert "| alone/1.1 | failed |" in page
    assert "100 %" not in page


async def test_a_render_again_makes_no_pictures_anew(rendered: Harness) -> None:
    ending = await rendered.render()
    assert ending.error is None
    page = await page_of(ending.run)
    assert "3 reused (0.29 USD when they were made)" in page
    assert "data:image" not in page


async def test_a_cancelled_render_leaves_a_page_that_says_what_still_runs(
    harness: Harness,
) -> None:
    (harness.folder / "storyboard.yaml").write_text(STORYBOARD, encoding="utf-8")
    stuck = Fault(on=Endpoint.JOB, do=Action.STUCK)
    out = harness.folder / "out"
    with harness.emulator(faults=FaultScript(faults=(stuck,))) as emulator:
        profile = harness.profile(emulator.base_url)
        both_accepted = asyncio.Event()

        def watch(run: RunRecord, clip: ClipRecord | None) -> None:
            if sum(clip.request_id is not None for clip in run.clips.values()) == 2:
                both_accepted.set()

        with watching(watch):
            rendering = asyncio.create_task(
                render_storyboard(str(harness.folder / "storyboard.yaml"), str(out), str(profile))
            )
        await asyncio.wait_for(both_accepted.wait(), timeout=60)
        rendering.cancel()
        with pytest.raises((asyncio.CancelledError, LongtakeError)):
            await rendering
    run = read_run(out / "run.json")
    assert run is not None
    page = await page_of(run)
    assert "**interrupted**" in page
    assert "## Still running at the service" in page
    for request in emulator.emulator.requests:
        assert request.request_id in page


@pytest.mark.thorough
async def test_a_render_that_began_before_its_flow_has_its_page_too(harness: Harness) -> None:
    one = "title: Two ways\nscenes:\n  - name: Alone\n    shots: [{prompt: a hill, seconds: 1}]\n"
    with one_render(Host(), pace=1, emulated=False, captions=False):  # as the command does
        run = (await harness.render(one)).run
    assert run.run_id != run.flow_run_id
    assert "1 of 1 clips there" in await page_of(run)


@pytest.mark.slow
async def test_a_long_films_chains_are_what_the_run_graph_has(harness: Harness) -> None:
    shots = ", ".join("{prompt: a hill, seconds: 1}" for _ in range(LONG_FILM // 4 + 1))
    scenes = "".join(f"  - name: {name}\n    shots: [{shots}]\n" for name in "abcd")
    run = (await harness.render(f"title: Long\nscenes:\n{scenes}")).run
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(run.flow_run_id)]))
    async with get_client() as client, asyncio.timeout(60):
        tasks = await client.read_task_runs(flow_run_filter=wanted)
        while not all(task.state and task.state.is_final() for task in tasks):
            tasks = await client.read_task_runs(flow_run_filter=wanted)
    assert len(run.clips) > LONG_FILM
    names = {task.name for task in tasks}
    assert names == {"a/1-6", "b/1-6", "c/1-6", "d/1-6", "assemble Long"}


async def test_the_key_is_in_nothing_that_prefect_was_told(plain: Ending) -> None:
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=[UUID(plain.run.flow_run_id)]))
    async with get_client() as client:
        runs = await client.read_flow_runs(flow_run_filter=wanted)
        tasks = await client.read_task_runs(flow_run_filter=wanted)
        wanted_events = {"event": {"prefix": ["longtake", "prefect"]}}
        events = await client.request(
            "POST", "/events/filter", json={"filter": wanted_events, "limit": 50}
        )
    told = [*runs, *tasks, *(await artifacts_of(plain.run)), *(await logs_of(plain.run))]
    text = events.text + "".join(each.model_dump_json() for each in told)
    assert "alone/1.1" in text
    assert KEY not in text


async def test_events_tell_what_each_clip_cost_and_which_run_made_it(plain: Ending) -> None:
    wanted = {
        "event": {"name": ["longtake.clip.stored"]},
        "related": {"id": [f"prefect.flow-run.{plain.run.flow_run_id}"]},
    }
    told: dict[str, dict[str, Any]] = {}
    async with get_client() as client, asyncio.timeout(30):
        while set(told) != set(plain.run.clips):  # the server writes events down in batches
            answer = await client.request("POST", "/events/filter", json={"filter": wanted})
            told = {event["payload"]["clip"]: event for event in answer.json()["events"]}
    clip = plain.run.clips["chained/2.1"]
    event = told[clip.id]
    assert event["resource"]["prefect.resource.id"] == "longtake.clip.two-ways.chained/2.1"
    assert event["payload"]["usd"] == 0.09
    assert event["payload"]["request_id"] == clip.request_id


async def name_mine(name: str) -> bool:
    """Name the state of the run that this is called in."""
    return await name_state(UUID(str(runtime.flow_run.id)), name)


@flow(name="named", persist_result=False)
async def named(names: list[str]) -> list[bool]:
    return [await name_mine(name) for name in names]


@flow(name="twice-named", persist_result=False)
async def counted() -> tuple[int, int]:
    await name_mine("Rendering")
    await name_mine("Assembling")
    async with get_client() as client:
        run = await client.read_flow_run(UUID(str(runtime.flow_run.id)))
    return run.run_count, await attempts()


@flow(name="ends", persist_result=False)
async def ends(run: RunRecord) -> str:
    return ending(run, "film.mp4")  # type: ignore[return-value]  # Prefect unpacks the state


async def test_a_state_is_named_once() -> None:
    assert await named(["Rendering", "Rendering", "Waiting"]) == [True, False, True]


async def test_names_of_phases_do_not_count_as_attempts() -> None:
    assert await counted() == (3, 1)


async def test_outside_of_a_flow_there_is_one_attempt() -> None:
    assert await attempts() == 1


async def test_a_run_that_is_being_cancelled_keeps_its_state() -> None:
    done: list[bool] = []

    @flow(name="cancelled", persist_result=False)
    async def cancelled() -> None:
        async with get_client() as client:
            await client.set_flow_run_state(
                UUID(str(runtime.flow_run.id)), Cancelling(), force=True
            )
        done.append(await name_mine("Rendering"))

    state = await cancelled(return_state=True)
    assert (done, state.name) == ([False], "Cancelling")


@pytest.mark.slow
async def test_a_render_that_paid_nothing_ends_as_reused_and_still_returns_its_film(
    rendered: Harness, plain: Ending
) -> None:
    again = (await rendered.render()).run
    state = await ends(again, return_state=True)
    assert (state.name, state.type.value) == ("Reused", "COMPLETED")
    assert "3 reused" in str(state.message)
    assert await ends(again) == "film.mp4"
    assert (await ends(plain.run, return_state=True)).name == "Completed"
