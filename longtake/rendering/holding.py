"""Who works on a take: one render at a time, so that it is paid for once.

The ledger is the truth. A step does what the take's slate asks for and writes the outcome down, so
that any step can be entered again, by this render or by the next one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from longtake.errors import LedgerConflict
from longtake.ledger import Claim, Slate, TakeState
from longtake.record import Stage
from longtake.rendering.lease_owner import is_dead
from longtake.rendering.render import Render
from longtake.rendering.takes import Take

UNRENEWED_LEASES = 10
"""How many leases' time a lease may stand unrenewed; a living render renews it within one."""

LATE = 0.05
"""That a take is free may be seen later by this share of the wait, up to a quarter of a lease."""


async def until_free(render: Render, take: Take, slate: Slate | None) -> Slate | None:
    """Wait while another living render works on the take: it will be paid for once.

    ``slate`` is as it was just read; returns how the take stands once it is free. A lease that
    nobody renews has run out, whatever the clock says: it may have been set back.
    """
    began = since = render.clock.monotonic()
    lease_seconds, expires_at, reported = render.settings.keeping.lease_seconds, None, None
    while True:
        if slate is None or slate.state.ended or slate.owner in (None, render.owner):
            return slate
        if is_dead(slate.owner):
            await render.ledger.release(slate.owner)
            return slate
        if not slate.live(await render.ledger.now()):
            return slate
        if slate.lease_expires_at != expires_at:
            expires_at, since = slate.lease_expires_at, render.clock.monotonic()
        if render.clock.monotonic() - since > UNRENEWED_LEASES * lease_seconds:
            await render.ledger.release(slate.owner, take.fingerprint)
            return slate
        if slate.owner != reported:  # each report goes to all who follow, and written
            reported = slate.owner
            note = f"another render works on it ({reported.rpartition('/')[0]})"
            render.report.note(take.clip, stage=Stage.WAITING, remark=note)
        waited = render.clock.monotonic() - began
        late = min(waited * LATE, lease_seconds / 4)
        await render.clock.sleep(max(min(1.0, lease_seconds / 10), late))
        slate = await render.ledger.find(take.fingerprint)


@asynccontextmanager
async def holding(render: Render, take: Take) -> AsyncIterator[Slate | None]:
    """Hold the take for a block; None where somebody else was quicker.

    A take that has ended is given as it is; one that was refused in an earlier render, or lost
    and asked for again, is reopened. A block that raises gives the lease back; one that does not
    has brought the take to its end, or lost it to another.
    """
    claim = await reserve(render, take)
    slate: Slate | None = claim.slate if claim.held or claim.slate.state.ended else None
    if slate is not None and _ended_with_its_emulator(render, slate):
        why = "the emulator that worked on it has ended"
        slate = await render.ledger.lost(take.fingerprint, render.owner, why)
    if slate is not None and _opens_again(render, slate):
        slate = await _opened_again(render, slate)
    if slate is None:  # its holder has to say what becomes of it
        yield None
        return
    render.report.held(take, slate)
    try:
        yield slate
    except BaseException:
        await render.ledger.release(render.owner, take.fingerprint)
        raise


async def reserve(render: Render, take: Take) -> Claim:
    """Hold the take and reserve its money, at the price that clips like it have by now.

    Raises BudgetReached. Also for what is held already: between the reservation and the sending
    others may have been billed more than was thought.
    """
    claim = await render.ledger.intend(
        take.intent(render.planned.title),
        owner=render.owner,
        run=render.run,
        lease_seconds=render.settings.keeping.lease_seconds,
        budgets=render.spending.budgets,
        account=render.spending.account,
    )
    if claim.held:
        render.spending.note_free(render.clock.monotonic(), claim.hold_seconds)
    return claim


async def reopen(render: Render, after: Slate) -> Slate:
    """The take, intended and unsent again: that attempt certainly was not accepted, or is over.

    Raises LeaseLost where another render has gone on with it since.
    """
    return await render.ledger.reopen(
        after.fingerprint,
        render.owner,
        after=after,
        lease_seconds=render.settings.keeping.lease_seconds,
        run=render.run,
        budgets=render.spending.budgets,
    )


def _ended_with_its_emulator(render: Render, slate: Slate) -> bool:
    """Whether an emulator took the job that is no more: each emulated render has one of its own."""
    in_flight = slate.state in (TakeState.SUBMITTED, TakeState.COMPLETED)
    return render.report.record.emulated and in_flight and slate.run != render.run


def _opens_again(render: Render, slate: Slate) -> bool:
    """Whether a take that ended badly is to be made after all, by this render."""
    if slate.state is TakeState.REFUSED:
        return slate.run != render.run
    return slate.state.of_no_use and render.spending.pays_again(slate.fingerprint)


async def _opened_again(render: Render, slate: Slate) -> Slate | None:
    """The take, reopened and held; None where another render has just done so."""
    render.spending.pay_again(slate.fingerprint)
    try:
        return await reopen(render, slate)
    except LedgerConflict:
        now = await render.ledger.get(slate.fingerprint)
        if now.state is slate.state:
            raise
        return None
