"""A film's page, which is the review page with actions, and the files that it shows."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response

from longtake.board.cards import FilmCard
from longtake.board.desk import Desk, desk_of
from longtake.board.files import (
    POSTER_WIDTH,
    SEAM_WIDTH,
    file_inside,
    playable,
    poster_of,
    seam_frames,
)
from longtake.board.film_facts import film_facts, log_of
from longtake.board.templates import fragment, look, page, source
from longtake.ledger import Decision
from longtake.ledger.existing import existing_ledger
from longtake.record import RunRecord
from longtake.rendering.deciding import ledger_of

FOREVER = {"cache-control": "private, max-age=86400"}


@dataclass(frozen=True)
class Flying:
    """A clip that is being made."""

    id: str
    stage: str
    elapsed: float
    expected_seconds: float


async def film(request: Request) -> Response:
    """The page; of a render that has no record yet, its log."""
    desk, key = desk_of(request), request.path_params["key"]
    await desk.refresh()
    card = desk.catalog.cards.get(key)
    if card is None:
        return _missing()
    record = await asyncio.to_thread(desk.catalog.record, key)
    shared = {"card": card, "stamp": desk.place.stamp, "nonce": request.state.nonce}
    if record is None:
        log = await asyncio.to_thread(log_of, card.folder)
        script = source("board.js") + source("actions.js")
        return HTMLResponse(page("plain.html.j2", log=log, look=look(), script=script, **shared))
    facts = await asyncio.to_thread(film_facts, card, record)
    facts["decisions"] = await _decisions(desk, card, record)
    flying = flying_clips(record, desk.now())
    return HTMLResponse(
        page(
            "film.html.j2",
            **(facts | shared),
            flying=flying,
            prefect=prefect_page(desk, card),
            board_style=source("board.css"),
            board_script=source("board.js") + source("actions.js"),
        )
    )


async def video(request: Request) -> Response:
    """The film, the reel or a take, in the ranges that a player asks for."""
    desk, key = desk_of(request), request.path_params["key"]
    record = await asyncio.to_thread(desk.catalog.record, key)
    folder = desk.catalog.folder(key)
    if record is None or folder is None:
        return _missing()
    path = await asyncio.to_thread(playable, folder, record, request.path_params["file"])
    if path is None:
        return _missing()
    return FileResponse(path, media_type="video/mp4", headers={"cache-control": "no-cache"})


async def poster(request: Request) -> Response:
    """A take's picture, by the clip's place in the film and the take's number."""
    desk, key, number = desk_of(request), request.path_params["key"], request.path_params["clip"]
    record, folder = await asyncio.to_thread(desk.catalog.record, key), desk.catalog.folder(key)
    clips = list(record.clips.values()) if record else []
    if folder is None or not 1 <= number <= len(clips):
        return _missing()
    clip, wanted = clips[number - 1], request.path_params.get("take")
    files = {clip.take: clip.file} | {take.number: take.file for take in clip.takes}
    place = poster_of(folder, clip, clip.file if wanted is None else files.get(wanted))
    return await _picture(desk, place, POSTER_WIDTH)


async def anchors(request: Request) -> Response:
    """The contact sheet of the anchors that are asked about."""
    desk, key = desk_of(request), request.path_params["key"]
    record, folder = await asyncio.to_thread(desk.catalog.record, key), desk.catalog.folder(key)
    if record is None or folder is None or record.question is None:
        return _missing()
    path = await asyncio.to_thread(file_inside, folder, record.question.sheet)
    if path is None or path.suffix != ".jpg":
        return _missing()
    return FileResponse(path, media_type="image/jpeg", headers={"cache-control": "no-cache"})


async def seam_frame(request: Request) -> Response:
    """One of the two frames that meet at a seam."""
    desk, key = desk_of(request), request.path_params["key"]
    record, folder = await asyncio.to_thread(desk.catalog.record, key), desk.catalog.folder(key)
    sides = ("left", "right")
    if record is None or folder is None or request.path_params["side"] not in sides:
        return _missing()
    places = await asyncio.to_thread(seam_frames, folder, record, request.path_params["seam"])
    return await _picture(desk, places[sides.index(request.path_params["side"])], SEAM_WIDTH)


async def live_part(desk: Desk, card: FilmCard) -> str:
    """The part of the page that tells what happens now."""
    record = await asyncio.to_thread(desk.catalog.record, card.key)
    flying = flying_clips(record, desk.now()) if record else ()
    return fragment("parts.html.j2", "live", card, flying, prefect_page(desk, card))


def flying_clips(record: RunRecord, now: datetime) -> tuple[Flying, ...]:
    """The clips that the service works on, and for how long."""
    return tuple(
        Flying(
            clip.id,
            clip.stage,
            (now - clip.submitted_at).total_seconds() if clip.submitted_at else 0.0,
            clip.expected_seconds,
        )
        for clip in record.clips.values()
        if clip.stage.in_flight and record.state == "running"
    )


def prefect_page(desk: Desk, card: FilmCard) -> str | None:
    """The run's page in Prefect; None where no lasting server keeps it."""
    if desk.place.prefect_ui is None or not _is_uuid(card.run.flow_run_id):
        return None
    return f"{desk.place.prefect_ui}/runs/flow-run/{card.run.flow_run_id}"


def _is_uuid(text: str) -> bool:
    return len(text) == 36 and all(sign in "0123456789abcdef-" for sign in text.lower())


async def _decisions(desk: Desk, card: FilmCard, record: RunRecord) -> Mapping[str, Decision]:
    """What people decided about the film's takes; nothing where its ledger is not to be had."""
    names = [take.fingerprint for clip in record.clips.values() for take in clip.takes]
    names += [clip.fingerprint for clip in record.clips.values() if clip.fingerprint]
    place = ledger_of(card.folder, record, desk.place.settings)
    async with existing_ledger(place) as (_, ledger):
        return await ledger.decisions(names) if ledger else {}


async def _picture(desk: Desk, place: tuple[Path, int] | None, width: int) -> Response:
    made = await desk.pictures.frame(*place, width) if place else None
    if made is None:
        return _missing()
    return Response(made, media_type="image/jpeg", headers=FOREVER)


def _missing() -> Response:
    return PlainTextResponse("there is no such thing here\n", status_code=404)
