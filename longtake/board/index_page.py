"""All films on one page: what waits for a person first, what runs now, past renders, costs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from operator import attrgetter
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse

from longtake.board.cards import LIVE, REST, WAITS, FilmCard
from longtake.board.desk import Desk, desk_of
from longtake.board.elsewhere import rendered_elsewhere
from longtake.board.feed import as_event
from longtake.board.film_pages import live_part
from longtake.board.money import money_of
from longtake.board.start_render import storyboards_below
from longtake.board.templates import fragment, look, page, source

PAST_RENDERS = 30
"""Renders that are listed."""


async def index(request: Request) -> Response:
    """The page."""
    desk = desk_of(request)
    await desk.refresh()
    today = f"{desk.now():%Y-%m-%d}"
    budget_usd = desk.place.settings.keeping.daily_budget_usd
    async with desk.ledger() as (name, ledger):
        money = await money_of(ledger, budget_usd, today)
        titles = {card.title for card in desk.catalog.cards.values() if card.standing.group == LIVE}
        elsewhere = await rendered_elsewhere(ledger, titles, desk.now())
    facts = {
        **_films(desk),
        "past_renders": desk.catalog.past()[:PAST_RENDERS],
        "money": money,
        "elsewhere": elsewhere,
        "here": str(Path.cwd()),
        "storyboards": await asyncio.to_thread(storyboards_below, Path.cwd()),
        "has_ledger": ledger is not None,
        "ledger": name,
        "stamp": desk.place.stamp,
        "nonce": request.state.nonce,
        "look": look(),
        "script": source("board.js") + source("actions.js"),
    }
    return HTMLResponse(page("index.html.j2", **facts))


async def live(request: Request) -> Response:
    """Films as they change, as server-sent events: all of them, or one by ``?film=``."""
    only = request.query_params.get("film")
    headers = {"x-accel-buffering": "no"}
    events = _events(desk_of(request), only)
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(desk: Desk, only: str | None) -> AsyncIterator[bytes]:
    # What changed after the page was made and before it listens: all that is not at rest.
    cards = desk.catalog.cards
    now = [
        key
        for key, card in cards.items()
        if key == only or (not only and card.standing.group != REST)
    ]
    for key in now:
        yield await _event(desk, key, whole=only is not None)
    async for keys in desk.feed.listen():
        for key in keys:
            if only in (None, key):
                yield await _event(desk, key, whole=only is not None)
        if not keys:
            yield b": still here\n\n"


async def _event(desk: Desk, key: str, *, whole: bool) -> bytes:
    card = desk.catalog.cards.get(key)
    if card is None:
        return as_event("gone", {"film": key})
    html = await live_part(desk, card) if whole else fragment("parts.html.j2", "film_card", card)
    return as_event("film", {"html": html.strip()})


def _films(desk: Desk) -> dict[str, Any]:
    cards = list(desk.catalog.cards.values())
    by_group = {group: _of(cards, group) for group in (WAITS, LIVE, REST)}
    empty = "" if cards else "No render lies here yet: begin one."
    return {
        "films": len(cards),
        "waits": by_group[WAITS],
        "live": by_group[LIVE],
        "groups": (
            ("waits", "Waiting for you", by_group[WAITS], ""),
            ("live-films", "Rendering now", by_group[LIVE], ""),
            ("films", "Films", by_group[REST], empty),
        ),
    }


def _of(cards: list[FilmCard], group: str) -> list[FilmCard]:
    """The cards of a group: those that wait for an answer first, then the latest."""
    mine = sorted((card for card in cards if card.standing.group == group), key=attrgetter("title"))
    mine.sort(key=_latest, reverse=True)
    return sorted(mine, key=lambda card: not card.question)


def _latest(card: FilmCard) -> float:
    at = card.run.ended_at or card.run.began_at
    return at.timestamp() if at else 0.0
