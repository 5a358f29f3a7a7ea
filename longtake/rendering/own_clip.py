"""The author's own clip in the film: fitted once, kept in the store, and paid to nobody."""

from __future__ import annotations

import hashlib
from pathlib import Path

import anyio.to_thread

from longtake.errors import MediaError
from longtake.files import sha256_of
from longtake.ledger import Ledger
from longtake.media import FilmShape, Matrix
from longtake.record import Stage
from longtake.rendering.render import Render
from longtake.rendering.stills import AS_FETCHED, address_name, remote_clip
from longtake.rendering.takes import StoredTake
from longtake.story import ClipPlan
from longtake.story.named_files import is_web

OWN_RECIPE = "own-1"
"""The version of everything that makes a clip of the film from an author's own."""


async def known_own_take(
    ledger: Ledger, clip: ClipPlan, file: Path, fps: int, matrix: Matrix
) -> StoredTake | None:
    """The clip as it was fitted before; None where it has yet to be."""
    source = await _known_source(ledger, str(clip.own_file), file)
    if source is None:
        return None
    fitted = await ledger.frame(source, 0, _recipe(clip, fps, matrix))
    return _take(clip, source, fitted) if fitted else None


async def _known_source(ledger: Ledger, named: str, file: Path) -> str | None:
    """The hash of the file as it is, or of what its address gave; None where neither is known."""
    if is_web(named):
        return await ledger.frame(address_name(named), 0, AS_FETCHED)
    if not await anyio.Path(file).is_file():
        return None
    return await anyio.to_thread.run_sync(sha256_of, file)


async def own_take(render: Render, clip: ClipPlan) -> StoredTake:
    """The clip, fitted to the film, in the render's folder. Safe to repeat.

    One that was fitted before stays: another ffmpeg might make other bytes of it, and its last
    frame is part of what follows. Raises MediaError where the file is gone or damaged.
    """
    named = str(clip.own_file)
    file = await remote_clip(render, named) if is_web(named) else render.folder.pictures / named
    if not await anyio.Path(file).is_file():
        raise MediaError(f"{clip.id}: there is no clip {file}; put it back, then render again")
    source = await anyio.to_thread.run_sync(sha256_of, file)
    recipe = _recipe(clip, render.plan.fps, render.settings.picture.untagged_matrix)
    into = render.folder.clip(_take(clip, source, ""))
    known = await render.ledger.frame(source, 0, recipe)
    reused = known is not None and await render.store.fetched(known, "clip", into)
    if not reused:
        render.report.note(clip, stage=Stage.PREPARING)
        render.film.changes.set()
        await _fit(render, clip, file, into)
        known = (await render.store.put(into, "clip")).sha256
        await render.ledger.remember_frame(source, 0, recipe, known)
    take = _take(clip, source, str(known))
    size = (await anyio.Path(into).stat()).st_size
    render.report.own(take, size_bytes=size)
    return take


async def _fit(render: Render, clip: ClipPlan, file: Path, into: Path) -> None:
    matrix = render.settings.picture.untagged_matrix
    async with render.slots.ffmpeg.next_clip():
        await render.film.media.fit_own(
            file,
            into,
            frame_count=clip.frame_count,
            shape=FilmShape(clip.width, clip.height, render.plan.fps, matrix),
        )


def _take(clip: ClipPlan, source: str, fitted: str) -> StoredTake:
    name = hashlib.sha256(f"{OWN_RECIPE} {source}".encode()).hexdigest()
    return StoredTake(fitted, name, clip)


def _recipe(clip: ClipPlan, fps: int, matrix: Matrix) -> str:
    """How it is fitted: all that decides the bytes but for the file and ffmpeg."""
    return f"{OWN_RECIPE} {clip.width}x{clip.height} {clip.frame_count}@{fps} {matrix}"
