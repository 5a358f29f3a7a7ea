"""Opening a render: all that can be wrong before money is spent is found here, cheapest first."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import SecretStr

from longtake.errors import LedgerError
from longtake.ledger import Budget, Ledger, Scope
from longtake.media import Ffmpeg
from longtake.record import RunRecord
from longtake.rendering.lease_owner import owner_name
from longtake.rendering.lifetime import cancellable, heartbeat, recorded
from longtake.rendering.preflight import chosen_ffmpeg, preflight, prepare
from longtake.rendering.render import Render
from longtake.rendering.service import connect, emulating
from longtake.settings import Settings, load_settings
from longtake.store import Store
from longtake.story import Plan, build_plan
from tasks.api_key import account_of, api_key
from tasks.run_page.page import run_page

if TYPE_CHECKING:
    from longtake.emulator import RunningEmulator

ENTERING = 8
"""Chains that are looked up at once when a render begins."""


@asynccontextmanager
async def open_render(
    storyboard: str,
    out: Path | None = None,
    *,
    profile: str | None = None,
    budget_usd: float | None = None,
    retake_lost: bool = False,
    approve: Literal["each-shot", "each-scene"] | None = None,
    emulated: bool = False,
    pace: float = 60,
    **run: str,
) -> AsyncIterator[Render]:
    """Open all that rendering a storyboard needs, and close it again with ``run.json`` written.

    ``run`` are facts for the record: ``run_name`` and ``run_id``.
    """
    ready = await asyncio.to_thread(preflight, storyboard, out, profile=profile, emulated=emulated)
    async with AsyncExitStack() as stack:
        settings, emulator = ready.settings, None
        if emulated:
            settings, emulator = stack.enter_context(emulating(settings, pace, ready.folder))
        key = SecretStr("SG_emulated") if emulated else await api_key(settings)
        ledger = await stack.enter_async_context(Ledger.open(settings.keeping.ledger))
        plan = build_plan(
            ready.storyboard,
            base_seed=await ledger.base_seed(ready.storyboard.title, draw_seed),
            rates=settings.rates,
            source_sha256=ready.sha256,
        )
        render = _render(
            plan,
            settings,
            ready.folder,
            ledger=ledger,
            key=key,
            ffmpeg=ready.ffmpeg,
            storyboard_folder=ready.path.parent,
            storyboard=str(ready.path),
            emulated=emulated,
            run=run,
            profile=profile,
            budget_usd=budget_usd,
            retake_lost=retake_lost or emulated,
            approve=approve,
        )
        async with at_work(render, emulator):
            yield render


@asynccontextmanager
async def open_scene(
    plan_sha256: str,
    stills: Mapping[str, str],
    folder: Path,
    *,
    parent_run: str,
    profile: str | None,
    budget_usd: float | None,
    retake_lost: bool,
    approve: Literal["each-shot"] | None,
    run_name: str,
) -> AsyncIterator[Render]:
    """Open what rendering one chain of another render's plan needs.

    The plan and the ``stills`` (path in the folder → hash) come out of the store. Money is counted
    as the parent's.
    """
    settings = await asyncio.to_thread(load_settings, profile)
    key = await api_key(settings)
    ffmpeg = await asyncio.to_thread(chosen_ffmpeg, settings)
    await asyncio.to_thread(prepare, folder)
    store = Store(settings.keeping.store)
    for place, sha256 in stills.items():
        await asyncio.to_thread(prepare, (folder / place).parent)
        await store.fetch(sha256, "still", folder / place)
    file = await store.fetch(plan_sha256, "plan", folder / "plan.json")
    plan = Plan.model_validate_json(await asyncio.to_thread(file.read_bytes))
    async with Ledger.open(settings.keeping.ledger) as ledger:
        render = _render(
            plan,
            settings,
            folder,
            ledger=ledger,
            key=key,
            ffmpeg=ffmpeg,
            storyboard_folder=folder,
            storyboard=plan.title,
            emulated=False,
            run={"run_name": run_name, "run_id": parent_run},
            profile=profile,
            budget_usd=budget_usd,
            retake_lost=retake_lost,
            approve=approve,
            assembles=False,
        )
        async with at_work(render):
            yield render


@asynccontextmanager
async def at_work(render: Render, emulator: RunningEmulator | None = None) -> AsyncIterator[None]:
    """Connected, on record and heard of, until the block ends; no encoding outlives it."""
    async with cancellable(), render.client, run_page(render):
        with recorded(render, emulator):
            async with heartbeat(render):
                try:
                    yield
                finally:
                    await render.drop_encodings()


def draw_seed() -> int:
    """A base seed by chance: drawn once for a storyboard, then the ledger keeps it."""
    return secrets.randbelow(2**31)


def budgets(render_usd: float | None, day_usd: float | None) -> Iterator[Budget]:
    """The limits that every submit is checked against."""
    if render_usd is not None:
        yield Budget("this render's budget", render_usd, Scope.RUN)
    if day_usd is not None:
        yield Budget("the daily budget", day_usd, Scope.DAY)


def _render(
    plan: Plan,
    settings: Settings,
    folder: Path,
    *,
    ledger: Ledger,
    key: SecretStr,
    ffmpeg: Ffmpeg,
    storyboard_folder: Path,
    storyboard: str,
    emulated: bool,
    run: Mapping[str, str],
    profile: str | None,
    budget_usd: float | None,
    **options: Any,
) -> Render:
    """A render that is connected to nothing yet."""
    account = account_of(key)
    holds: set[asyncio.Task[None]] = set()

    def keep_others_away(seconds: float) -> None:
        holding = asyncio.create_task(_held_off(ledger, account, seconds))
        holds.add(holding)
        holding.add_done_callback(holds.discard)

    record = RunRecord.of(plan, storyboard=storyboard, folder=str(folder), emulated=emulated, **run)
    return Render(
        plan=plan,
        settings=settings,
        folder=folder,
        storyboard_folder=storyboard_folder,
        record=record,
        client=connect(settings, key, keep_others_away),
        account=account,
        ffmpeg=ffmpeg,
        ledger=ledger,
        store=Store(settings.keeping.store),
        owner=owner_name(),
        slots=asyncio.Semaphore(settings.concurrency),
        ffmpeg_slots=asyncio.Semaphore(settings.ffmpeg_processes),
        starting_chains=asyncio.Semaphore(ENTERING),
        profile=profile,
        budget_usd=budget_usd,
        budgets=tuple(budgets(budget_usd, settings.keeping.daily_budget_usd)),
        **options,
    )


async def _held_off(ledger: Ledger, account: str, seconds: float) -> None:
    with suppress(LedgerError):  # this process stays away by itself
        await ledger.hold_off(account, seconds)
