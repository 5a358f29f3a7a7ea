"""From checked clips to the film: each is normalised as it comes, the join only copies."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path

import anyio.to_thread
from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.errors import DamagedObject, LedgerError, MissingObject, StoreError
from longtake.media import Chapter, Segment
from longtake.media import assemble as join
from longtake.media import normalise as encode
from longtake.record import FilmRecord
from longtake.story import ClipPlan
from tasks.files import sha256_of
from tasks.studio import Encoding, Kept, Studio

ASSEMBLY = "film-1"
"""The version of everything that makes a film from its clips."""


def encode_ahead(studio: Studio, clip: ClipPlan, kept: Kept) -> None:
    """Bring a clip into the film's shape while others still generate.

    Not a task: it costs nothing to do again, and a task run a clip would double the server's work.
    It waits until it is known that there will be another film than the one that is there.
    """
    known = studio.encodings.get(clip.id)
    if not studio.assembles or (known is not None and known.sha256 == kept.sha256):
        return
    if known is not None:
        known.task.cancel()
    work = asyncio.create_task(_once_at_stake(studio, clip, kept))
    studio.encodings[clip.id] = Encoding(kept.sha256, work)


async def _once_at_stake(studio: Studio, clip: ClipPlan, kept: Kept) -> Segment:
    await studio.at_stake.wait()
    return await normalise(studio, clip, kept)


async def normalise(studio: Studio, clip: ClipPlan, kept: Kept) -> Segment:
    """The clip in the film's shape: its size, rate, colours and exact frames."""
    into = studio.path("segments", clip, ".mp4")
    picture = studio.settings.picture
    async with studio.benches:
        await encode(
            kept.path,
            into,
            ffmpeg=studio.ffmpeg,
            skip_frames=clip.skip_frames,
            frame_count=clip.kept_frame_count,
            width=studio.plan.width,
            height=studio.plan.height,
            fps=studio.plan.fps,
            untagged_matrix=picture.untagged_matrix,
            crf=picture.crf,
            preset=picture.preset,
        )
    return Segment(into, clip.kept_frame_count)


@task(
    name="assemble",
    task_run_name="assemble {studio.plan.title}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def assemble(studio: Studio) -> Path:
    """Join the clips into ``film.mp4``: no picture is encoded again.

    A film that was made of the very same clips in the same way comes out of the store.
    """
    into = studio.folder / "film.mp4"
    recipe = _recipe(studio)
    if not await _recalled(studio, recipe, into):
        studio.at_stake.set()
        segments = await asyncio.gather(
            *(studio.encodings[clip.id].task for clip in studio.plan.clips)
        )
        await _joined(studio, segments, into)
        await _kept(studio, recipe, into)
    plan = studio.plan
    studio.record.note(
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


def _chapters(studio: Studio) -> list[Chapter]:
    shots = studio.plan.shots
    return [Chapter(shot.title, shot.first_frame_index, shot.frame_count) for shot in shots]


async def _joined(studio: Studio, segments: list[Segment], into: Path) -> None:
    plan = studio.plan
    async with studio.benches:
        await join(
            segments,
            into,
            ffmpeg=studio.ffmpeg,
            fps=plan.fps,
            chapters=_chapters(studio),
            title=plan.title,
            comment=f"longtake storyboard sha256 {plan.storyboard_sha256}",
        )


def _recipe(studio: Studio) -> str:
    """A hash of everything that decides the film: its clips, and how they are joined."""
    plan, picture = studio.plan, studio.settings.picture
    clips = [
        [studio.kept[clip.id].sha256, clip.skip_frames, clip.kept_frame_count]
        for clip in plan.clips
    ]
    parts = {
        "assembly": ASSEMBLY,
        "clips": clips,
        "shape": [plan.width, plan.height, plan.fps],
        "chapters": [astuple(chapter) for chapter in _chapters(studio)],
        "texts": [plan.title, plan.storyboard_sha256],
        "picture": picture.model_dump(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


async def _recalled(studio: Studio, recipe: str, into: Path) -> bool:
    """Whether the film was there; a lost or damaged one is simply made again."""
    sha256 = await studio.ledger.film(recipe)
    if sha256 is None:
        return False
    try:
        await studio.store.fetch(sha256, "film", into)
    except (MissingObject, DamagedObject):
        return False
    return True


async def _kept(studio: Studio, recipe: str, film: Path) -> None:
    """Keep the film for the next render; it is made already, so a failure here is no failure."""
    with suppress(StoreError, LedgerError, OSError):
        stored = await studio.store.put(film, "film")
        await studio.ledger.remember_film(recipe, stored.sha256)
