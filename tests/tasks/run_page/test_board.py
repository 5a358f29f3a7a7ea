"""When panels are written, and what is said aloud."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest

from longtake.record import RunRecord, Stage, watching
from longtake.story.contract import Observation, finding_of
from tasks.run_page.artifacts import CALM_SECONDS, MAX_RINGS, ArtifactWriter, panels
from tasks.run_page.events import EventSender, RenderEvent
from tasks.run_page.page import RunPage
from tasks.run_states import beginnings, phase_of
from tests.tasks.run_page.scenes import (
    FILM,
    NOW,
    Notebook,
    clip,
    run_of,
    snapshot,
    stored,
    under_way,
)


async def test_what_has_not_moved_is_not_sent_again() -> None:
    run, door = run_of(stored("a/1.1"), clip("b/1.1", 2)), Notebook()
    board = ArtifactWriter(panels(run), door)
    for second in (0, 10, 20):
        await board.write(snapshot(run), at_seconds=second)
    assert sorted(what for what, _, _ in door.created) == ["chain-1", "clips", "film", "summary"]
    assert door.updated == []


async def test_a_panel_waits_for_its_time_unless_it_is_the_last_word() -> None:
    run, door = run_of(stored("a/1.1"), under_way("b/1.1", 2)), Notebook()
    board = ArtifactWriter(panels(run), door)
    await board.write(snapshot(run), at_seconds=0)
    run.note("b/1.1", stage=Stage.STORED)
    await board.write(snapshot(run), at_seconds=CALM_SECONDS - 1)
    assert "clips" not in [what for what, _ in door.updated]
    await board.write(snapshot(run), at_seconds=CALM_SECONDS - 1, force=True)
    assert "clips" in [what for what, _ in door.updated]


async def test_a_panel_that_failed_is_due_again_and_keeps_no_other_back() -> None:
    run, door = run_of(stored("a/1.1")), Notebook(failures=1)
    board = ArtifactWriter(panels(run), door)
    with pytest.raises(ConnectionError):
        await board.write(snapshot(run), at_seconds=0)
    assert [what for what, _, _ in door.created] == ["film", "clips"]
    await board.write(snapshot(run), at_seconds=1)
    assert "summary" in [what for what, _, _ in door.created]


async def test_a_chains_ring_hangs_at_a_task_run_of_the_chain() -> None:
    run, door = run_of(under_way("a/1.1"), under_way("b/1.1", 2)), Notebook()
    board = ArtifactWriter(panels(run), door)
    board.task_runs[2] = at = uuid4()
    await board.write(snapshot(run), at_seconds=0)
    hangs = {what: task_run for what, _, task_run in door.created}
    assert (hangs["chain-1"], hangs["chain-2"], hangs["film"]) == (None, at, None)


def test_a_film_of_one_chain_or_of_very_many_has_one_ring() -> None:
    many = [clip(f"s/{number}.1", number) for number in range(MAX_RINGS + 1)]
    for run in (run_of(clip("a/1.1")), run_of(*many)):
        rings = [panel for panel in panels(run) if panel.kind == "progress"]
        assert [ring.what for ring in rings] == ["film"]


class Ears:
    """Hears what is sent."""

    def __init__(self) -> None:
        self.heard: list[RenderEvent] = []
        self.sender = EventSender(say=self.heard.append)

    @property
    def events(self) -> list[str | None]:
        return [happening.event for happening in self.heard]


def test_each_clip_is_announced_when_it_is_submitted_and_when_it_is_stored() -> None:
    ears, run = Ears(), run_of(clip("a/1.1"))
    with watching(ears.sender.watch):
        run.note()
        run.note("a/1.1", stage=Stage.SUBMITTING)
        run.note("a/1.1", stage=Stage.QUEUED, request_id="r1", submitted_at=NOW)
        run.note("a/1.1", stage=Stage.GENERATING)
        run.note("a/1.1", stage=Stage.STORED, usd=0.09, ended_at=NOW + timedelta(seconds=50))
        run.note(state="completed")
    assert ears.events == [
        "longtake.render.started",
        "longtake.clip.submitted",
        "longtake.clip.stored",
        "longtake.render.completed",
    ]
    assert ears.heard[1].resource == "longtake.clip.two-ways.a/1.1"
    assert ears.heard[1].payload["request_id"] == "r1"
    stored_payload = ears.heard[2].payload
    assert (stored_payload["usd"], stored_payload["seconds"], stored_payload["seed"]) == (
        0.09,
        50,
        7,
    )
    assert ears.heard[3].payload["usd"] == 0.09


def test_a_job_that_is_picked_up_again_is_no_second_submit() -> None:
    ears, run = Ears(), run_of(clip("a/1.1"))
    with watching(ears.sender.watch):
        run.note("a/1.1", stage=Stage.QUEUED, request_id="r1")
    assert ears.events == [None]
    assert "picked up" in ears.heard[0].line


def test_a_reached_budget_is_announced_once() -> None:
    ears, run = Ears(), run_of(clip("a/1.1"), clip("b/1.1", 2))
    with watching(ears.sender.watch):
        for clip_id in run.clips:
            run.note(clip_id, stage=Stage.FAILED, error="reached", error_kind="BudgetReached")
    assert ears.events.count("longtake.budget.reached") == 1
    assert ears.events.count("longtake.clip.failed") == 2


def test_a_service_that_departs_from_what_is_assumed_is_announced_once_for_each_assumption() -> (
    None
):
    ears, run = Ears(), run_of(clip("a/1.1"))
    found = [
        finding_of("a/1.1", Observation(name, "16", "24", holds=False))
        for name in ("frame rate", "size")
    ]
    with watching(ears.sender.watch):
        run.note(state="running")
        run.note(findings=found[:1])
        run.note(findings=found)
        run.note(findings=found)
    assert ears.events == ["longtake.render.started", *["longtake.contract.changed"] * 2]
    assert ears.heard[1].payload["assumption"] == "contract frame rate"
    assert ears.heard[1].payload["clip"] == "a/1.1"


def test_a_render_that_was_paused_is_resumed_and_not_started_again() -> None:
    ears, run = Ears(), run_of(clip("a/1.1"))
    with watching(ears.sender.watch):
        for state in ("running", "paused", "running"):
            run.note(state=state)
    assert ears.events == [
        "longtake.render.started",
        "longtake.render.paused",
        "longtake.render.resumed",
    ]


def test_a_cancelled_render_names_the_requests_that_still_run() -> None:
    ears, run = Ears(), run_of(under_way("a/1.1"), stored("b/1.1", 2))
    with watching(ears.sender.watch):
        run.note(state="interrupted")
    assert ears.heard[-1].payload["remote_request_ids"] == ["request-a/1.1"]


def test_a_run_is_called_by_its_phase() -> None:
    assert phase_of(run_of(clip("a/1.1"))) is None
    assert phase_of(run_of(under_way("a/1.1"), clip("a/1.2"))) == "Rendering"
    assert phase_of(run_of(stored("a/1.1"))) == "Assembling"
    assert phase_of(run_of(stored("a/1.1"), film=FILM)) is None
    assert phase_of(run_of(under_way("a/1.1"), state="paused")) is None


def page_on(
    run: RunRecord, door: Notebook, names: asyncio.Queue[str] | None = None, **pace: float
) -> RunPage:
    async def name(phase: str) -> None:
        if names is not None:
            names.put_nowait(phase)

    events = EventSender(say=lambda happening: None)
    return RunPage(snapshot(run), door, namer=name, events=events, **pace)  # type: ignore[arg-type]


async def test_the_page_follows_what_is_reported_until_its_last_word() -> None:
    run, door, names = run_of(clip("a/1.1")), Notebook(), asyncio.Queue[str]()
    page = page_on(run, door, names, pause_seconds=0.001)
    following = asyncio.create_task(page.follow())
    with watching(page.watch):
        run.note("a/1.1", stage=Stage.SUBMITTING)
        assert await names.get() == "Rendering"
        run.note("a/1.1", stage=Stage.STORED, usd=0.09)
        run.note(film=FILM, state="completed")
    await page.last_word(following)
    assert door.latest("film") == 100
    assert "**completed**" in str(door.latest("summary"))


async def test_a_server_that_is_away_is_said_once_and_hurts_nobody(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("prefect"), "propagate", True)
    run, door = run_of(under_way("a/1.1")), Notebook(failures=1000)
    page = page_on(run, door)
    await page.update()
    await page.update()
    complaints = [record for record in caplog.records if "run page" in record.getMessage()]
    assert len(complaints) == 1
    assert "the server is away" in complaints[0].getMessage()


async def test_a_watcher_that_breaks_does_not_reach_the_render() -> None:
    def broken(happening: RenderEvent) -> None:
        raise RuntimeError(happening.line)

    async def name(phase: str) -> None:
        raise RuntimeError(phase)

    run, door = run_of(clip("a/1.1")), Notebook()
    page = RunPage(snapshot(run), door, namer=name, events=EventSender(say=broken))
    with watching(page.watch):
        run.note("a/1.1", stage=Stage.QUEUED)
    await page.update()
    assert door.latest("film") == 0


async def test_reports_of_another_run_are_not_for_this_page() -> None:
    mine, other, door = run_of(clip("a/1.1")), run_of(clip("a/1.1")), Notebook()
    heard: list[RenderEvent] = []
    page = RunPage(snapshot(mine), door, namer=asyncio.sleep, events=EventSender(say=heard.append))  # type: ignore[arg-type]
    with watching(page.watch):
        other.note("a/1.1", stage=Stage.QUEUED)
    assert heard == []


async def test_the_last_word_is_bounded_when_the_server_hangs() -> None:
    class Hanging(Notebook):
        async def create(self, *_: object) -> object:  # type: ignore[override]
            await asyncio.Event().wait()

    page = page_on(run_of(clip("a/1.1")), Hanging(), last_word_seconds=0.05)
    following = asyncio.create_task(page.follow())
    await asyncio.wait_for(page.last_word(following), timeout=5)
    with suppress(asyncio.CancelledError):
        await following


def test_going_on_in_another_process_after_an_answer_is_no_beginning() -> None:
    from prefect.states import AwaitingRetry, Crashed, Pending, Running, Scheduled, Suspended

    answered = [Suspended(), Scheduled(name="Resuming"), Pending(), Running()]
    died = [Crashed(), AwaitingRetry(), Pending(), Running()]
    states = [Pending(), Running(), *answered, *answered, Suspended(), *died]
    history = [
        state.model_copy(update={"timestamp": NOW + timedelta(seconds=second)})
        for second, state in enumerate(states)
    ]
    assert beginnings(history) == 2


async def test_the_last_word_is_written_though_the_render_is_cancelled() -> None:
    run, door = run_of(under_way("a/1.1")), Notebook()
    page = page_on(run, door)

    async def render() -> None:
        following = asyncio.create_task(page.follow())
        try:
            await asyncio.Event().wait()
        finally:
            run.state = "interrupted"
            await page.last_word(following)

    rendering = asyncio.create_task(render())
    await asyncio.sleep(0)
    rendering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await rendering
    assert "Still running at the service" in str(door.latest("summary"))


def test_pauses_and_names_of_phases_are_no_beginnings() -> None:
    from prefect.states import AwaitingRetry, Crashed, Paused, Pending, Running

    states = [
        Pending(),
        Running(),
        Running(name="Rendering"),
        Paused(),
        Running(),
        Crashed(),
        AwaitingRetry(),
        Pending(),
        Running(),
    ]
    history = [
        state.model_copy(update={"timestamp": NOW + timedelta(seconds=second)})
        for second, state in enumerate(states)
    ]
    assert beginnings(history[::-1]) == 2


async def test_the_last_word_is_written_though_the_whole_process_is_told_to_end() -> None:
    run, door = run_of(under_way("a/1.1")), Notebook()
    page = page_on(run, door)
    following = asyncio.create_task(page.follow())
    await asyncio.sleep(0)
    following.cancel()  # as asyncio.run does with every task when SIGTERM comes
    run.state = "interrupted"
    await page.last_word(following)
    assert "Still running at the service" in str(door.latest("summary"))
