"""The one step that costs money."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import JsonValue

from longtake.record import Stage
from longtake.story import ClipPlan
from tasks.handover import Images
from tasks.repeating import repeat_if_safe
from tasks.studio import Studio


class Submission(NamedTuple):
    """An accepted job: its id, and (v1 only) the file that came with the answer."""

    request_id: str | None
    path: Path | None = None


@task(
    name="submit",
    task_run_name="submit {clip.id}",
    tags=["paid"],  # on this step alone: each tagged run asks the server before it may start
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=repeat_if_safe,
)
async def submit(studio: Studio, clip: ClipPlan, images: Images) -> Submission:
    """Ask the service for the clip: paid once accepted, so only certain refusals are repeated."""
    studio.note(clip, stage=Stage.SUBMITTING)
    body = request_body(clip, images)
    if studio.settings.endpoint == "v1":
        return await _generate(studio, clip, body)
    submitted = await studio.client.submit(clip.model, body)
    studio.note(
        clip,
        stage=Stage.QUEUED,
        request_id=submitted.request_id,
        submitted_at=datetime.now(UTC),
    )
    return Submission(submitted.request_id)


async def _generate(studio: Studio, clip: ClipPlan, body: dict[str, JsonValue]) -> Submission:
    studio.note(clip, stage=Stage.GENERATING, submitted_at=datetime.now(UTC))
    into = studio.path("clips", clip, ".unchecked.mp4")
    generated = await studio.client.generate(clip.model, body, into)
    studio.note(clip, request_id=generated.request_id, usd=generated.cost_usd)
    return Submission(generated.request_id, generated.path)


def request_body(clip: ClipPlan, images: Images) -> dict[str, JsonValue]:
    """The flat JSON body of a request: the clip's parameters and its images' addresses."""
    body = dict(clip.parameters)
    if images.start:
        body["image"] = images.start.address
    if images.end:
        body["last_image"] = images.end.address
    return body
