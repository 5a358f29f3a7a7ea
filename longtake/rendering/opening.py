"""Opening a render: all that can be wrong before money is spent is found here, cheapest first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from longtake.record import RunRecord
from longtake.rendering import presence
from longtake.rendering.folder import RenderFolder
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
from longtake.rendering.render_identity import current_identity
from longtake.rendering.requests import RenderRequest, RenderTerms, SceneRequest
from longtake.rendering.workplace import Workplace, workplace
from longtake.settings import load_settings
from longtake.store import Store
from longtake.story import Plan, build_plan, learned

if TYPE_CHECKING:
    from longtake.emulator import RunningEmulator


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
    folder = RenderFolder(ready.folder, ready.path.parent)
    there = workplace(
        host, ready.settings, folder, ready.ffmpeg, request, captions=request.captions
    )
    async with there as place:
        settings, ledger, emulator = place.settings, place.ledger, place.emulator
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
                if clip.own_file is None:
                    matching = {"prompt": clip.prompt, "seed": clip.seed}
                    emulator.emulator.notes.add(matching, notes)
        terms = replace(
            request,
            budget_usd=least_of(request.budget_usd, wanted.max_usd),
            retake_lost=request.retake_lost or request.emulated,
        )
        render = render_of(
            plan,
            place,
            terms,
            run=run_of(request, host),
            storyboard=str(ready.path),
            only=wanted.only,
        )
        yield render, emulator


def render_of(
    plan: Plan,
    place: Workplace,
    terms: RenderTerms,
    *,
    run: str,
    storyboard: str,
    only: Sequence[str] = (),
    assembles: bool = True,
) -> Render:
    """The render of a plan; the ledger knows it as ``run``."""
    record = RunRecord.of(
        plan,
        folder=str(place.folder.root),
        emulated=terms.emulated,
        budget_usd=terms.budget_usd,
        run_name=terms.run_name,
        run_id=run,
        flow_run_id=terms.run_id,
        started_at=place.host.clock.now(),
        storyboard=storyboard,
        only=list(only),
    )
    return Render(plan, place, record, terms, assembles=assembles)


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
    async with host.ledger(settings) as ledger:
        place = Workplace(host, settings, RenderFolder(folder, folder), ffmpeg, key, ledger)
        render = render_of(
            plan, place, request, run=request.parent_run, storyboard=plan.title, assembles=False
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
                    await render.film.drop()
                    await render.film.media.helpers.close()


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


def run_of(terms: RenderTerms, host: Host) -> str:
    """What the ledger calls the render: as what was begun of it is called, if anything was."""
    if (before := current_identity()) is not None:
        return before.run
    return terms.run_id or f"{host.chance.getrandbits(64):016x}"


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
