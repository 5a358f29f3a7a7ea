"""Beginning the render of a storyboard that lies below the board's own folder."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from longtake import figures
from longtake.board.answers import answering, body_of
from longtake.board.catalog import key_of
from longtake.board.desk import desk_of
from longtake.board.files import file_inside
from longtake.board.launching import launch, render_words
from longtake.board.place import BoardPlace
from longtake.documents import load_plan
from longtake.errors import Outdated, SettingsError
from longtake.folders import emulated_ledger
from longtake.rendering.deciding import foreseen_of
from longtake.rendering.presence import is_at_work
from longtake.rendering.storyboard_input import folder_for

OFFERED = 60
"""How many storyboards are found and offered; any other below the folder can be named."""

LOOKED_AT = 2_000
"""How many files are read at each depth: the board may have been started in a home folder."""

_KINDS = frozenset({".yaml", ".yml", ".json"})


class StartRequest(BaseModel):
    """What is to be begun; ``usd_at_most`` is the price that the person has agreed to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    storyboard: str = Field(max_length=1000)
    emulated: bool = False
    approve: Literal["", "each-shot", "each-scene", "anchors"] = ""
    usd_at_most: float | None = Field(None, ge=0, allow_inf_nan=False)


def storyboards_below(folder: Path) -> list[str]:
    """Files that may be storyboards, two folders deep, by their names from ``folder`` on."""
    found: list[str] = []
    for depth in ("*", "*/*", "*/*/*"):
        for path in sorted(islice(folder.glob(depth), LOOKED_AT)):
            name = path.relative_to(folder)
            if path.suffix not in _KINDS or any(part.startswith(".") for part in name.parts):
                continue
            if len(found) < OFFERED and path.is_file() and _looks_like_one(path):
                found.append(name.as_posix())
    return found


@answering
async def price(request: Request) -> Mapping[str, Any]:
    """What rendering the storyboard would cost now."""
    wanted, place = await body_of(request, StartRequest), desk_of(request).place
    return await _price(wanted, place)


@answering
async def begin(request: Request) -> Mapping[str, Any]:
    """Begin it, at the price that was shown; where its page is."""
    wanted, desk = await body_of(request, StartRequest), desk_of(request)
    path = _inside(wanted.storyboard)
    folder = folder_for(path).resolve()
    if is_at_work(folder):
        raise Outdated("a render of it is at work already", {})
    now = await _price(wanted, desk.place)
    most = now["usd_at_most"]
    if wanted.usd_at_most is None or most > wanted.usd_at_most + 1e-6:
        raise Outdated(f"the price is another one by now: {now['says']}", {"price": now["says"]})
    words = render_words(
        str(path),
        folder,
        emulated=wanted.emulated,
        # Who approves each shot buys further takes one by one, each at its price.
        max_usd=None if wanted.approve else most,
        approve=wanted.approve or None,
    )
    await launch(desk.place, folder, words)
    await desk.refresh()
    return {"film": f"/films/{key_of(folder)}/"}


async def _price(wanted: StartRequest, place: BoardPlace) -> dict[str, Any]:
    path = _inside(wanted.storyboard)
    loaded, plan = await asyncio.to_thread(load_plan, path, rates=place.settings.rates)
    folder = folder_for(path)
    ledger = emulated_ledger(folder) if wanted.emulated else place.settings.keeping.ledger
    ahead = await foreseen_of(loaded, ledger, place.settings)
    usd, most = (ahead.usd, ahead.usd_at_most) if ahead else (plan.usd, plan.usd_at_most)
    made = len(ahead.made) if ahead else len(plan.clips)
    says = f"{plan.title}: {made} of {len(plan.clips)} clips are to be made, for "
    says += figures.price(usd, most)
    if wanted.emulated:
        says += " (emulated: nothing is paid)"
    return {"usd": usd, "usd_at_most": most, "says": says, "emulated": wanted.emulated}


def _inside(storyboard: str) -> Path:
    """The file, if it lies below the folder that the board was started in."""
    path = file_inside(Path.cwd(), storyboard)
    if path is None or path.suffix not in _KINDS:
        raise SettingsError(f"{storyboard!r} is no storyboard's file below the board's folder")
    return path


def _looks_like_one(path: Path) -> bool:
    """Whether it says `scenes`, near its beginning: profiles and schemas do not."""
    try:
        with path.open("rb") as file:
            head = file.read(4000)
    except OSError:
        return False
    lines: Iterator[bytes] = (line.strip(b" \"'{") for line in head.splitlines())
    return any(line.startswith(b"scenes") for line in lines)
