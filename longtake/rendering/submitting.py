"""The one thing that costs money: asking the service for a clip."""

from __future__ import annotations

from contextlib import suppress

from pydantic import JsonValue

from longtake.errors import (
    AmbiguousSubmit,
    ContentBlocked,
    GenerationFailed,
    RequestRefused,
    RequestUnknown,
    ServiceError,
    SubmitHeldUp,
)
from longtake.ledger import CONTENT_BLOCKED, Slate
from longtake.record import Stage
from longtake.rendering.holding import reopen, reserve
from longtake.rendering.render import Render
from longtake.rendering.slots import wait_out
from longtake.rendering.takes import Take
from longtake.rendering.uploads import addresses, forget_uploads, note_sent

HELD_UP_TIMES = 10
"""That a submit is held up is this machine's fault: it is no failed attempt at the service."""


class _Departure:
    """A take's submit, in the moment in which it leaves."""

    def __init__(self, render: Render, slate: Slate) -> None:
        self._render, self._slate = render, slate

    async def begins(self) -> None:
        """From here on it may have been sent: the ledger says so."""
        self._render.spending.submit_times.note(self._slate.attempt_id)
        await self._render.ledger.sending(self._slate.fingerprint, self._render.owner)

    def may_leave(self) -> bool:
        """Whether it is so fresh that a later search must find it."""
        patience = self._render.settings.keeping.ambiguous_seconds
        return self._render.spending.submit_times.may_leave(self._slate.attempt_id, patience / 2)


async def send(render: Render, take: Take) -> Slate:
    """Ask the service for the clip, once: what was sent is in the ledger before it leaves.

    Returns the slate: submitted, completed (v1), or ambiguous where no usable answer came; as it
    is where another has sent it meanwhile. Raises what the service refused; only what it certainly
    did not accept may be repeated.
    """
    for _ in range(HELD_UP_TIMES - 1):
        with suppress(SubmitHeldUp):
            return await _sent(render, take)
    return await _sent(render, take)


async def _sent(render: Render, take: Take) -> Slate:
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
    await note_sent(render, claim.slate, images)
    body: dict[str, JsonValue] = {**take.clip.parameters, **images}
    try:
        if render.settings.endpoint == "v1":
            return await _generated(render, take, body, _Departure(render, claim.slate))
        submitted = await render.client.submit(
            take.clip.model, body, departure=_Departure(render, claim.slate)
        )
    except ServiceError as error:
        return await _settled(render, take, claim.slate, error)
    slate = await render.ledger.submitted(take.fingerprint, render.owner, submitted.request_id)
    render.report.note(
        take.clip, stage=Stage.QUEUED, request_id=slate.request_id, submitted_at=slate.submitted_at
    )
    return slate


async def _generated(
    render: Render, take: Take, body: dict[str, JsonValue], departure: _Departure
) -> Slate:
    """v1: the answer is the clip itself."""
    render.report.note(take.clip, stage=Stage.GENERATING, submitted_at=render.clock.now())
    into = render.folder.unchecked(take)
    generated = await render.client.generate(take.clip.model, body, into, departure=departure)
    ledger, name, owner = render.ledger, take.fingerprint, render.owner
    if generated.request_id:
        await ledger.submitted(name, owner, generated.request_id)
    slate = await ledger.completed(name, owner, usd=generated.cost_usd)
    render.report.note(take.clip, request_id=generated.request_id, usd=generated.cost_usd)
    return slate


async def _settled(render: Render, take: Take, sent: Slate, error: ServiceError) -> Slate:
    """Write down what a failed submit means, then raise it; an ambiguous one is returned."""
    ledger, name, owner = render.ledger, take.fingerprint, render.owner
    if error.request_id and (slate := await _accepted_all_the_same(render, take, error)):
        return slate
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
            await reopen(render, sent)
    raise error


async def _accepted_all_the_same(render: Render, take: Take, error: ServiceError) -> Slate | None:
    """An answer that is no clip (v1) may name a job: the service's record or history tells.

    None where neither knows it: then the answer is what it says.
    """
    request_id, name, owner = str(error.request_id), take.fingerprint, render.owner
    for ask in (render.client.status, render.client.history_row):
        try:
            await ask(request_id)
        except RequestUnknown:
            continue
        except ServiceError as untold:
            return await render.ledger.ambiguous(name, owner, f"{error}; {untold}")
        return await render.ledger.submitted(name, owner, request_id)
    return None
