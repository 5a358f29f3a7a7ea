"""From checked clips to the film: each is normalised as it comes, the join only copies.

A film's picture and what is heard and read in it have names of their own. Where only the latter
changed, the pieces of the picture are taken out of the film that is there.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import astuple
from functools import partial
from pathlib import Path

import anyio.to_thread

from longtake.errors import LedgerError, MediaError, StoreError
from longtake.files import sha256_of
from longtake.media import Chapter, assemble
from longtake.record import FilmRecord
from longtake.rendering.film_recipe import ASSEMBLY, digest
from longtake.rendering.film_sound import caption_file, film_sound, sound_recipe
from longtake.rendering.previous_film import PreviousFilm
from longtake.rendering.proof import comment, sealing, storyboard_text, write_proof
from longtake.rendering.render import Render


async def make_film(render: Render, into: Path | None = None) -> Path:
    """Join the clips into ``film.mp4`` (or ``into``): no picture is encoded again.

    A film that was made of the very same clips in the same way comes out of the store.
    """
    into, plan = into or render.folder.film, render.plan
    pieces = [render.film.piece(part) for part in render.film.seams.plan.segments]
    picture = render.film.recipe = digest({"picture": pieces, "assembly": ASSEMBLY})
    sound = await sound_recipe(plan, render.folder.pictures, render.settings.sound)
    recipe = _recipe(render, picture, sound)
    if not await _recalled(render, recipe, into):
        await _find_previous(render, picture)
        await _join(render, into, pieces, sound)
        await _keep(render, [recipe, picture], into)
    with suppress(MediaError, OSError):
        await anyio.to_thread.run_sync(write_proof, into)
    render.report.record.note(
        film=FilmRecord(
            file=render.folder.relative(into),
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


async def _join(render: Render, into: Path, pieces: list[str], sound: str) -> None:
    plan, settings, folder = render.plan, render.settings, render.folder
    segments = await render.film.segments()
    storyboard = None
    if settings.embed_storyboard:
        path = Path(render.report.record.storyboard)
        read = partial(storyboard_text, path, plan.storyboard_sha256)
        storyboard = await anyio.to_thread.run_sync(read)
    async with render.slots.ffmpeg.film():
        heard = await film_sound(
            plan, folder.pictures, folder.sound, sound, settings.sound, render.film.media.ffmpeg
        )
        with caption_file(plan.captions) as captions:
            await assemble(
                segments,
                into,
                ffmpeg=render.film.media.ffmpeg,
                fps=plan.fps,
                chapters=_chapters(render),
                title=plan.title,
                comment=comment(plan),
                sound=heard,
                captions=captions,
                seal=sealing(
                    render.report.record,
                    render.film.seams.plan,
                    ffmpeg=render.film.media.ffmpeg,
                    recipes=pieces,
                    storyboard=storyboard,
                ),
            )


def _chapters(render: Render) -> list[Chapter]:
    shots = render.plan.shots
    return [Chapter(shot.title, shot.first_frame_index, shot.frame_count) for shot in shots]


def _recipe(render: Render, picture: str, sound: str) -> str:
    """Names everything that decides the film: its picture, what is heard and read, its texts."""
    plan = render.film.seams.plan
    return digest(
        {
            "picture": picture,
            "sound": sound,
            "captions": plan.captions.model_dump(mode="json"),
            "chapters": [astuple(chapter) for chapter in _chapters(render)],
            "texts": [plan.title, plan.storyboard_sha256, render.settings.embed_storyboard],
        }
    )


async def _find_previous(render: Render, picture: str) -> None:
    """Where the folder has no film: one with the very same picture, out of the store."""
    if await anyio.Path(render.folder.film).is_file():
        return
    before = render.folder.film.with_name("film.before.mp4")
    if await _recalled(render, picture, before):
        render.film.previous = PreviousFilm(before)


async def _recalled(render: Render, recipe: str, into: Path) -> bool:
    """Whether the film was there; a lost or damaged one is simply made again."""
    sha256 = await render.ledger.film(recipe)
    return sha256 is not None and await render.store.fetched(sha256, "film", into)


async def _keep(render: Render, recipes: list[str], film: Path) -> None:
    """Keep the film for the next render; it is made already, so a failure here is no failure."""
    with suppress(StoreError, LedgerError, OSError):
        stored = await render.store.put(film, "film")
        for recipe in recipes:
            await render.ledger.remember_film(recipe, stored.sha256)
    await anyio.Path(film.with_name("film.before.mp4")).unlink(missing_ok=True)
