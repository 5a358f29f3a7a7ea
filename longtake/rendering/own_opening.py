"""Opening a film of own clips: what can be wrong before money is spent is found here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from longtake.record import RunRecord
from longtake.rendering.folder import RenderFolder
from longtake.rendering.host import Host
from longtake.rendering.opening import at_work, drawn_seed, opened
from longtake.rendering.own_film import OwnFilm
from longtake.rendering.preflight import chosen_ffmpeg, prepare
from longtake.rendering.render import Render
from longtake.rendering.steps import Steps
from longtake.rendering.storyboard_input import folder_for_title
from longtake.settings import Settings, load_settings
from longtake.story import learned
from longtake.story.single import film_of


@dataclass(frozen=True)
class OwnFilmRequest:
    """What is asked of a film of own clips.

    ``title`` is its name in the ledger, which keeps its seed; ``out`` the folder for all that it
    leaves. ``run_name`` and ``run_id`` are as a render's.
    """

    title: str
    out: Path | None = None
    profile: str | None = None
    budget_usd: float | None = None
    retake_lost: bool = False
    emulated: bool = False
    pace: float = 60
    run_name: str = ""
    run_id: str = ""


@asynccontextmanager
async def open_own_film(
    request: OwnFilmRequest, steps: Callable[[Settings], Steps], host: Host | None = None
) -> AsyncIterator[OwnFilm]:
    """Open what a film of own clips needs, and close it again with ``run.json`` written.

    ``steps`` are those of a take, for the settings that are found.
    """
    host, title = host or Host(), request.title
    settings = await asyncio.to_thread(load_settings, request.profile)
    if not request.emulated and settings.api_key_block is None:
        settings.key()
    ffmpeg = await asyncio.to_thread(chosen_ffmpeg, settings)
    folder = (request.out or folder_for_title(title)).resolve()
    await asyncio.to_thread(prepare, folder)
    workplace = opened(settings, folder, host, emulated=request.emulated, pace=request.pace)
    async with workplace as (settings, key, ledger, emulator):
        plan = film_of(title, (), await ledger.base_seed(title, lambda: drawn_seed(host)))
        render = Render(
            plan,
            settings,
            RenderFolder(folder, folder),
            RunRecord.of(
                plan,
                storyboard=title,
                folder=str(folder),
                emulated=request.emulated,
                run_name=request.run_name,
                run_id=request.run_id or f"{host.chance.getrandbits(64):016x}",
                flow_run_id=request.run_id,
                started_at=host.clock.now(),
            ),
            ledger=ledger,
            key=key,
            ffmpeg=ffmpeg,
            host=host,
            budget_usd=request.budget_usd,
            retake_lost=request.retake_lost or request.emulated,
        )
        rates = learned(settings.rates, await ledger.past_clips())
        async with at_work(render, host, emulator):
            yield OwnFilm(render, steps(settings), rates)
