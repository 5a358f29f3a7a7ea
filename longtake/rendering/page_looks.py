"""One page of the request history tells of many jobs at once; who has ended is looked at at once.

A row is never taken at its word: it says whom to look at sooner. Rows may show late, and how late
is nowhere said. So some looks at a job stay looks at itself, and where pages tell of nothing before
those do, they are asked for no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from longtake.errors import LongtakeError
from longtake.rendering.looks_shares import looks_share

if TYPE_CHECKING:
    from longtake.rendering.render import Render

LEAST_JOBS = 8
"""Jobs in flight from which a page tells more than a look does."""

LOOKS_IN_A_ROW = 3
"""Of so many looks at a job one is at itself, the others are at pages: they serve all jobs."""

MOST_IN_VAIN = 8
"""Ends in a row that no page told of, or pages that could not be read, until none is asked for."""

_ENDED = frozenset({"COMPLETED", "FAILED"})
_ROWS_A_JOB = 2  # others of the account send, too


class Watched:
    """A job that is watched: since when, and whether a page has told of its end.

    It was sent ``at`` seconds of the monotonic clock, usually needs ``usual`` seconds, and what has
    to wait for it ``after`` more. ``page`` is the number of the last page that had it.
    """

    def __init__(self, since: datetime, at: float, usual: float, after: float) -> None:
        self.since = since
        self.at = at
        self.usual = usual
        self.after = after
        self.told = asyncio.Event()
        self.looks = 0
        self.page = 0

    def chain_ends(self, now: float) -> float:
        """When its chain will have been made, as is to be expected at ``now``."""
        return max(self.at + self.usual, now) + self.after


class PageLooks:
    """The jobs that a render watches, and the pages that tell of them."""

    def __init__(self) -> None:
        self._jobs: dict[str, Watched] = {}
        self._in_vain = 0
        self._asking = asyncio.Lock()
        self._pages = 0

    def __len__(self) -> int:
        return len(self._jobs)

    @contextmanager
    def watching(self, request_id: str, job: Watched) -> Iterator[None]:
        """One job more is watched."""
        self._jobs[request_id] = job
        try:
            yield
        finally:
            self._jobs.pop(request_id, None)

    def share(self, job: Watched, now: float) -> float:
        """How many times an equal share of all looks the job gets (see ``looks_share``)."""
        ends = [each.chain_ends(now) for each in self._jobs.values()]
        return looks_share(ends, job.chain_ends(now), job.usual)

    async def sleep(self, render: Render, job: Watched, seconds: float) -> bool:
        """Let time pass until the next look; whether a page has told of the job's end meanwhile."""
        if not self._are_useful:
            await render.clock.sleep(seconds)
            return False
        slept = asyncio.ensure_future(render.clock.sleep(seconds))
        told = asyncio.ensure_future(job.told.wait())
        try:
            await asyncio.wait({slept, told}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            slept.cancel()
            told.cancel()
        return job.told.is_set()

    async def say_no_end(self, render: Render, job: Watched) -> bool:
        """Whether it is this job's turn to ask for a page, and that does not tell of its end."""
        job.looks += 1
        if job.looks % LOOKS_IN_A_ROW == 1 or not self._are_useful:
            return False
        before = self._pages
        async with self._asking:
            if self._pages == before:  # else another has just asked
                await self._ask(render)
        return job.page > before and not job.told.is_set()

    def found(self, job: Watched, *, ended: bool) -> None:
        """What a look at the job itself has found."""
        if job.told.is_set() == ended:
            self._in_vain = 0 if ended else self._in_vain
        elif self._are_useful:
            self._in_vain += 1
        job.told.clear()

    @property
    def _are_useful(self) -> bool:
        return len(self._jobs) >= LEAST_JOBS and self._in_vain < MOST_IN_VAIN

    async def _ask(self, render: Render) -> None:
        since = min(job.since for job in self._jobs.values())
        try:
            rows = await render.client.newest(since, _ROWS_A_JOB * len(self._jobs))
        except LongtakeError:
            self._in_vain += 1  # a look at a job says what is wrong
            return
        self._pages += 1
        for row in rows:
            if (job := self._jobs.get(row.request_id)) is not None:
                job.page = self._pages
                if row.status in _ENDED:
                    job.told.set()
