"""From checked clips to the film: each is normalised as it comes, the join only copies."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import suppress
from dataclasses import astuple
from pathlib import Path
from typing import Any

import anyio.to_thread
from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.errors import DamagedObject, LedgerError, MissingObject, StoreError
from longtake.media import Chapter, Segment, Side
from longtake.media import assemble as join
from longtake.media import dissolve as mix
from longtake.media import normalise as encode
from longtake.record import FilmRecord
from longtake.story.plan import SegmentPlan, Source
from tasks.files import sha256_of
from tasks.studio import Encoding, Kept, Studio

ASSEMBLY = "film-1"
"""The version of everything that makes a film from its clips."""


def encode_ahead(studio: Studio, kept: Kept) -> None:
    """Bring what the film has of a clip into the film's shape while others still generate.

    Not a task: it costs nothing to do again, and a task run a clip would double the server's work.
    It waits until it is known that there will be another film than the one that is there.
    """
    part = studio.seams.plan.segment_of(kept.clip.id)
    if part is None or not studio.assembles:
        return
    source = _source(part.sources[0], kept)
    known = studio.encodings.get(kept.clip.id)
    if known is not None and known.of == (source, part.frame_count):
        return
    if known is not None:
        known.task.cancel()
    work = asyncio.create_task(_once_at_stake(studio, part, source))
    studio.encodings[kept.clip.id] = Encoding((source, part.frame_count), work)


async def _once_at_stake(studio: Studio, part: SegmentPlan, source: Side) -> Segment:
    await studio.at_stake.wait()
    into = segment_path(studio, part)
    async with studio.benches:
        await encode(
            source.clip,
            into,
            skip_frames=source.skip_frames,
            calibration=source.calibration,
            flash=source.flash,
            **_shape(studio, part),
        )
    return Segment(into, part.frame_count)


async def _dissolved(studio: Studio, part: SegmentPlan) -> Segment:
    """A dissolve: the only frames that are made of two clips."""
    sides = [_source(source, studio.kept[source.clip_id]) for source in part.sources]
    into = segment_path(studio, part)
    async with studio.benches:
        await mix(sides[0], sides[1], into, **_shape(studio, part))
    return Segment(into, part.frame_count)


def _source(source: Source, kept: Kept) -> Side:
    """A clip's frames, and what is undone in them."""
    return Side(kept.path, source.skip_frames, kept.calibration, kept.flash)


def segment_path(studio: Studio, part: SegmentPlan) -> Path:
    """Where a piece of the film lies before it is joined."""
    first = studio.plan.clip(part.clip_ids[0])
    ending = ".mp4" if part.kind == "clip" else ".dissolve.mp4"
    return studio.path("segments", first, ending)


def _shape(studio: Studio, part: SegmentPlan) -> dict[str, Any]:
    picture = studio.settings.picture
    return {
        "ffmpeg": studio.ffmpeg,
        "frame_count": part.frame_count,
        "width": studio.plan.width,
        "height": studio.plan.height,
        "fps": studio.plan.fps,
        "untagged_matrix": picture.untagged_matrix,
        "crf": picture.crf,
        "preset": picture.preset,
    }


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
    recipe = studio.film_recipe = _recipe(studio)
    if not await _recalled(studio, recipe, into):
        studio.at_stake.set()
        segments = await asyncio.gather(
            *(
                studio.encodings[part.clip_ids[0]].task
                if part.kind == "clip"
                else _dissolved(studio, part)
                for part in studio.seams.plan.segments
            )
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
    plan, picture = studio.seams.plan, studio.settings.picture
    pieces = [
        [part.frame_count, *(_ingredient(studio, source) for source in part.sources)]
        for part in plan.segments
    ]
    parts = {
        "assembly": ASSEMBLY,
        "pieces": pieces,
        "shape": [plan.width, plan.height, plan.fps],
        "chapters": [astuple(chapter) for chapter in _chapters(studio)],
        "texts": [plan.title, plan.storyboard_sha256],
        "picture": picture.model_dump(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _ingredient(studio: Studio, source: Source) -> list[str | int]:
    """A clip's frames and what is undone in them, as a part of the film's recipe."""
    kept = studio.kept[source.clip_id]
    undone = kept.treatment.model_dump_json(exclude={"pair"}) if kept.treatment else ""
    return [kept.sha256, source.skip_frames, undone]


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
