"""A page of the history tells of many jobs, and is never taken at its word."""

from __future__ import annotations

import asyncio
import json
from contextlib import ExitStack
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from longtake.clock import SystemClock
from longtake.emulator import Action, Endpoint, Fault
from longtake.errors import ServiceUnavailable
from longtake.rendering.page_looks import LEAST_JOBS, MOST_IN_VAIN, PageLooks, Watched
from longtake.segmind import HistoryRow
from tests.rendering.plain import Workshop, board
from tests.rendering.tiny import TinyHost, tiny_emulator

SINCE = datetime(2026, 2, 3, tzinfo=UTC)


class Clock:
    """Time stands still: who waits for it waits for ever."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


class Client:
    """Gives pages that tell of these jobs as ended; or fails."""

    def __init__(self) -> None:
        self.ended: set[str] = set()
        self.asked: list[tuple[datetime, int]] = []
        self.fails = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def newest(self, since: datetime, count: int) -> list[HistoryRow]:
        self.asked.append((since, count))
        await self.gate.wait()
        if self.fails:
            raise ServiceUnavailable("away", operation="history")
        names = [*map(str, range(LEAST_JOBS)), "another's"]
        return [
            HistoryRow(name, status="COMPLETED" if name in self.ended else "PENDING")
            for name in names
        ]


class Scene:
    """So many jobs that are watched, and a service."""

    def __init__(self, stack: ExitStack, count: int = LEAST_JOBS) -> None:
        self.client = Client()
        self.pages = PageLooks()
        self.render: Any = SimpleNamespace(client=self.client, clock=Clock())
        self.jobs = [Watched(SINCE, at=0, usual=54, after=0) for _ in range(count)]
        for number, job in enumerate(self.jobs):
            stack.enter_context(self.pages.watching(str(number), job))

    async def looks(self, job: Watched, count: int = 1) -> list[bool]:
        return [await self.pages.say_no_end(self.render, job) for _ in range(count)]


@pytest.fixture
def stack() -> Any:
    with ExitStack() as entered:
        yield entered


async def test_two_of_three_looks_are_at_a_page_from_eight_jobs_on(stack: ExitStack) -> None:
    scene = Scene(stack)
    assert await scene.looks(scene.jobs[0], 6) == [False, True, True] * 2
    assert scene.client.asked == [(SINCE, 2 * LEAST_JOBS)] * 4


async def test_fewer_jobs_are_looked_at_one_by_one(stack: ExitStack) -> None:
    scene = Scene(stack, LEAST_JOBS - 1)
    assert await scene.looks(scene.jobs[0], 6) == [False] * 6
    assert scene.client.asked == []


async def test_who_has_ended_by_somebody_elses_page_wakes_at_once(stack: ExitStack) -> None:
    scene = Scene(stack)
    waiting = asyncio.create_task(scene.pages.sleep(scene.render, scene.jobs[3], 100.0))
    await asyncio.sleep(0)
    scene.client.ended = {"3", "another's"}
    assert await scene.looks(scene.jobs[0], 2) == [False, True]
    assert await waiting


async def test_whose_own_page_says_that_it_has_ended_is_looked_at_itself(stack: ExitStack) -> None:
    scene = Scene(stack)
    scene.client.ended = {"0"}
    assert await scene.looks(scene.jobs[0], 2) == [False, False]


async def test_who_asks_while_another_does_gets_the_same_page(stack: ExitStack) -> None:
    scene = Scene(stack)
    for job in scene.jobs:
        await scene.looks(job)
    scene.client.gate.clear()
    asking = [asyncio.create_task(scene.looks(job)) for job in scene.jobs]
    await asyncio.sleep(0)
    scene.client.gate.set()
    assert await asyncio.gather(*asking) == [[True]] * LEAST_JOBS
    assert len(scene.client.asked) == 1


async def test_pages_that_tell_of_nothing_before_looks_do_are_given_up(stack: ExitStack) -> None:
    scene = Scene(stack)
    for _ in range(MOST_IN_VAIN):
        assert await scene.looks(scene.jobs[0], 3) == [False, True, True]
        scene.pages.found(scene.jobs[1], ended=True)
    assert await scene.looks(scene.jobs[0], 3) == [False] * 3


async def test_one_end_that_a_page_told_of_speaks_for_all_pages(stack: ExitStack) -> None:
    scene = Scene(stack)
    for _ in range(MOST_IN_VAIN - 1):
        scene.pages.found(scene.jobs[1], ended=True)
    scene.client.ended = {"2"}
    await scene.looks(scene.jobs[0], 2)
    scene.pages.found(scene.jobs[2], ended=True)
    scene.pages.found(scene.jobs[1], ended=True)
    assert await scene.looks(scene.jobs[3], 2) == [False, True]


async def test_a_page_that_is_ahead_of_the_job_makes_nobody_look_without_a_pause(
    stack: ExitStack,
) -> None:
    scene = Scene(stack)
    scene.client.ended = {"0"}
    await scene.looks(scene.jobs[0], 2)
    scene.pages.found(scene.jobs[0], ended=False)
    waiting = asyncio.create_task(scene.pages.sleep(scene.render, scene.jobs[0], 100.0))
    await asyncio.sleep(0)
    assert not waiting.done()
    waiting.cancel()


async def test_a_page_that_cannot_be_read_is_a_look_at_the_job_instead(stack: ExitStack) -> None:
    scene = Scene(stack)
    scene.client.fails = True
    assert await scene.looks(scene.jobs[0], 4 * MOST_IN_VAIN) == [False] * 4 * MOST_IN_VAIN
    assert len(scene.client.asked) == MOST_IN_VAIN


async def test_a_job_that_is_on_no_page_is_looked_at_itself(stack: ExitStack) -> None:
    scene = Scene(stack, LEAST_JOBS + 1)
    assert await scene.looks(scene.jobs[LEAST_JOBS], 6) == [False] * 6
    assert await scene.looks(scene.jobs[0], 3) == [False, True, True]


class PlainHost(TinyHost):
    """With a clock that is right."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = SystemClock()


@pytest.mark.parametrize("late", [False, True], ids=["rows in time", "rows that come late"])
async def test_eight_jobs_are_paid_once_each_whatever_the_pages_say(
    workshop: Workshop, late: bool
) -> None:
    whole = json.loads(board())
    whole["scenes"] = [{"name": f"scene {at}", "shots": ["a sea"]} for at in range(LEAST_JOBS)]
    hidden = [Fault(on=Endpoint.HISTORY, do=Action.HIDE, seconds=60.0)] if late else []
    with tiny_emulator(workshop, *hidden, pace=300) as emulator:
        ended = await workshop.render(emulator, json.dumps(whole), host=PlainHost())
        pages = emulator.emulator.history_pages
    assert ended.error is None
    assert len(ended.accepted) == LEAST_JOBS
    assert all(clip.file and clip.usd for clip in ended.run.clips.values())
    assert pages > 0


async def test_the_job_on_which_the_film_waits_gets_more_of_the_looks(stack: ExitStack) -> None:
    pages, first = PageLooks(), Watched(SINCE, at=0, usual=54, after=54)
    last, late = (Watched(SINCE, at, usual=54, after=54) for at in (10, 6))
    for number, job in enumerate((first, last, late)):
        stack.enter_context(pages.watching(str(number), job))
    shares = [pages.share(job, now=50) for job in (first, late, last)]
    assert shares == sorted(set(shares))
    overdue = [pages.share(job, now=90) for job in (first, late, last)]
    assert overdue == [1, 1, 1], "all are late: whichever ends last is what the film waits for"
