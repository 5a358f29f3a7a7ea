"""The page that follows a render: told of every report, it writes at its own pace.

It is a watcher and no step: whatever goes wrong with it is logged once, and the render goes on.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import anyio
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.objects import FlowRun
from prefect.logging import get_logger
from prefect.settings import get_current_settings

from longtake.record import ClipRecord, RunRecord, Watcher, watching
from longtake.rendering.render import Render
from longtake.rendering.run_page.names import key_of, slug_of
from longtake.rendering.run_page.rounds import Rounds
from longtake.rendering.run_page.snapshot import Snapshot
from longtake.rendering.run_page.thumbnails import Thumbnails
from tasks.prefect_server import lasting_server
from tasks.run_page.artifact import (
    CALM_SECONDS,
    UNSEEN_SECONDS,
    ArtifactStore,
    ArtifactWriter,
    PrefectArtifacts,
)
from tasks.run_page.events import EventSender, say_line
from tasks.run_page.index import FilmIndex
from tasks.run_states import LAST_WORD_SECONDS, flow_run_here, name_state, phase_of

PAUSE_SECONDS = 2.0
"""The shortest time between two rounds of writing."""

LOOK_SECONDS = 15.0
"""Without any report, how long until elapsed times are brought up to date."""

PICTURES_A_ROUND = 8

Namer = Callable[[str], Awaitable[object]]
Teller = Callable[[], Awaitable[object]]


async def _nothing() -> None:
    """There is nobody to tell."""


class RunPage:
    """Follows the run of ``snapshot`` and writes to Prefect; hand ``watch`` to ``watching``.

    ``tagger`` is called first, ``namer`` with the name of each phase that the run enters, and
    ``indexer`` whenever the render has another state. It writes at most every ``pause_seconds``,
    and the last word within ``last_word_seconds``.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        store: ArtifactStore,
        *,
        namer: Namer,
        events: EventSender | None = None,
        tagger: Teller = _nothing,
        indexer: Teller = _nothing,
        pause_seconds: float = PAUSE_SECONDS,
        calm_seconds: float = CALM_SECONDS,
        last_word_seconds: float = LAST_WORD_SECONDS,
    ) -> None:
        self._artifact = ArtifactWriter(store, calm_seconds)
        self.run = snapshot.run
        self._first = snapshot
        self._events = events or EventSender()
        self._namer = namer
        self._tagger = tagger
        self._indexer = indexer
        self._rounds = Rounds(LOOK_SECONDS, pause_seconds)
        self._last_word_seconds = last_word_seconds
        self._indexed: str | None = None
        self._thumbnails = Thumbnails(self.run)
        self._phase: str | None = None
        self._warned = False

    def watch(self, run: RunRecord, clip: ClipRecord | None) -> None:
        """Take a report; it is written with the next round. Never raises."""
        if run is not self.run:
            return
        with self._forgiving():
            self._events.watch(run, clip)
        self._rounds.hurry()

    async def follow(self) -> None:
        """Write until ``last_word`` is asked for, at most every so often."""
        with self._forgiving():
            await self._tagger()
        async for _ in self._rounds:
            await self.update()

    async def update(self) -> None:
        """One round: the phase's name, a few thumbnails, and the page if it is due."""
        with self._forgiving():
            await self._name_phase()
        with self._forgiving():
            await self._take_pictures(partial(self._thumbnails.make, PICTURES_A_ROUND))
        await self._write()
        await self._index()

    async def _index(self) -> None:
        if self._indexed == self.run.state:
            return
        self._indexed = self.run.state
        with self._forgiving():
            await self._indexer()

    async def last_word(self, following: asyncio.Task[None]) -> None:
        """Bring everything up to date once more, in bounded time, cancelled or not.

        The round that is under way ends first: what it has just created must not be made twice.
        """
        self._rounds.end()
        with anyio.move_on_after(self._last_word_seconds, shield=True) as scope:
            # Not awaited itself: a process that is told to end has cancelled it already.
            await asyncio.wait([following])
            if self._thumbnails.missing > PICTURES_A_ROUND:  # they may take too long
                await self._write(force=True)
                await self._index()
            with self._forgiving():
                await self._take_pictures(self._thumbnails.finish)
            await self._write(force=True)
            await self._index()  # of what was just written
        if scope.cancelled_caught:
            following.cancel()
            self._warn(TimeoutError(f"no answer within {self._last_word_seconds:g} s"))

    async def _write(self, *, force: bool = False) -> None:
        with self._forgiving():
            await self._artifact.write(self.snapshot(), at_seconds=time.monotonic(), force=force)

    def snapshot(self) -> Snapshot:
        """The render as it stands now."""
        return replace(self._first, now=datetime.now(UTC), pictures=self._thumbnails.made)

    async def _name_phase(self) -> None:
        before, self._phase = self._phase, phase_of(self.run)
        if self._phase is not None and self._phase != before:
            await self._namer(self._phase)

    async def _take_pictures(self, take: Teller) -> None:
        if self.run.totals.made:  # else the sheet of the render that made them stands already
            await take()

    @contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Whatever goes wrong with the page is the page's own matter."""
        try:
            yield
        except Exception as error:
            self._warn(error)

    def _warn(self, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            why = f"{type(error).__name__}: {error}"
            get_logger("longtake").warning(
                "the run page cannot be kept up to date (%s); the render itself goes on", why
            )


@asynccontextmanager
async def run_page(render: Render) -> AsyncIterator[RunPage | None]:
    """Follow the render's run on Prefect's run page for as long as the block lasts.

    Enter it before the first report and leave it after the last one, so that the page knows how
    the render ended. Where this is not the render's own flow run there is no page (None), but log
    lines: a chain rendered elsewhere is on the page of the whole.
    """
    run = flow_run_here()
    if run is None or str(run.id) != render.report.record.flow_run_id:
        with watching(_lines_of(render.report.record)):
            yield None
        return
    async with get_client() as client:
        page = _page(render, client, run)
        following = asyncio.create_task(page.follow())
        try:
            with watching(page.watch):
                yield page
        finally:
            await page.last_word(following)


def _lines_of(record: RunRecord) -> Watcher:
    """A watcher that writes the log lines of ``record`` and no more."""
    events = EventSender(say=say_line)

    def watch(run: RunRecord, clip: ClipRecord | None) -> None:
        if run is record:
            events.watch(run, clip)

    return watch


def _ui_url() -> str:
    """Where a browser finds Prefect: PREFECT_UI_URL, else the API's address without ``/api``."""
    settings = get_current_settings()
    return settings.ui_url or str(settings.api.url or "").removesuffix("/api")


async def _tag(client: PrefectClient, run: FlowRun, title: str) -> None:
    """Have the run found by its film: one request; raises what the API raises."""
    await client.update_flow_run(run.id, tags={*run.tags, title})


def _page(render: Render, client: PrefectClient, run: FlowRun) -> RunPage:
    record = render.report.record
    snapshot = Snapshot(
        run=record,
        now=datetime.now(UTC),
        budgets=render.spending.budgets,
        store=render.store.name,
        ui_url=_ui_url(),
        concurrency=render.settings.concurrency,
    )
    store = PrefectArtifacts(client, run.id, key_of(record.title), record.title)
    return RunPage(
        snapshot,
        store,
        namer=partial(name_state, run.id),
        tagger=partial(_tag, client, run, slug_of(record.title)),
        indexer=FilmIndex(client, snapshot.ui_url).write,
        calm_seconds=CALM_SECONDS if lasting_server() else UNSEEN_SECONDS,
    )
