"""After a submit without a usable answer: was it accepted? The request history knows."""

from __future__ import annotations

import asyncio

from prefect import task
from prefect.cache_policies import NO_CACHE

from longtake.errors import AmbiguousSubmit
from longtake.ledger import Slate, State
from longtake.record import Stage
from tasks.repeating import repeat_if_safe
from tasks.searching import find_attempt
from tasks.studio import Studio
from tasks.takes import Take


@task(
    name="reconcile",
    task_run_name="reconcile {take.clip.id}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retry_condition_fn=repeat_if_safe,
)
async def reconcile(studio: Studio, take: Take) -> Slate:
    """Find the attempt by what it asked for: adopt it, or free the take once it is absent.

    Returns the slate, submitted or intended. Safe to repeat. A row may show late, so absence
    counts only after ``keeping.ambiguous_seconds``.
    """
    slate = await studio.ledger.get(take.fingerprint)
    if slate.state is State.INTENDED:
        slate = await studio.ledger.ambiguous(
            take.fingerprint, studio.owner, "the render ended before the answer came"
        )
    if slate.sent_at is None:
        raise AmbiguousSubmit(f"{slate.clip_id}: ambiguous, but never sent", operation="history")
    studio.note(take.clip, stage=Stage.RECONCILING, remark=slate.error)
    patience = studio.settings.keeping.ambiguous_seconds
    while True:
        asked_at = await studio.ledger.now()
        row = await find_attempt(studio, take, slate.sent_at)
        if row is not None:
            return await _adopt(studio, take, row.request_id)
        remaining = patience - (asked_at - slate.sent_at).total_seconds()
        if remaining <= 0:
            return await _free(studio, take)
        await asyncio.sleep(min(remaining, max(1.0, patience / 10)))


async def _adopt(studio: Studio, take: Take, request_id: str) -> Slate:
    slate = await studio.ledger.submitted(take.fingerprint, studio.owner, request_id)
    studio.note(
        take.clip,
        stage=Stage.QUEUED,
        request_id=request_id,
        submitted_at=slate.sent_at,
        remark="found in the request history",
    )
    return slate


async def _free(studio: Studio, take: Take) -> Slate:
    slate = await studio.ledger.reopen(
        take.fingerprint,
        studio.owner,
        lease_seconds=studio.settings.keeping.lease_seconds,
        run=studio.run,
        budgets=studio.budgets,
    )
    studio.note(take.clip, remark="the request history lacks it: it was never accepted")
    return slate
