"""Who works on a take: intent, lease, heartbeat, release, reopening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from longtake.errors import FinishedElsewhere, IllegalTransition, LeaseLost
from longtake.ledger import memory, money, prices, rows, schema, verdicts, witnesses
from longtake.ledger.database import Transaction
from longtake.ledger.records import Budget, Claim, Slate, TakeIntent
from longtake.ledger.states import CONTENT_BLOCKED, SOURCES, TakeState

_slates = schema.slates

_renewed = (
    update(_slates)
    .where(
        _slates.c.owner == bindparam("holder"),
        _slates.c.lease_expires_at > bindparam("moment", type_=_slates.c.lease_expires_at.type),
    )
    .values(lease_expires_at=bindparam("until", type_=_slates.c.lease_expires_at.type))
    .returning(_slates.c.fingerprint)
)
"""Asked as long as a render goes, and so put together once."""

_freed = (
    update(_slates)
    .where(_slates.c.owner == bindparam("holder"))
    .values(owner=None, lease_expires_at=None)
    .returning(_slates.c.fingerprint)
)
_one_freed = _freed.where(_slates.c.fingerprint == bindparam("which"))
_WHAT_IT_IS = {"start_sha256", "end_sha256", "owner", "lease_expires_at"}
_OF_AN_ATTEMPT = [each.name for each in _slates.c if each.nullable and each.name not in _WHAT_IT_IS]
"""What is known of a take once it was sent: the next attempt begins without it."""


async def intend(
    tx: Transaction,
    take: TakeIntent,
    *,
    owner: str,
    run: str,
    lease_seconds: float,
    budgets: Sequence[Budget] = (),
    account: str | None = None,
) -> Claim:
    """Write down that the take shall be made, reserve its money, and hold it.

    A new take becomes ``intended``. An existing one is taken over when nobody holds it, its
    lease ran out, or it is ours (the lease then starts afresh). If it was never sent, the
    budgets are checked again and storyboard, run and day become this call's. What was sent
    needs no budget: its money is counted already. Takes that ended come back unheld.

    Says for how long nobody should send for ``account``.
    Two calls with one ``owner`` both hold the take; ``sending`` still lets only one through.
    Raises BudgetReached; nothing is written and an existing slate stays as it was.
    """
    slate = await rows.find(tx, take.fingerprint)
    take = replace(take, estimated_usd=await prices.expected(tx, take))
    lease = _lease(tx, owner, lease_seconds)
    hold = 0.0 if account is None else await memory.hold_seconds(tx, account)
    if slate is None:
        await _enforce(tx, take, run, budgets)
        values = _identity(take) | _attribution(tx, take, run) | lease
        slate = await rows.add(tx, state=TakeState.INTENDED.value, **values)
        return Claim(slate, True, True, hold)
    if slate.state.ended or (slate.live(tx.now) and slate.owner != owner):
        return Claim(slate, False, False)
    if slate.is_unsent:
        # Nothing was asked for yet, so this run's intent replaces the one that was given up.
        await _enforce(tx, take, run, budgets)
        lease = lease | _attribution(tx, take, run)
    return Claim(await rows.change(tx, slate, **lease), True, False, hold)


async def reopen(
    tx: Transaction,
    fingerprint: str,
    owner: str,
    *,
    lease_seconds: float = 60,
    run: str | None = None,
    budgets: Sequence[Budget] = (),
    after: Slate | None = None,
) -> Slate:
    """Make the take ``intended`` and unsent again, held by ``owner``.

    Only to be called when the earlier attempt is certainly not accepted (``ambiguous``, or
    ``intended`` and sent), was not billed (``failed``, ``refused``), or is ``lost`` and a
    person asked to pay again. Its request id and money move to ``requests`` and still count.
    ``after`` is the attempt of which that is known: a process that stood still may know nothing
    of a later one. Raises LeaseLost when another live owner holds it or it went on since,
    IllegalTransition for takes that are under way, stored or blocked because of their content, and
    BudgetReached.
    """
    slate = await rows.need(tx, fingerprint)
    if slate.live(tx.now) and slate.owner != owner:
        raise LeaseLost(f"{slate.called} is held by {slate.owner}; leave it to them")
    if slate.state is TakeState.STORED and slate.owner != owner:
        raise FinishedElsewhere(f"{slate.called} was finished by another render", slate=slate)
    if after is not None and slate.attempt != after.attempt:
        raise LeaseLost(f"{slate.called} went on elsewhere and is {slate.state.value} by now")
    if slate.state not in SOURCES[TakeState.INTENDED]:
        raise IllegalTransition(f"{slate.called} is {slate.state.value}: nothing to make again")
    if slate.error_kind == CONTENT_BLOCKED:
        raise IllegalTransition(
            f"{slate.called} was blocked because of its content; change the prompt, do not repeat"
        )
    if slate.may_have_been_sent or slate.state is not TakeState.INTENDED:
        slate = await _begin_again(tx, slate)
    run, day = run or slate.run, rows.day_of(tx.now)
    await _enforce(tx, slate, run, budgets)
    lease = _lease(tx, owner, lease_seconds)
    return await rows.change(tx, slate, run=run, day=day, intended_at=tx.now, **lease)


async def heartbeat(tx: Transaction, owner: str, lease_seconds: float) -> tuple[str, ...]:
    """Renew all leases of the owner that have not run out; returns their fingerprints.

    What is missing from the answer is lost: its reservation ran out too, so intend it again.
    """
    until = tx.now + timedelta(seconds=lease_seconds)
    facts = {"holder": owner, "moment": tx.now, "until": until}
    return tuple(sorted((await tx.connection.execute(_renewed, facts)).scalars()))


async def release(tx: Transaction, owner: str, fingerprint: str | None = None) -> tuple[str, ...]:
    """Give back one lease of the owner, or all; returns the fingerprints given back.

    An intended take that was not sent gives its reserved money back as well.
    """
    freeing, facts = _freed, {"holder": owner}
    if fingerprint is not None:
        freeing, facts = _one_freed, facts | {"which": fingerprint}
    return tuple(sorted((await tx.connection.execute(freeing, facts)).scalars()))


async def held(tx: Transaction, owner: str) -> tuple[str, ...]:
    """The fingerprints whose unexpired lease the owner has."""
    query = select(_slates.c.fingerprint).where(
        _slates.c.owner == owner, _slates.c.lease_expires_at > tx.now
    )
    return tuple(sorted((await tx.connection.execute(query)).scalars()))


async def _begin_again(tx: Transaction, slate: Slate) -> Slate:
    """Clear the earlier attempt from the slate, keeping its request and its money on record."""
    paid = slate.state.of_no_use
    await witnesses.forget(tx, slate.fingerprint)
    await verdicts.decide(tx, slate.fingerprint, None, "")  # nobody has seen what will come
    if paid or slate.request_id is not None:
        usd = slate.usd if paid else 0.0
        await rows.retire(tx, slate, slate.state.value, request_id=slate.request_id, usd=usd)
    cleared = dict.fromkeys(_OF_AN_ATTEMPT)
    return await rows.change(tx, slate, state=TakeState.INTENDED.value, **cleared)


async def _enforce(
    tx: Transaction, take: TakeIntent | Slate, run: str, budgets: Sequence[Budget]
) -> None:
    await money.enforce(
        tx,
        budgets,
        fingerprint=take.fingerprint,
        storyboard=take.storyboard,
        run=run,
        day=rows.day_of(tx.now),
        needed_usd=take.estimated_usd,
    )


def _lease(tx: Transaction, owner: str, lease_seconds: float) -> dict[str, Any]:
    return {"owner": owner, "lease_expires_at": tx.now + timedelta(seconds=lease_seconds)}


def _identity(take: TakeIntent) -> dict[str, Any]:
    return {
        "fingerprint": take.fingerprint,
        "model": take.model,
        "seed": take.seed,
        "parameters": dict(take.parameters),
        "start_sha256": take.start_sha256,
        "end_sha256": take.end_sha256,
        "recipe": take.recipe,
    }


def _attribution(tx: Transaction, take: TakeIntent, run: str) -> dict[str, Any]:
    """For whom and for how much it is made: what may change until it is sent."""
    return {
        "storyboard": take.storyboard,
        "clip_id": take.clip_id,
        "take_number": take.number,
        "estimated_usd": take.estimated_usd,
        "run": run,
        "day": rows.day_of(tx.now),
        "intended_at": tx.now,
    }
