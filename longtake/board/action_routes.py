"""What a film's page sends when a person decides: prices, actions, and edits of the storyboard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from longtake.board.actions import BoardAction, do, price_of
from longtake.board.answers import answering, body_of
from longtake.board.desk import Desk, desk_of
from longtake.documents.editing import Edited, edited, keep_text
from longtake.errors import Outdated, SettingsError
from longtake.rendering.deciding import Decisions, deciding


class Edit(BaseModel):
    """Texts of the storyboard as they are to be, by their places (`scenes.0.shots.1.prompt`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str = Field(max_length=64, description="Of the file that the page has shown.")
    texts: dict[str, Annotated[str, Field(max_length=20_000)]] = Field(max_length=5000)


class Opened(NamedTuple):
    """A film, and the ledger that its takes are in."""

    desk: Desk
    folder: Path
    decisions: Decisions


@answering
async def price(request: Request) -> Mapping[str, Any]:
    """What an action would cost."""
    action = await body_of(request, BoardAction)
    async with _opened(request) as opened:
        return (await price_of(action, opened.decisions)).model_dump()


@answering
async def do_it(request: Request) -> Mapping[str, Any]:
    """An action, done."""
    action = await body_of(request, BoardAction)
    async with _opened(request) as opened:
        said = await do(action, opened.decisions, opened.desk.place, opened.folder)
    return {"says": said}


@answering
async def plan(request: Request) -> Mapping[str, Any]:
    """What a render of the edited storyboard would do and cost; nothing is written."""
    edit = await body_of(request, Edit)
    async with _opened(request) as opened:
        changed = await _edited(edit, opened)
        return await _foreseen(opened.decisions, changed.text)


@answering
async def save(request: Request) -> Mapping[str, Any]:
    """The edit, written into the storyboard's file, and its plan."""
    edit = await body_of(request, Edit)
    async with _opened(request) as opened:
        changed = await _edited(edit, opened)
        plan = await _foreseen(opened.decisions, changed.text)
        await asyncio.to_thread(keep_text, changed)
    return plan


@asynccontextmanager
async def _opened(request: Request) -> AsyncIterator[Opened]:
    desk, key = desk_of(request), request.path_params["key"]
    await desk.refresh()
    record, folder = await asyncio.to_thread(desk.catalog.record, key), desk.catalog.folder(key)
    if record is None or folder is None:
        raise SettingsError("there is no such film here any more: reload the page")
    async with deciding(folder, record, desk.place.settings) as decisions:
        yield Opened(desk, folder, decisions)


async def _edited(edit: Edit, opened: Opened) -> Edited:
    path = Path(opened.decisions.record.storyboard)
    changed = await asyncio.to_thread(edited, path, edit.texts)
    if changed.sha256 != edit.sha256:
        raise Outdated("the storyboard's file was changed meanwhile: reload the page", {})
    return changed


async def _foreseen(decisions: Decisions, text: str) -> Mapping[str, Any]:
    ahead = await decisions.foresee(text=text)
    if ahead is None:
        raise SettingsError("the storyboard cannot be read any more")
    return {
        "usd": ahead.usd,
        "usd_at_most": ahead.usd_at_most,
        "made": ahead.made,
        "why": {name: each.says for name, each in ahead.decisions.items()},
        "kept": len(ahead.clips) - len(ahead.made),
        "emulated": decisions.record.emulated,
    }
