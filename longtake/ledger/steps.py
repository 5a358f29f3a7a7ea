"""What happens to a take, step by step; the diagram is in ``states``.

Two rules for who may report what:

- verdicts (failed, refused, ambiguous, lost, unusable) belong to the holder; on a take that has
  ended nobody holds one, and anybody may add what they found out;
- facts about money and files (the first request id, the first cost, the first file) are taken
  from anybody in any state, since somebody paid for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from longtake.errors import DoublePayment, FinishedElsewhere, IllegalTransition, LeaseLost
from longtake.ledger import prices, rows, witnesses
from longtake.ledger.database import Transaction
from longtake.ledger.records import Slate
from longtake.ledger.states import GIVEN_UP, NEEDS_SENDING, SOURCES, TakeState
from longtake.story import billed_usd

_NO_LEASE = {"owner": None, "lease_expires_at": None}
_NO_ERROR = {"error": None, "error_kind": None}  # over, once the take goes on
_HAS_FILE = (TakeState.COMPLETED, TakeState.STORED)


async def sending(tx: Transaction, fingerprint: str, owner: str) -> Slate:
    """The POST leaves right after this returns: from now on it may have been accepted.

    Not repeatable, on purpose: a render that finds the take sent must find out what became of it
    (``submitted``, ``ambiguous``, or ``reopen`` when it is certainly absent). Raises
    IllegalTransition then, and LeaseLost without an unexpired lease.
    """
    slate = await rows.need(tx, fingerprint)
    if not slate.held_by(owner, tx.now):
        raise _lease_lost(slate, owner)
    if slate.state is not TakeState.INTENDED:
        raise IllegalTransition(f"{slate.called} is {slate.state.value}: it must not be sent")
    if slate.sent_at is not None:
        raise IllegalTransition(
            f"{slate.called} may have been sent already: find out, then reopen it"
        )
    return await rows.change(tx, slate, sent_at=tx.now, day=rows.day_of(tx.now))


async def submitted(tx: Transaction, fingerprint: str, owner: str, request_id: str) -> Slate:
    """The service accepted it under this id. Call before the first poll.

    Taken from anybody in any state while the slate has no id. A second, different id is kept
    as a past request with its estimate counted, and DoublePayment is raised after that.
    """
    slate = await rows.need(tx, fingerprint)
    if slate.request_id == request_id:
        return slate
    if (known := await rows.owner_of_request(tx, request_id)) is not None:
        if known == fingerprint:
            return slate  # an earlier attempt's, on record already
        raise IllegalTransition(f"request {request_id} belongs to another take ({known[:12]})")
    _not_before_sending(slate, owner)
    if slate.request_id is not None:
        return await _double(tx, slate, request_id)
    state = slate.state if slate.state in _HAS_FILE else TakeState.SUBMITTED
    return await rows.change(
        tx,
        slate,
        request_id=request_id,
        state=state.value,
        sent_at=slate.sent_at or tx.now,
        submitted_at=tx.now,
        **_NO_ERROR,
    )


async def completed(
    tx: Transaction,
    fingerprint: str,
    owner: str,
    output_url: str | None = None,
    usd: float | None = None,
    metrics: Mapping[str, Any] | None = None,
) -> Slate:
    """The clip is made: where it lies, what it cost (None: not told, the estimate counts).

    Taken from anybody. The first cost that is told stays; a newer URL replaces an older one.
    """
    slate = await rows.need(tx, fingerprint)
    _not_before_sending(slate, owner)
    facts = _first_cost(slate, usd, metrics)
    if "usd" in facts:
        await prices.raise_in_flight(tx, slate, facts["usd"])
    if slate.state in _HAS_FILE:
        if output_url not in (None, slate.output_url):
            facts["output_url"] = output_url  # a signed URL may be issued again
        return await rows.change(tx, slate, **facts) if facts else slate
    return await rows.change(
        tx,
        slate,
        state=TakeState.COMPLETED.value,
        output_url=output_url or slate.output_url,
        sent_at=slate.sent_at or tx.now,
        completed_at=slate.completed_at or tx.now,
        **facts,
        **_NO_ERROR,
    )


async def stored(
    tx: Transaction,
    fingerprint: str,
    owner: str,
    clip_sha256: str,
    size_bytes: int,
    frame_count: int,
    width: int,
    height: int,
    usd: float | None = None,
) -> Slate:
    """The checked file lies in the store under that hash; the lease ends.

    Taken from anybody. Raises IllegalTransition for another file than the one on record.
    """
    slate = await rows.need(tx, fingerprint)
    _not_before_sending(slate, owner)
    facts = _first_cost(slate, usd, None)
    await witnesses.forget(tx, fingerprint)
    if slate.state is TakeState.STORED:
        if slate.clip_sha256 != clip_sha256:
            raise IllegalTransition(
                f"{slate.called} is stored already as {slate.clip_sha256}; "
                "say that it is lost before storing another file"
            )
        return await rows.change(tx, slate, **facts) if facts else slate
    return await rows.change(
        tx,
        slate,
        state=TakeState.STORED.value,
        sent_at=slate.sent_at or tx.now,
        completed_at=slate.completed_at or tx.now,
        stored_at=tx.now,
        clip_sha256=clip_sha256,
        size_bytes=size_bytes,
        frame_count=frame_count,
        width=width,
        height=height,
        **facts,
        **_NO_LEASE,
        **_NO_ERROR,
    )


async def failed(
    tx: Transaction,
    fingerprint: str,
    owner: str,
    error: str,
    kind: str = "failed",
    metrics: Mapping[str, Any] | None = None,
) -> Slate:
    """The service ran it and failed: not billed, the lease ends.

    ``kind`` CONTENT_BLOCKED bars it from ever being reopened.
    """
    return await _verdict(tx, fingerprint, owner, TakeState.FAILED, error, kind, metrics)


async def refused(
    tx: Transaction, fingerprint: str, owner: str, error: str, kind: str = "refused"
) -> Slate:
    """The service will not run this request: not billed, the lease ends."""
    return await _verdict(tx, fingerprint, owner, TakeState.REFUSED, error, kind)


async def ambiguous(
    tx: Transaction, fingerprint: str, owner: str, error: str = "", kind: str = "ambiguous"
) -> Slate:
    """It was sent and no usable answer came: parked, counted, and never sent blindly.

    The lease stays, for the search of the history; ``release`` it when that is given up.
    """
    return await _verdict(tx, fingerprint, owner, TakeState.AMBIGUOUS, error, kind)


async def lost(
    tx: Transaction, fingerprint: str, owner: str, error: str, *, of: Slate | None = None
) -> Slate:
    """It was (or counts as) paid and its file cannot be had: shown with its cost, lease ends.

    Also for a stored take whose file is gone from the store and from the service. Should the file
    turn up after all, ``completed`` and ``stored`` are taken. ``of`` is what this is said of: a
    process that stood still may know nothing of a file that another has stored, or of a later
    attempt. Raises LeaseLost then.
    """
    return await _verdict(tx, fingerprint, owner, TakeState.LOST, error, "lost", of=of)


async def give_up(tx: Transaction, fingerprint: str) -> Slate:
    """A person gives up a take of which nobody can tell whether it was accepted: it is lost.

    Its estimate stays counted. Raises LeaseLost while a render works on it, and IllegalTransition
    for a take that is known to be accepted, or known not to be.
    """
    slate = await rows.need(tx, fingerprint)
    if slate.state is TakeState.LOST and slate.error_kind == GIVEN_UP:
        return slate
    if slate.live(tx.now):
        raise LeaseLost(f"{slate.called} is held by {slate.owner}: stop that render first")
    if slate.state is not TakeState.AMBIGUOUS and not slate.may_have_been_sent:
        raise IllegalTransition(f"{slate.called} is {slate.state.value}: nothing to give up")
    error = "whether it was accepted was never found out, and a person gave it up"
    facts = {"state": TakeState.LOST.value, "error": error, "error_kind": GIVEN_UP}
    return await rows.change(tx, slate, **facts, **_NO_LEASE)


async def unusable(
    tx: Transaction, fingerprint: str, owner: str, error: str, *, of: Slate | None = None
) -> Slate:
    """It was paid and its file came, but no film can be made of it: lease ends, cost stays.

    Also for a stored take in whose file that was found later; ``of`` as in ``lost``.
    """
    return await _verdict(tx, fingerprint, owner, TakeState.UNUSABLE, error, "unusable", of=of)


async def _verdict(
    tx: Transaction,
    fingerprint: str,
    owner: str,
    state: TakeState,
    error: str,
    kind: str,
    metrics: Mapping[str, Any] | None = None,
    *,
    of: Slate | None = None,
) -> Slate:
    """Raises LeaseLost from anybody but the holder, IllegalTransition from a wrong state."""
    slate = await rows.need(tx, fingerprint)
    if slate.state is state:
        return slate
    if of is not None and slate.file != of.file:
        raise _lease_lost(slate, owner)
    if not slate.state.ended and slate.owner != owner:
        raise _lease_lost(slate, owner)
    if slate.state is TakeState.STORED and state not in (TakeState.LOST, TakeState.UNUSABLE):
        raise _lease_lost(slate, owner)
    if slate.state not in SOURCES[state] or (slate.is_unsent and state in NEEDS_SENDING):
        doing = "not sent" if slate.is_unsent else slate.state.value
        raise IllegalTransition(f"{slate.called} is {doing}: it cannot become {state.value}")
    found = {} if metrics is None else {"metrics": dict(metrics)}
    lease = _NO_LEASE if state.ended else {}
    return await rows.change(
        tx, slate, state=state.value, error=error, error_kind=kind, **found, **lease
    )


async def _double(tx: Transaction, slate: Slate, request_id: str) -> Slate:
    await rows.retire(tx, slate, "double", request_id=request_id, usd=None)
    tx.raise_after_commit = DoublePayment(
        f"{slate.called} was accepted twice: as {slate.request_id} and as {request_id}; "
        "both are on record and counted",
        request_ids=(slate.request_id or "", request_id),
    )
    return slate


def _first_cost(
    slate: Slate, usd: float | None, metrics: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What the slate does not know yet; the first cost that can be one stays."""
    facts: dict[str, Any] = {}
    usd = billed_usd(usd)
    if usd is not None and slate.usd is None:
        facts["usd"] = usd
    if metrics is not None and slate.metrics is None:
        facts["metrics"] = dict(metrics)
    return facts


def _not_before_sending(slate: Slate, owner: str) -> None:
    """The holder of a take that was never sent reports nonsense; somebody else may be late."""
    if slate.is_unsent and slate.owner == owner:
        raise IllegalTransition(f"{slate.called} was not sent: say `sending` before the POST")


def _lease_lost(slate: Slate, owner: str) -> LeaseLost:
    """Why the owner must stop, and how the take stands if another went on with it."""
    if slate.state.ended or (slate.owner is None and slate.state is not TakeState.INTENDED):
        return FinishedElsewhere(
            f"{slate.called} was taken over, and is {slate.state.value} now: go on from there",
            slate=slate,
        )
    who = "nobody" if slate.owner is None else slate.owner
    ran_out = " any more: the lease ran out" if slate.owner == owner else f", {who} does"
    return LeaseLost(f"{owner} does not hold {slate.called}{ran_out}; stop working on it")
