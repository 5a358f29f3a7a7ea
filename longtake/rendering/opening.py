"""Opening a render: all that can be wrong before money is spent is found here, cheapest first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pydantic import SecretStr

from longtake.ledger import Ledger
from longtake.record import RunRecord
from longtake.rendering import presence
from longtake.rendering.begun import begun
from longtake.rendering.folder import RenderFolder
from longtake.rendering.forgotten import ask_if_forgotten
from longtake.rendering.host import Host
from longtake.rendering.kept_plan import read_plan
from longtake.rendering.lifetime import heartbeat, recorded
from longtake.rendering.plan_document import PlanDocument
from longtake.rendering.planning import Wanted, selected
from longtake.rendering.preflight import Preflight, chosen_ffmpeg, preflight, prepare
from longtake.rendering.price_limit import least_of
from longtake.rendering.promises import refuse_late
from longtake.rendering.rehearsal import clip_notes
from longtake.rendering.render import Render
from longtake.rendering.service import emulating
from longtake.rendering.stills import own_file
from longtake.settings import Settings, load_settings
from longtake.store import Store
from longtake.story import Plan, build_plan, learned

if TYPE_CHECKING:
    from longtake.emulator import RunningEmulator


@dataclass(frozen=True)
class RenderRequest:
    """What is asked of a render, in an author's words.

    ``storyboard`` is a file's path or the text itself, ``out`` the folder for all that the render
    leaves. ``only`` these shots, and what they need; ``plan_file`` is a plan that was kept and is
    held to; ``max_usd``: what it may cost. ``run_name`` and ``run_id`` are what it is called on
    record; money is counted by the id.
    """

    storyboard: str
    out: Path | None = None
    profile: str | None = None
    budget_usd: float | None = None
    retake_lost: bool = False
    emulated: bool = False
    pace: float = 60
    captions: bool = False
    only: tuple[str, ...] = ()
    plan_file: Path | None = None
    max_usd: float | None = None
    run_name: str = ""
    run_id: str = ""


@dataclass(frozen=True)
class SceneRequest:
    """What is asked of a render of one chain of another render's plan.

    Plan and ``stills`` (path in the folder → hash) lie in the store; money is counted as
    ``parent_run``'s.
    """

    plan_sha256: str
    stills: Mapping[str, str]
    folder: Path
    parent_run: str
    profile: str | None = None
    budget_usd: float | None = None
    retake_lost: bool = False
    run_name: str = ""


@asynccontextmanager
async def open_render(request: RenderRequest, host: Host | None = None) -> AsyncIterator[Render]:
    """Open all that rendering a storyboard needs, and close it again with ``run.json`` written."""
    ready = await asyncio.to_thread(
        preflight,
        request.storyboard,
        request.out,
        profile=request.profile,
        emulated=request.emulated,
    )
    async with open_prepared(ready, request, host or Host()) as render:
        yield render


@asynccontextmanager
async def open_prepared(
    ready: Preflight, request: RenderRequest, host: Host
) -> AsyncIterator[Render]:
    """``open_render`` of what the preflight has found to be right."""
    async with (
        prepared(ready, request, host) as (render, emulator),
        at_work(render, host, emulator),
    ):
        yield render


@asynccontextmanager
async def prepared(
    ready: Preflight, request: RenderRequest, host: Host
) -> AsyncIterator[tuple[Render, RunningEmulator | None]]:
    """The render, open and not yet at work."""
    kept = await asyncio.to_thread(read_plan, request.plan_file) if request.plan_file else None
    wanted = wanted_of(request, kept)
    workplace = opened(
        ready.settings,
        ready.folder,
        host,
        emulated=request.emulated,
        pace=request.pace,
        captions=request.captions,
    )
    async with workplace as (settings, key, ledger, emulator):
        past = await ledger.past_clips()
        whole = build_plan(
            ready.storyboard,
            base_seed=await ledger.base_seed(
                ready.storyboard.title, lambda: kept.base_seed if kept else drawn_seed(host)
            ),
            rates=learned(settings.rates, past),
            source_sha256=ready.sha256,
            attached=ready.attached,
        )
        plan = selected(whole, wanted.only)
        await refuse_late(ready, plan, ledger, settings, past, wanted, kept)
        if emulator:
            for clip, notes in clip_notes(ready.storyboard, plan):
                if own_file(clip) is None:
                    told = {"prompt": clip.prompt, "seed": clip.seed}
                    emulator.emulator.notes.add(told, notes)
        render = Render(
            plan,
            settings,
            RenderFolder(ready.folder, ready.path.parent),
            RunRecord.of(
                plan,
                storyboard=str(ready.path),
                folder=str(ready.folder),
                emulated=request.emulated,
                budget_usd=least_of(request.budget_usd, wanted.max_usd),
                only=list(wanted.only),
                run_name=request.run_name,
                run_id=_run_id(request, host),
                flow_run_id=request.run_id,
                started_at=host.clock.now(),
            ),
            ledger=ledger,
            key=key,
            ffmpeg=ready.ffmpeg,
            host=host,
            budget_usd=least_of(request.budget_usd, wanted.max_usd),
            retake_lost=request.retake_lost or request.emulated,
        )
        yield render, emulator


class Workplace(NamedTuple):
    """What a render is connected to: the service (or an ``emulator``) and its own ledger."""

    settings: Settings
    key: SecretStr
    ledger: Ledger
    emulator: RunningEmulator | None


@asynccontextmanager
async def opened(
    settings: Settings,
    folder: Path,
    host: Host,
    *,
    emulated: bool,
    pace: float,
    captions: bool = False,
) -> AsyncIterator[Workplace]:
    """The service as the settings have it, or an emulator in its place, and the ledger for it."""
    async with AsyncExitStack() as stack:
        emulator = None
        key = SecretStr("SG_emulated")
        if emulated:
            before = begun()
            running = before and before.emulator
            place = emulating(settings, pace, folder, captions=captions, running=running)
            settings, emulator = stack.enter_context(place)
        else:
            key = await host.api_key(settings)
        ledger = await stack.enter_async_context(host.ledger(settings))
        await ask_if_forgotten(ledger, Store(settings.keeping.store), settings.keeping)
        yield Workplace(settings, key, ledger, emulator)


@asynccontextmanager
async def open_scene(request: SceneRequest, host: Host | None = None) -> AsyncIterator[Render]:
    """Open what rendering one chain of another render's plan needs."""
    host = host or Host()
    settings = await asyncio.to_thread(load_settings, request.profile)
    key = await host.api_key(settings)
    ffmpeg = await asyncio.to_thread(chosen_ffmpeg, settings)
    folder = request.folder
    await asyncio.to_thread(prepare, folder)
    plan = await _delivered(request, Store(settings.keeping.store))
    record = RunRecord.of(
        plan,
        storyboard=plan.title,
        folder=str(folder),
        run_name=request.run_name,
        run_id=request.parent_run,
        started_at=host.clock.now(),
    )
    async with host.ledger(settings) as ledger:
        render = Render(
            plan,
            settings,
            RenderFolder(folder, folder),
            record,
            ledger=ledger,
            key=key,
            ffmpeg=ffmpeg,
            host=host,
            budget_usd=request.budget_usd,
            retake_lost=request.retake_lost,
            assembles=False,
        )
        async with at_work(render, host):
            yield render


