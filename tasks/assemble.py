"""From checked clips to the film: each is normalised as it comes, the join only copies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import anyio.to_thread
from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.media import Chapter, Segment
from longtake.media import assemble as join
from longtake.media import normalise as encode
from longtake.record import FilmRecord
from longtake.story import ClipPlan
from tasks.files import sha256_of
from tasks.studio import Studio
from tasks.takes import Kept


async def normalise(studio: Studio, clip: ClipPlan, kept: Kept) -> Segment:
    """Bring a clip into the film's shape while others still generate.

    Not a task: it costs nothing to do again, and a task run a clip would double the server's work.
    """
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
async def assemble(studio: Studio, segments: Sequence[Segment]) -> Path:
    """Join the segments, in film order, into ``film.mp4``: no picture is encoded again."""
    plan = studio.plan
    into = studio.folder / "film.mp4"
    async with studio.benches:
        facts = await join(
            segments,
            into,
            ffmpeg=studio.ffmpeg,
            fps=plan.fps,
            chapters=[
                Chapter(shot.title, shot.first_frame_index, shot.frame_count) for shot in plan.shots
            ],
            title=plan.title,
            comment=f"longtake storyboard sha256 {plan.storyboard_sha256}",
        )
    studio.record.note(
        film=FilmRecord(
            file=into.name,
            sha256=await anyio.to_thread.run_sync(sha256_of, into),
            size_bytes=facts.size_bytes,
            frame_count=facts.frame_count,
            seconds=facts.frame_count / plan.fps,
            fps=plan.fps,
            width=plan.width,
            height=plan.height,
        )
    )
    return into
