"""What a take needs to be made again, and what of its first attempt still counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from longtake.errors import IllegalTransition, LeaseLost
from longtake.ledger import CONTENT_BLOCKED, Ledger, TakeIntent, TakeState, Verdict
from longtake.ledger.records import PastRequest
from longtake.ledger.states import GIVEN_UP
from tests.ledger.beginnings import FILE, begun, changed
from tests.ledger.conftest import HandClock

BEGAN = datetime(2026, 5, 4, 23, 59, 50, tzinfo=UTC)
THEN = BEGAN + timedelta(seconds=20)  # the next day, and the lease still runs
CLEARED = {"error": None, "error_kind": None}
UNSENT, SENT = "unsent", None
Take = Callable[..., TakeIntent]


@pytest.fixture
def clock() -> HandClock:
    return HandClock(BEGAN)


async def test_an_ambiguous_take_adopts_the_request_that_was_found(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.AMBIGUOUS)
    assert (await ledger.get(fp)).error == "read time-out"
    slate = await ledger.submitted(fp, "us", "req-9")
    assert (slate.state, slate.request_id, slate.error) == (TakeState.SUBMITTED, "req-9", None)


async def test_a_take_that_went_on_elsewhere_is_not_reopened_by_who_slept(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.AMBIGUOUS)
    asleep = await ledger.get(fp)
    await ledger.submitted(fp, "us", "req-1")
    await ledger.unusable(fp, "us", "the same damaged file came twice")
    with pytest.raises(LeaseLost, match="went on elsewhere and is unusable by now"):
        await ledger.reopen(fp, "them", after=asleep)
    assert (await ledger.reopen(fp, "them", after=await ledger.get(fp))).owner == "them"


async def test_a_lost_take_is_made_again_and_its_first_cost_still_counts(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.COMPLETED)
    await ledger.lost(fp, "us", "the file is gone")
    [costs] = await ledger.costs()
    assert (costs.usd, costs.lost_usd) == (0.09, 0.09)

    slate = await ledger.reopen(fp, "later", run="r2")
    assert (slate.state, slate.request_id, slate.usd) == (TakeState.INTENDED, None, None)
    await ledger.sending(fp, "later")
    await ledger.submitted(fp, "later", "req-2")
    await ledger.completed(fp, "later", "https://images/2.mp4", 0.08)

    [past] = await ledger.requests(fp)
    assert (past.request_id, past.usd, past.ended, past.run) == ("req-1", 0.09, "lost", "r1")
    [costs] = await ledger.costs()
    assert (costs.take_count, costs.usd, costs.lost_usd) == (1, 0.17, 0.09)
    assert (await ledger.submitted(fp, "us", "req-1")).request_id == "req-2"


async def test_a_failed_take_may_be_reopened_and_costs_nothing(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.FAILED)
    await ledger.reopen(fp, "us")
    await ledger.release("us")
    [costs] = await ledger.costs()
    assert (costs.usd, costs.reserved_usd, costs.lost_usd) == (0, 0, 0)
    assert [past.request_id for past in await ledger.requests(fp)] == ["req-1"]


async def test_a_content_block_is_never_reopened(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.SUBMITTED)
    await ledger.failed(fp, "us", "not allowed", CONTENT_BLOCKED)
    with pytest.raises(IllegalTransition, match="change the prompt"):
        await ledger.reopen(fp, "us")


@pytest.mark.parametrize("state", [TakeState.SUBMITTED, TakeState.COMPLETED])
async def test_what_was_accepted_is_not_reopened(
    ledger: Ledger, take: Callable[..., TakeIntent], state: TakeState
) -> None:
    fp = await begun(ledger, take(), upto=state)
    with pytest.raises(IllegalTransition, match="nothing to make again"):
        await ledger.reopen(fp, "us")


REOPENED = {
    "state": TakeState.INTENDED,
    "run": "r2",
    "day": "2026-05-05",
    "intended_at": THEN,
    "sent_at": None,
    "owner": "later",
    "lease_expires_at": THEN + timedelta(seconds=60),
}
MADE = "output_url usd metrics completed_at stored_at"
NO_ID = {"request_id": None, "submitted_at": None}


@pytest.mark.parametrize(
    ("upto", "then", "clears", "past"),
    [
        (UNSENT, (), {}, None),
        (SENT, (), {}, None),
        ("ambiguous", (), CLEARED, None),
        ("refused", (), CLEARED, None),
        ("failed", (), CLEARED | NO_ID, ("req-1", "failed", "out of memory", 0.0)),
        ("lost", (), CLEARED | NO_ID, ("req-1", "lost", "expired", None)),
        ("ambiguous", ("lost",), CLEARED, (None, "lost", "gone", None)),
        (
            "stored",
            ("unusable",),
            CLEARED | NO_ID | dict.fromkeys([*MADE.split(), *FILE]),
            ("req-1", "unusable", "gone", 0.09),
        ),
    ],
)
async def test_what_is_reopened_begins_anew_and_its_past_is_kept(
    ledger: Ledger,
    take: Take,
    clock: HandClock,
    upto: str | None,
    then: tuple[str, ...],
    clears: dict[str, Any],
    past: tuple[str | None, str, str, float | None] | None,
) -> None:
    if upto == UNSENT:
        name = take().fingerprint
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
    else:
        name = await begun(ledger, take(), upto=None if upto is None else TakeState(upto))
    for verdict in then:
        await getattr(ledger, verdict)(name, "us", "gone")
    await ledger.release("us")
    await ledger.decide(name, Verdict.APPROVED)
    before = await ledger.get(name)
    clock.now = THEN
    writes = {**REOPENED, **clears}
    if before.state is TakeState.INTENDED:
        del writes["state"]
    if upto == UNSENT:
        del writes["sent_at"]
    assert changed(before, await ledger.reopen(name, "later", run="r2")) == writes
    kept = {} if upto != UNSENT else {name: Verdict.APPROVED}
    assert await ledger.verdicts([name]) == kept
    requests = []
    if past is not None:
        request_id, ended, error, usd = past
        requests = [
            PastRequest(
                fingerprint=name,
                request_id=request_id,
                storyboard="Film",
                run="r1",
                day="2026-05-04",
                estimated_usd=0.10,
                usd=usd,
                ended=ended,
                error=error,
                recorded_at=THEN,
            )
        ]
    assert await ledger.requests(name) == requests


async def test_reopened_for_no_other_run_a_take_stays_its_own(ledger: Ledger, take: Take) -> None:
    name = await begun(ledger, take(), upto=TakeState.FAILED)
    slate = await ledger.reopen(name, "later", lease_seconds=7)
    assert slate.run == "r1"
    assert slate.lease_expires_at == BEGAN + timedelta(seconds=7)


async def test_a_person_gives_up_what_nobody_could_find_out(
    ledger: Ledger, take: Take, clock: HandClock
) -> None:
    for upto, letter in ((TakeState.AMBIGUOUS, "a"), (None, "b")):
        name = await begun(ledger, take(letter), upto=upto)
        with pytest.raises(LeaseLost, match="held by us"):
            await ledger.give_up(name)
        await ledger.release("us")
        before = await ledger.get(name)
        after = await ledger.give_up(name)
        assert after.error is not None
        assert "gave it up" in after.error
        assert after == replace(
            before, state=TakeState.LOST, error=after.error, error_kind=GIVEN_UP
        )
        assert await ledger.give_up(name) == after
    clock.turn(60)


@pytest.mark.parametrize("upto", ["submitted", "completed", "failed", "lost", "stored"])
async def test_nobody_gives_up_what_is_known(
    ledger: Ledger, take: Take, clock: HandClock, upto: str
) -> None:
    name = await begun(ledger, take(), upto=TakeState(upto))
    clock.turn(60)
    with pytest.raises(IllegalTransition, match="nothing to give up"):
        await ledger.give_up(name)
