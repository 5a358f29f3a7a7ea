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
from longtake.files import sha256_of
from longtake.media import Chapter, Segment, Side
from longtake.media import assemble as join
from longtake.media import dissolve as mix
from longtake.media import normalise as encode
from longtake.record import FilmRecord
from longtake.rendering.render import Encoding, Render, StoredTake
from longtake.story.plan import SegmentPlan, Source

ASSEMBLY = "film-1"
"""The version of everything that makes a film from its clips."""


def encode_ahead(render: Render, kept: StoredTake) -> None:
    """Bring what the film has of a clip into the film's shape while others still generate.

    Not a task: it costs nothing to do again, and a task run a clip would double the server's work.
    It waits until it is known that there will be another film than the one that is there.
    """
    part = render.seams.plan.segment_of(kept.clip.id)
    if part is None or not render.assembles:
        return
    source = _source(part.sources[0], kept)
    known = render.encodings.get(kept.clip.id)
    if known is not None and known.of == (source, part.frame_count):
        return
    if known is not None:
        known.task.cancel()
    work = asyncio.create_task(_once_at_stake(render, part, source))
    render.encodings[kept.clip.id] = Encoding((source, part.frame_count), work)


async def _once_at_stake(render: Render, part: SegmentPlan, source: Side) -> Segment:
    await render.film_changes.wait()
    into = segment_path(render, part)
    async with render.ffmpeg_slots:
        await encode(
            source.clip,
            into,
            skip_frames=source.skip_frames,
            calibration=source.calibration,
            flash=source.flash,
            **_shape(render, part),
        )
    return Segment(into, part.frame_count)


async def _dissolved(render: Render, part: SegmentPlan) -> Segment:
    """A dissolve: the only frames that are made of two clips."""
    sides = [_source(source, render.kept[source.clip_id]) for source in part.sources]
    into = segment_path(render, part)
    async with render.ffmpeg_slots:
        await mix(sides[0], sides[1], into, **_shape(render, part))
    return Segment(into, part.frame_count)


def _source(source: Source, kept: StoredTake) -> Side:
    """A clip's frames, and what is undone in them."""
    return Side(kept.path, source.skip_frames, kept.calibration, kept.flash)


def segment_path(render: Render, part: SegmentPlan) -> Path:
    """Where a piece of the film lies before it is joined."""
    first = render.plan.clip(part.clip_ids[0])
    ending = ".mp4" if part.kind == "clip" else ".dissolve.mp4"
    return render.path("segments", first, ending)


def _shape(render: Render, part: SegmentPlan) -> dict[str, Any]:
    picture = render.settings.picture
    return {
        "ffmpeg": render.ffmpeg,
        "frame_count": part.frame_count,
        "width": render.plan.width,
        "height": render.plan.height,
        "fps": render.plan.fps,
        "untagged_matrix": picture.untagged_matrix,
        "crf": picture.crf,
        "preset": picture.preset,
    }


@task(
    name="assemble",
    task_run_name="assemble {render.plan.title}",
    cache_policy=NO_CACHE,
    persist_result=False,
)
async def assemble(render: Render) -> Path:
    """Join the clips into ``film.mp4``: no picture is encoded again.

    A film that was made of the very same clips in the same way comes out of the store.
    """
    into = render.folder / "film.mp4"
    recipe = render.film_recipe = _recipe(render)
    if not await _recalled(render, recipe, into):
        render.film_changes.set()
        segments = await asyncio.gather(
            *(
                render.encodings[part.clip_ids[0]].task
                if part.kind == "clip"
                else _dissolved(render, part)
                for part in render.seams.plan.segments
            )
        )
        await _joined(render, segments, into)
        await _kept(render, recipe, into)
    plan = render.plan
    render.record.note(
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


def _chapters(render: Render) -> list[Chapter]:
    shots = render.plan.shots
    return [Chapter(shot.title, shot.first_frame_index, shot.frame_count) for shot in shots]


async def _joined(render: Render, segments: list[Segment], into: Path) -> None:
    plan = render.plan
    async with render.ffmpeg_slots:
        await join(
            segments,
            into,
            ffmpeg=render.ffmpeg,
            fps=plan.fps,
            chapters=_chapters(render),
            title=plan.title,
            comment=f"longtake storyboard sha256 {plan.storyboard_sha256}",
        )


def _recipe(render: Render) -> str:
    """A hash of everything that decides the film: its clips, and how they are joined."""
    plan, picture = render.seams.plan, render.settings.picture
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
    kept = render.kept[source.clip_id]
    undone = kept.treatment.model_dump_json(exclude={"pair"}) if kept.treatment else ""
    return [kept.sha256, source.skip_frames, undone]


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


async def _kept(render: Render, recipe: str, film: Path) -> None:
    """Keep the film for the next render; it is made already, so a failure here is no failure."""
    with suppress(StoreError, LedgerError, OSError):
        stored = await render.store.put(film, "film")
        await render.ledger.remember_film(recipe, stored.sha256)
