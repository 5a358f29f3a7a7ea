"""A finished clip comes home and is checked before anything builds on it."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import anyio.to_thread
from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.errors import DamagedClip
from longtake.media import ClipFacts, inspect_clip
from longtake.record import Stage
from longtake.segmind import Completed
from longtake.story import ClipPlan
from tasks.repeating import repeat_if_safe
from tasks.studio import Studio
from tasks.submit import Submission


@task(
    name="download",
    task_run_name="download {clip.id}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=repeat_if_safe,
)
async def download(
    studio: Studio, clip: ClipPlan, submission: Submission, completed: Completed | None
) -> Path:
    """Fetch the clip and keep it only if it is whole: every frame decodes and there are enough.

    Safe to repeat. Under its final name there is never anything but a checked clip.
    """
    studio.note(clip, stage=Stage.DOWNLOADING)
    unchecked = studio.path("clips", clip, ".unchecked.mp4")
    into = studio.path("clips", clip, ".mp4")
    if completed is not None:
        await studio.client.download(completed.output_url, unchecked)
    async with studio.benches:
        facts = await inspect_clip(unchecked, ffmpeg=studio.ffmpeg)
    refuse_short(clip, facts)
    unchecked.replace(into)
    studio.note(
        clip,
        stage=Stage.STORED,
        ended_at=datetime.now(UTC),
        file=studio.relative(into),
        sha256=await anyio.to_thread.run_sync(sha256_of, into),
        size_bytes=facts.size_bytes,
        frame_count=facts.frame_count,
        width=facts.width,
        height=facts.height,
        remark=size_remark(clip, facts),
    )
    return into


def size_remark(clip: ClipPlan, facts: ClipFacts) -> str | None:
    """What to say of a clip of another size: it is paid for, and the film's shape can be made."""
    if (facts.width, facts.height) == (clip.width, clip.height):
        return None
    return f"came as {facts.width}x{facts.height}, expected {clip.width}x{clip.height}: rescaled"


def refuse_short(clip: ClipPlan, facts: ClipFacts) -> None:
    """Raise DamagedClip where the service made fewer frames than the film needs of this clip."""
    if facts.frame_count < clip.frame_count:
        raise DamagedClip(
            f"{clip.id}: {facts.frame_count} frames came, the film needs {clip.frame_count}"
        )


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
