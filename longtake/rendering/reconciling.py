"""After a submit without a usable answer: was it accepted? The request history knows."""

from __future__ import annotations

from datetime import datetime, timedelta

from longtake.errors import AmbiguousSubmit, LeaseLost
from longtake.ledger import Slate, TakeState
from longtake.record import Stage
from longtake.rendering.holding import reopen
from longtake.rendering.render import Render
from longtake.rendering.takes import Take
from longtake.rendering.uploads import Sent, what_was_sent
from longtake.segmind import LATEST_SECONDS, Absent, Found


async def look_for(render: Render, take: Take) -> Slate:
    """Find the attempt by what it asked for: adopt it, or free the take once it is absent.

    Returns the slate, submitted or intended. Safe to repeat. A row may show late, so absence
    counts only after ``keeping.ambiguous_seconds``, and after twice the age of any request that
    was accepted and that the history has been seen to lack. Raises LeaseLost where another render
    has gone on with the take.
    """
    slate = await render.ledger.get(take.fingerprint)
    if slate.sent_at is None or slate.state not in (TakeState.INTENDED, TakeState.AMBIGUOUS):
        raise LeaseLost(f"{slate.called} went on elsewhere and is {slate.state.value} by now")
    if slate.state is TakeState.INTENDED:
        slate = await render.ledger.ambiguous(
            take.fingerprint, render.owner, "the render ended before the answer came"
        )
    render.report.note(take.clip, stage=Stage.RECONCILING, remark=slate.error)
    least = render.settings.keeping.ambiguous_seconds
    pause, delay = max(1.0, least / 10), render.client.history_delay
    while True:
        age, patience = await _age_seconds(render, slate), delay.patience_seconds(least)
        try:
            found = await find_attempt(render, take, slate, shown=age >= patience)
        except AmbiguousSubmit:  # it cannot be told: parked after a while, and never sent again
            if age >= patience:
                raise
        else:
            if isinstance(found, Found):
                return await _adopted(render, take, found.row.request_id)
            delay.lacks(found.late_seconds)
            if age >= (patience := delay.patience_seconds(least)):
                return await _freed(render, take, slate)
            if age >= least:
                said = f"the request history is late: looking until it is {patience:.0f} s old"
                render.report.note(take.clip, remark=said)
        await render.clock.sleep(min(patience - age, pause))


async def _age_seconds(render: Render, slate: Slate) -> float:
    """How long ago the attempt was sent, by clocks that are not set meanwhile.

    This process's own, else the service's. Where neither knows, only what passes from this render's
    first look on is certain.
    """
    sent, now = await what_was_sent(render, slate), render.client.service_time(render.clock.now())
    left_at = _left_at(render, slate, sent)
    if (age := render.spending.submit_times.age_seconds(slate.attempt_id)) is not None:
        return age
    if left_at is not None and now is not None:
        return (now - left_at).total_seconds()
    looked_at = render.report.first_look(f"search for {slate.attempt_id}")
    return render.clock.monotonic() - looked_at


def _left_at(render: Render, slate: Slate, sent: Sent) -> datetime | None:
    """When the attempt was sent, by the service's clock; None where that is not known."""
    now = render.client.service_time(render.clock.now())
    age = render.spending.submit_times.age_seconds(slate.attempt_id)
    return sent.service_at if age is None or now is None else now - timedelta(seconds=age)


async def find_attempt(
    render: Render, take: Take, slate: Slate, *, shown: bool = False
) -> Found | Absent:
    """The history's row of the attempt, or of a later one, that belongs to no other take.

    ``shown``: so long ago that the row is there, if there is any.

    Authors may give one seed to many clips, so the whole request is compared, its images too where
    it is known under which address they were sent.
    """
    sent = await what_was_sent(render, slate)
    return await render.client.find_attempt(
        take.clip.model,
        {**take.clip.parameters, **sent.by_field(take.clip.model)},
        slate.sent_at or slate.intended_at,
        service_since=_left_at(render, slate, sent),
        is_known=render.ledger.knows,
        accepted=await accepted_ago(render),
        shown=shown,
    )


async def _freed(render: Render, take: Take, slate: Slate) -> Slate:
    reopened = await reopen(render, slate)
    said = "the request history lacks it: it was never accepted"
    render.report.note(take.clip, remark=said)
    return reopened


async def accepted_ago(render: Render) -> dict[str, float]:
    """The service's latest requests by their ids, and how many seconds ago it accepted each.

    An emulator that a render has started knows of no other run's.
    """
    run = render.run if render.report.record.emulated else None
    return await render.ledger.accepted_ago(LATEST_SECONDS, run=run)


async def _adopted(render: Render, take: Take, request_id: str) -> Slate:
    slate = await render.ledger.submitted(take.fingerprint, render.owner, request_id)
    render.report.note(
        take.clip,
        stage=Stage.QUEUED,
        request_id=request_id,
        submitted_at=slate.sent_at,
        remark="found in the request history",
    )
    return slate
