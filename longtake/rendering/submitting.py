"""The one thing that costs money: asking the service for a clip."""

from __future__ import annotations

from functools import partial

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
from longtake.rendering.holding import reopen, reserve
from longtake.rendering.render import Render
from longtake.rendering.slots import wait_out
from longtake.rendering.takes import Take
from longtake.rendering.uploads import addresses, forget_uploads, note_sent


async def send(render: Render, take: Take) -> Slate:
    """Ask the service for the clip, once: what was sent is in the ledger before it leaves.

    Returns the slate: submitted, completed (v1), or ambiguous where no usable answer came; as it
    is where another has sent it meanwhile. Raises what the service refused; only what it certainly
    did not accept may be repeated.
    """
    render.report.note(take.clip, stage=Stage.SUBMITTING)
    images = await addresses(render, take)
    await render.spending.prove_store()
    await render.slots.shared.request()
    claim = await reserve(render, take)
    while claim.hold_seconds:
        await wait_out(render, claim.hold_seconds)
        claim = await reserve(render, take)
    if claim.held and not claim.slate.is_unsent:
        return claim.slate  # another render sent it while this one waited, and left it
    await note_sent(render, take, images)
    render.spending.submit_times.note(take.fingerprint)
    await render.ledger.sending(take.fingerprint, render.owner)
    body: dict[str, JsonValue] = {**take.clip.parameters, **images}
    try:
        if render.settings.endpoint == "v1":
            return await _generated(render, take, body)
        submitted = await render.client.submit(
            take.clip.model, body, may_leave=partial(_may_leave, render, take)
        )
    except ServiceError as error:
        return await _settled(render, take, error)
    slate = await render.ledger.submitted(take.fingerprint, render.owner, submitted.request_id)
    render.report.note(
        take.clip,
        stage=Stage.QUEUED,
        request_id=slate.request_id,
        submitted_at=slate.submitted_at,
    )
    return slate


def _may_leave(render: Render, take: Take) -> bool:
    """Asked in the moment before the request leaves: a later search must find it."""
    patience = render.settings.keeping.ambiguous_seconds
    return render.spending.submit_times.may_leave(take.fingerprint, patience / 2)


async def _generated(render: Render, take: Take, body: dict[str, JsonValue]) -> Slate:
    """v1: the answer is the clip itself."""
    render.report.note(take.clip, stage=Stage.GENERATING, submitted_at=render.clock.now())
    into = render.folder.unchecked(take)
    generated = await render.client.generate(
        take.clip.model, body, into, may_leave=partial(_may_leave, render, take)
    )
    ledger, name, owner = render.ledger, take.fingerprint, render.owner
    if generated.request_id:
        await ledger.submitted(name, owner, generated.request_id)
    slate = await ledger.completed(name, owner, usd=generated.cost_usd)
    render.report.note(take.clip, request_id=generated.request_id, usd=generated.cost_usd)
    return slate


async def _settled(render: Render, take: Take, error: ServiceError) -> Slate:
    """Write down what a failed submit means, then raise it; an ambiguous one is returned."""
    ledger, name, owner = render.ledger, take.fingerprint, render.owner
    match error:
        case AmbiguousSubmit():
            return await ledger.ambiguous(name, owner, str(error))
        case ContentBlocked():
            await ledger.failed(name, owner, str(error), CONTENT_BLOCKED)
        case GenerationFailed():
            await ledger.failed(name, owner, str(error))
            await forget_uploads(render, take)
        case RequestRefused() | RequestUnknown():
            await ledger.refused(name, owner, str(error))
            await forget_uploads(render, take)
        case _:  # certainly not accepted: free to be sent again
            await reopen(render, name)
    raise error
