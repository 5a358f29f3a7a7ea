"""A run's page follows what is reported, until its last word, and hurts no render."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from uuid import UUID

import pytest

from longtake.record import RunRecord, Stage, watching
from tasks.run_page.events import EventSender, RenderEvent
from tasks.run_page.page import PAUSE_SECONDS, RunPage
from tasks.run_states import LAST_WORD_SECONDS
from tests.rendering.run_page.scenes import (
    FILM,
    clip,
    run_of,
    snapshot,
    under_way,
)
from tests.tasks.run_page.notebook import Notebook


def page_on(
    run: RunRecord,
    store: Notebook,
    names: asyncio.Queue[str] | None = None,
    *,
    pause_seconds: float = PAUSE_SECONDS,
    last_word_seconds: float = LAST_WORD_SECONDS,
) -> RunPage:
    async def name(phase: str) -> None:
        if names is not None:
            names.put_nowait(phase)

    events = EventSender(say=lambda happening: None)
    return RunPage(
        snapshot(run),
        store,
        namer=name,
        events=events,
        pause_seconds=pause_seconds,
        last_word_seconds=last_word_seconds,
    )


async def test_the_page_follows_what_is_reported_until_its_last_word() -> None:
    run, store, names = run_of(clip("a/1.1")), Notebook(), asyncio.Queue[str]()
    page = page_on(run, store, names, pause_seconds=0.001)
    following = asyncio.create_task(page.follow())
    with watching(page.watch):
        run.note("a/1.1", stage=Stage.SUBMITTING)
        assert await names.get() == "Rendering"
        run.note("a/1.1", stage=Stage.STORED, usd=0.09)
        run.note(film=FILM, state="completed")
    await page.last_word(following)
    assert "**completed**" in store.latest
    assert "100 %" in store.latest


async def test_a_server_that_is_away_is_reported_once_and_hurts_nobody(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("prefect"), "propagate", True)
    run, store = run_of(under_way("a/1.1")), Notebook(failures=1000)
    page = page_on(run, store)
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

    run, store = run_of(clip("a/1.1")), Notebook()
    page = RunPage(snapshot(run), store, namer=name, events=EventSender(say=broken))
    with watching(page.watch):
        run.note("a/1.1", stage=Stage.QUEUED)
    await page.update()
    assert "0 %" in store.latest


async def test_reports_of_another_run_are_not_for_this_page() -> None:
    mine, other, store = run_of(clip("a/1.1")), run_of(clip("a/1.1")), Notebook()
    heard: list[RenderEvent] = []

    async def unnamed(phase: str) -> None:
        """The run keeps its name."""

    page = RunPage(snapshot(mine), store, namer=unnamed, events=EventSender(say=heard.append))
    with watching(page.watch):
        other.note("a/1.1", stage=Stage.QUEUED)
    assert heard == []


async def test_the_last_word_is_bounded_when_the_server_hangs() -> None:
    class Hanging(Notebook):
        async def create(self, page: str) -> UUID:
            await asyncio.Event().wait()
            return await super().create(page)

    page = page_on(run_of(clip("a/1.1")), Hanging(), last_word_seconds=0.05)
    following = asyncio.create_task(page.follow())
    await asyncio.wait_for(page.last_word(following), timeout=5)
    with suppress(asyncio.CancelledError):
        await following


async def test_the_last_word_is_written_though_the_render_is_cancelled() -> None:
    run, store = run_of(under_way("a/1.1")), Notebook()
    page = page_on(run, store)

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
    assert "Still running at the service" in store.latest


async def test_the_last_word_is_written_though_the_whole_process_is_told_to_end() -> None:
    run, store = run_of(under_way("a/1.1")), Notebook()
    page = page_on(run, store)
    following = asyncio.create_task(page.follow())
    await asyncio.sleep(0)
    following.cancel()  # as asyncio.run does with every task when SIGTERM comes
    run.state = "interrupted"
    await page.last_word(following)
    assert "Still running at the service" in store.latest
