"""A take from whatever its slate says to its file: claim, submit, poll, download."""

from __future__ import annotations

from longtake.errors import AmbiguousSubmit, ClipLost, ClipUnusable, LeaseLost
from longtake.ledger import GIVEN_UP, Slate, TakeState
from longtake.rendering.choosing import recalled_take
from longtake.rendering.holding import holding, until_free
from longtake.rendering.render import Render
from longtake.rendering.slots import job_slot
from longtake.rendering.steps import Steps
from longtake.rendering.takes import StoredTake, Take, raise_verdict

SENDS = 3
"""How often one take may be sent in one render, each time proven never to have been accepted."""

UNSENT = frozenset({TakeState.INTENDED, TakeState.AMBIGUOUS})


async def bring(render: Render, steps: Steps, take: Take, slate: Slate | None) -> StoredTake:
    """Bring a take to its file, while nobody else works on it; from the store if it is there.

    ``slate`` is how the take stood a moment ago (None: nobody had asked for it).
    """
    if known := await recalled_take(render, take, slate):
        return known
    while True:
        slate = await until_free(render, take, slate)
        alone = render.spending.lock_for(take.fingerprint)
        waits = alone.locked()
        async with alone:
            if waits:  # for the very same take, asked for twice in this render
                slate = await render.ledger.find(take.fingerprint)
            if found := await _found_after_all(render, steps, take, slate):
                return found
            if made := await _made(render, steps, take):
                return made
        slate = await render.ledger.find(take.fingerprint)


async def _made(render: Render, steps: Steps, take: Take) -> StoredTake | None:
    """The take, claimed and brought to its file; None where it has to be looked at afresh."""
    async with holding(render, take) as slate:
        if slate is None:
            return None
        try:
            raise_verdict(slate)
            slate = await _ended_job(render, steps, take, slate)
            return await steps.download(render, take, slate)
        except LeaseLost:
            return None  # another took it over: what becomes of it there decides
        except (ClipLost, ClipUnusable):
            if not render.spending.pays_again(take.fingerprint):
                raise
            return None


async def _found_after_all(
    render: Render, steps: Steps, take: Take, slate: Slate | None
) -> StoredTake | None:
    """A lost clip is asked for once more by every render, an unusable one before it is paid again.

    None where it still is. Whatever else hinders the asking is raised: without an answer nothing
    is paid.
    """
    if slate is None or not slate.state.of_no_use:
        return None
    lost = slate.state is TakeState.LOST and slate.error_kind != GIVEN_UP
    if not lost and not render.spending.pays_again(take.fingerprint):
        return None
    try:
        return await steps.download(render, take, slate)
    except (ClipLost, ClipUnusable, LeaseLost):
        return None  # LeaseLost: there is an address again; the holder of the take looks there


async def _ended_job(render: Render, steps: Steps, take: Take, slate: Slate) -> Slate:
    """Submit and poll, as far as it is not done yet."""
    if slate.state in UNSENT:
        async with job_slot(render):
            render.film.changes.set()
            slate = await _accepted_job(render, steps, take, slate)
            if slate.state is TakeState.SUBMITTED:
                slate = await steps.poll(render, take, slate)
    elif slate.state is TakeState.SUBMITTED and slate.run == render.run:  # sent before the flow
        async with render.slots.jobs:
            slate = await steps.poll(render, take, slate)
    elif slate.state is TakeState.SUBMITTED:  # in flight already: watching it takes no slot
        slate = await steps.poll(render, take, slate)
    return slate


async def _accepted_job(render: Render, steps: Steps, take: Take, slate: Slate) -> Slate:
    """Have the service accept the take, once; what may have been accepted is looked up first."""
    sends = 0
    while slate.state in UNSENT:
        if slate.state is TakeState.AMBIGUOUS or slate.may_have_been_sent:
            slate = await steps.reconcile(render, take)
        elif sends < SENDS:
            sends += 1
            slate = await steps.submit(render, take)
        else:
            raise AmbiguousSubmit(f"{slate.clip_id}: {sends} submits stayed without an answer")
    return slate
