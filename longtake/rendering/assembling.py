"""From checked clips to the film: each is normalised as it comes, the join only copies."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import anyio.to_thread

from longtake.errors import DamagedObject, LedgerError, MissingObject, StoreError
from longtake.files import sha256_of
from longtake.media import Chapter, assemble
from longtake.record import FilmRecord
from longtake.rendering.render import Render
from longtake.story.plan import Source

ASSEMBLY = "film-1"
"""The version of everything that makes a film from its clips."""


async def make_film(render: Render) -> Path:
    """Join the clips into ``film.mp4``: no picture is encoded again.

    A film that was made of the very same clips in the same way comes out of the store.
    """
    into = render.folder.root / "film.mp4"
    recipe = render.film.recipe = _recipe(render)
    if not await _recalled(render, recipe, into):
        await _join(render, into)
        await _keep(render, recipe, into)
    plan = render.plan
    render.report.record.note(
        film=FilmRecord(
            file=into.name,
            sha256=await anyio.to_thread.run_sync(sha256_of, into),
            size_bytes=(await anyio.Path(into).stat()).st_size,
            frame_count=plan.frame_count,
            seconds=plan.seconds,
            fps=plan.fps,
            width=plan.width,
            height=plan.height,
        )
    )
    return into


async def _join(render: Render, into: Path) -> None:
    segments, plan = await render.film.segments(), render.plan
    async with render.slots.ffmpeg:
        await assemble(
            segments,
            into,
            ffmpeg=render.ffmpeg,
            fps=plan.fps,
            chapters=_chapters(render),
            title=plan.title,
            comment=f"longtake storyboard sha256 {plan.storyboard_sha256}",
        )


def _chapters(render: Render) -> list[Chapter]:
    shots = render.plan.shots
    return [Chapter(shot.title, shot.first_frame_index, shot.frame_count) for shot in shots]


def _recipe(render: Render) -> str:
    """A hash of everything that decides the film: its clips, and how they are joined."""
    plan, picture = render.film.seams.plan, render.settings.picture
    pieces = [
        [part.frame_count, *(_ingredient(render, source) for source in part.sources)]
        for part in plan.segments
    ]
    parts = {
        "assembly": ASSEMBLY,
        "pieces": pieces,
        "shape": [plan.width, plan.height, plan.fps],
        "chapters": [astuple(chapter) for chapter in _chapters(render)],
        "texts": [plan.title, plan.storyboard_sha256],
        "picture": picture.model_dump(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _ingredient(render: Render, source: Source) -> list[str | int]:
    """A clip's frames and what is undone in them, as a part of the film's recipe."""
    take = render.film.takes[source.clip_id]
    undone = take.treatment.model_dump_json(exclude={"pair"}) if take.treatment else ""
    return [take.sha256, source.skip_frames, undone]


async def _recalled(render: Render, recipe: str, into: Path) -> bool:
    """Whether the film was there; a lost or damaged one is simply made again."""
    sha256 = await render.ledger.film(recipe)
    if sha256 is None:
        return False
    try:
        await render.store.fetch(sha256, "film", into)
    except (MissingObject, DamagedObject):
        return False
    return True


async def _keep(render: Render, recipe: str, film: Path) -> None:
    """Keep the film for the next render; it is made already, so a failure here is no failure."""
    with suppress(StoreError, LedgerError, OSError):
        stored = await render.store.put(film, "film")
        await render.ledger.remember_film(recipe, stored.sha256)