@asynccontextmanager
async def at_work(
    render: Render, host: Host, emulator: RunningEmulator | None = None
) -> AsyncIterator[None]:
    """Connected, on record and followed, until the block ends; no encoding outlives it."""
    async with host.around(render), render.client:
        with presence.at_work(render.folder.root), recorded(render, emulator):
            async with heartbeat(render):
                try:
                    yield
                    await render.readings.finished()
                finally:
                    await render.readings.drop()
                    await render.film.drop_encodings()


def wanted_of(request: RenderRequest, kept: PlanDocument | None) -> Wanted:
    """What is wanted, by the request or else by the plan that was kept."""
    basis = kept.basis if kept else None
    return Wanted(
        profile=request.profile,
        emulated=request.emulated,
        out=request.out,
        only=request.only or (basis.only if basis else ()),
        max_usd=least_of(request.max_usd, basis.max_usd if basis else None),
    )


def _run_id(request: RenderRequest, host: Host) -> str:
    """What the ledger calls the render: as what was begun of it is called, if anything was."""
    if (before := begun()) is not None:
        return before.run
    return request.run_id or f"{host.chance.getrandbits(64):016x}"


def drawn_seed(host: Host) -> int:
    """A base seed for a film that has none yet."""
    return host.chance.randrange(2**31)


async def _delivered(request: SceneRequest, store: Store) -> Plan:
    """The plan, and the stills in their places, out of the store."""
    for place, sha256 in request.stills.items():
        await asyncio.to_thread(prepare, (request.folder / place).parent)
        await store.fetch(sha256, "still", request.folder / place)
    file = await store.fetch(request.plan_sha256, "plan", request.folder / "plan.json")
    return Plan.model_validate_json(await asyncio.to_thread(file.read_bytes))
