"""Opening a film of own clips: what can be wrong before money is spent is found here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from longtake.rendering.folder import RenderFolder
from longtake.rendering.host import Host
from longtake.rendering.opening import at_work, drawn_seed, render_of, run_of
from longtake.rendering.own_film import OwnFilm
from longtake.rendering.preflight import chosen_ffmpeg, prepare
from longtake.rendering.requests import OwnFilmRequest
from longtake.rendering.steps import Steps
from longtake.rendering.storyboard_input import folder_for_title
from longtake.rendering.workplace import workplace
from longtake.settings import Settings, load_settings
from longtake.story import learned
from longtake.story.single import film_of


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
    async with workplace(host, settings, RenderFolder(folder, folder), ffmpeg, request) as place:
        ledger = place.ledger
        plan = film_of(title, (), await ledger.base_seed(title, lambda: drawn_seed(host)))
        terms = replace(request, retake_lost=request.retake_lost or request.emulated)
        render = render_of(plan, place, terms, run=run_of(request, host), storyboard=title)
        rates = learned(place.settings.rates, await ledger.past_clips())
        async with at_work(render, host, place.emulator):
            yield OwnFilm(render, steps(place.settings), rates)
