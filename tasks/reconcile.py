"""After a submit without a usable answer: was it accepted? The request history knows."""

from __future__ import annotations

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.errors import AmbiguousSubmit
from longtake.ledger import Slate, TakeState
from longtake.record import Stage
from longtake.rendering.attempt_search import find_attempt
from longtake.rendering.render import Render
from longtake.rendering.takes import Take
from tasks.retries import repeat_if_safe


@task(
    name="reconcile",
    task_run_name="reconcile {take.clip.id}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=repeat_if_safe,
)
async def reconcile(render: Render, take: Take) -> Slate:
    """Find the attempt by what it asked for: adopt it, or free the take once it is absent.

    Returns the slate, submitted or intended. Safe to repeat. A row may show late, so absence
    counts only after ``keeping.ambiguous_seconds``.
    """
    slate = await render.ledger.get(take.fingerprint)
    if slate.state is TakeState.INTENDED:
        slate = await render.ledger.ambiguous(
            take.fingerprint, render.owner, "the render ended before the answer came"
        )
    if slate.sent_at is None:
        raise AmbiguousSubmit(f"{slate.clip_id}: ambiguous, but never sent", operation="history")
    render.note(take.clip, stage=Stage.RECONCILING, remark=slate.error)
    patience = render.settings.keeping.ambiguous_seconds
    while True:
        asked_at = await render.ledger.now()
        row = await find_attempt(render, take, slate.sent_at)
        if row is not None:
            return await _adopt(render, take, row.request_id)
        remaining = patience - (asked_at - slate.sent_at).total_seconds()
        if remaining <= 0:
            return await _free(render, take)
        await asyncio.sleep(min(remaining, max(1.0, patience / 10)))


async def _adopt(render: Render, take: Take, request_id: str) -> Slate:
    slate = await render.ledger.submitted(take.fingerprint, render.owner, request_id)
    render.note(
        take.clip,
        stage=Stage.QUEUED,
        request_id=request_id,
        submitted_at=slate.sent_at,
        remark="found in the request history",
    )
    return slate


async def _free(render: Render, take: Take) -> Slate:
    slate = await render.ledger.reopen(
        take.fingerprint,
        render.owner,
        lease_seconds=render.settings.keeping.lease_seconds,
        run=render.run,
        budgets=render.budgets,
    )
    render.note(take.clip, remark="the request history lacks it: it was never accepted")
    return slate
