"""The one step that costs money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from anyio import Path as AsyncPath
from prefect import task
from prefect.cache_policies import NO_CACHE
from pydantic import JsonValue

from longtake.errors import (
    AmbiguousSubmit,
    ContentBlocked,
    GenerationFailed,
    RequestRefused,
    RequestUnknown,
    ServiceError,
)
from longtake.ledger import CONTENT_BLOCKED, Slate
from longtake.record import Stage
from longtake.rendering.render import Render
from longtake.rendering.takes import Image, Take, unchecked_path
from longtake.segmind import data_uri
from tasks.limits import wait_for_request_slot
from tasks.retries import repeat_if_safe

UPLOAD_LASTS = timedelta(hours=1)
"""How long an uploaded image is taken to be there still; the service does not say."""


@task(
    name="submit",
    task_run_name="submit {take.clip.id}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=repeat_if_safe,
)
async def submit(render: Render, take: Take) -> Slate:
    """Ask the service for the clip, once: what was sent is in the ledger before it leaves.

    Returns the slate: submitted, completed (v1), or ambiguous where no usable answer came. Raises
    what the service refused; only what it certainly did not accept is repeated.
    """
    render.note(take.clip, stage=Stage.SUBMITTING)
    body = await _body(render, take)
    await render.prove_store()
    await wait_for_request_slot(render)
    await render.ledger.sending(take.fingerprint, render.owner)
    try:
        if render.settings.endpoint == "v1":
            return await _generate(render, take, body)
        submitted = await render.client.submit(take.clip.model, body)
    except ServiceError as error:
        return await _settle(render, take, error)
    slate = await render.ledger.submitted(take.fingerprint, render.owner, submitted.request_id)
    render.note(
        take.clip,
        stage=Stage.QUEUED,
        request_id=slate.request_id,
        submitted_at=slate.submitted_at,
    )
    return slate


async def _generate(render: Render, take: Take, body: dict[str, JsonValue]) -> Slate:
    """v1: the answer is the clip itself."""
    render.note(take.clip, stage=Stage.GENERATING, submitted_at=datetime.now(UTC))
    into = unchecked_path(render, take)
    generated = await render.client.generate(take.clip.model, body, into)
    ledger, name, owner = render.ledger, take.fingerprint, render.owner
    if generated.request_id:
        await ledger.submitted(name, owner, generated.request_id)
    slate = await ledger.completed(name, owner, usd=generated.cost_usd)
    render.note(take.clip, request_id=generated.request_id, usd=generated.cost_usd)
    return slate


async def _settle(render: Render, take: Take, error: ServiceError) -> Slate:
    """Write down what a failed submit means, then raise it; an ambiguous one is returned."""
    ledger, name, owner = render.ledger, take.fingerprint, render.owner
    match error:
        case AmbiguousSubmit():
            return await ledger.ambiguous(name, owner, str(error))
        case ContentBlocked():
            await ledger.failed(name, owner, str(error), CONTENT_BLOCKED)
        case GenerationFailed():
            await ledger.failed(name, owner, str(error))
        case RequestRefused() | RequestUnknown():
            await ledger.refused(name, owner, str(error))
        case _:  # certainly not accepted: free to be sent again
            seconds = render.settings.keeping.lease_seconds
            await ledger.reopen(
                name, owner, lease_seconds=seconds, run=render.run, budgets=render.budgets
            )
    raise error


async def _body(render: Render, take: Take) -> dict[str, JsonValue]:
    """The flat JSON body of a request: the clip's parameters and its images' addresses."""
    body = dict(take.clip.parameters)
    if take.images.start:
        body["image"] = await _address(render, take, take.images.start, "start_image")
    if take.images.end:
        body["last_image"] = await _address(render, take, take.images.end, "end_image")
    return body


async def _address(render: Render, take: Take, image: Image, which: str) -> str:
    """Where the service finds the image; each content is uploaded once."""
    content = await AsyncPath(image.path).read_bytes()
    if render.settings.image_transport == "data_uri":
        return data_uri(content, "image/png")
    url = await render.ledger.upload_url(image.sha256)
    if url is None:
        await wait_for_request_slot(render)
        url = await render.client.upload(content, "image/png")
        seconds = UPLOAD_LASTS.total_seconds()
        await render.ledger.remember_upload(image.sha256, url, seconds)
    record = getattr(render.record.clips[take.clip.id], which)
    render.note(take.clip, **{which: record.model_copy(update={"url": url})})
    return url
