"""A take goes from its intent to the store, and no step of it leads elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest

from longtake.errors import (
    DoublePayment,
    FinishedElsewhere,
    IllegalTransition,
    LeaseLost,
    LedgerConflict,
)
from longtake.ledger import Ledger, TakeIntent, TakeState
from tests.ledger.beginnings import FILE, begun
from tests.ledger.conftest import HandClock


async def test_a_take_goes_from_intent_to_the_store(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.COMPLETED)
    clock.turn(5)
    await ledger.stored(fp, "us", **FILE)

    slate = await ledger.get(fp)
    assert slate.state is TakeState.STORED
    assert (slate.request_id, slate.usd, slate.metrics) == ("req-1", 0.09, {"cost": 0.09})
    assert (slate.clip_sha256, slate.frame_count, slate.width) == ("c" * 64, 81, 832)
    assert slate.parameters == {"prompt": "a gull", "seed": 7}
    assert slate.owner is None
    assert slate.stored_at == clock.now
    assert slate.sent_at is not None
    assert slate.sent_at < slate.stored_at
    assert slate.sent_at.tzinfo is not None


async def test_every_step_but_sending_may_be_repeated(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take())
    for _ in range(2):
        await ledger.submitted(fp, "us", "req-1")
    for _ in range(2):
        await ledger.completed(fp, "us", "https://images/1.mp4", 0.09, {"cost": 0.09})
    once = await ledger.stored(fp, "us", **FILE)
    assert await ledger.stored(fp, "us", **FILE) == once

    assert await ledger.submitted(fp, "us", "req-1") == once
    assert await ledger.completed(fp, "us", "https://images/1.mp4", 0.09) == once
    assert await ledger.get(fp) == once


async def test_the_post_leaves_only_once(ledger: Ledger, take: Callable[..., TakeIntent]) -> None:
    fp = await begun(ledger, take())
    with pytest.raises(IllegalTransition, match="may have been sent already"):
        await ledger.sending(fp, "us")

    await ledger.reopen(fp, "us")
    assert not (await ledger.get(fp)).may_have_been_sent
    await ledger.sending(fp, "us")


async def test_a_second_request_id_is_a_double_payment_and_is_kept(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.SUBMITTED)
    with pytest.raises(DoublePayment) as caught:
        await ledger.submitted(fp, "us", "req-2")
    assert caught.value.request_ids == ("req-1", "req-2")

    assert (await ledger.get(fp)).request_id == "req-1"
    assert [(past.request_id, past.ended) for past in await ledger.requests(fp)] == [
        ("req-2", "double")
    ]
    [costs] = await ledger.costs()
    assert (costs.take_count, costs.reserved_usd, costs.lost_usd) == (1, 0.2, 0.1)
    await ledger.submitted(fp, "us", "req-2")  # known by now: nothing new


async def test_a_request_belongs_to_one_take(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    await begun(ledger, take("a"), upto=TakeState.SUBMITTED)
    fp = await begun(ledger, take("b"))
    with pytest.raises(IllegalTransition, match="another take"):
        await ledger.submitted(fp, "us", "req-1")


async def test_a_latecomers_request_id_is_taken_though_the_lease_passed_on(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    fp = await begun(ledger, take(), "slow")
    clock.turn(61)
    assert (await ledger.intend(take(), owner="quick", run="r2", lease_seconds=60)).held
    await ledger.reopen(fp, "quick")

    slate = await ledger.submitted(fp, "slow", "req-1")

    assert (slate.state, slate.request_id, slate.owner) == (TakeState.SUBMITTED, "req-1", "quick")
    with pytest.raises(IllegalTransition, match="must not be sent"):
        await ledger.sending(fp, "quick")


async def test_a_latecomers_cost_and_file_are_taken_too(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    fp = await begun(ledger, take(), "slow", TakeState.SUBMITTED)
    clock.turn(61)
    await ledger.intend(take(), owner="quick", run="r2", lease_seconds=60)

    await ledger.completed(fp, "slow", "https://images/1.mp4", 0.09)
    slate = await ledger.stored(fp, "slow", **FILE)

    assert (slate.state, slate.usd, slate.owner) == (TakeState.STORED, 0.09, None)
    assert await ledger.stored(fp, "quick", **FILE) == slate


@pytest.mark.parametrize("step", ["ambiguous", "failed", "refused", "lost"])
async def test_a_verdict_needs_the_lease(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock, step: str
) -> None:
    fp = await begun(ledger, take(), "slow", TakeState.SUBMITTED if step == "lost" else None)
    clock.turn(61)
    await ledger.intend(take(), owner="quick", run="r2", lease_seconds=60)
    before = await ledger.get(fp)
    with pytest.raises(LeaseLost, match="quick does"):
        await getattr(ledger, step)(fp, "slow", "words")
    assert await ledger.get(fp) == before


async def test_sending_needs_a_lease_that_has_not_run_out(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
    clock.turn(60)
    with pytest.raises(LeaseLost, match="ran out"):
        await ledger.sending(take().fingerprint, "us")


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (None, "lost"),
        (TakeState.SUBMITTED, "refused"),
        (TakeState.SUBMITTED, "ambiguous"),
        (TakeState.COMPLETED, "failed"),
        (TakeState.FAILED, "refused"),
        (TakeState.REFUSED, "lost"),
        (TakeState.LOST, "failed"),
        (TakeState.AMBIGUOUS, "refused"),
    ],
)
async def test_verdicts_that_make_no_sense_are_refused(
    ledger: Ledger, take: Callable[..., TakeIntent], state: TakeState | None, step: str
) -> None:
    fp = await begun(ledger, take(), upto=state)
    before = await ledger.get(fp)
    with pytest.raises(IllegalTransition, match="cannot become"):
        await getattr(ledger, step)(fp, "us", "words")
    assert await ledger.get(fp) == before


@pytest.mark.parametrize("step", ["submitted", "completed", "failed", "ambiguous"])
async def test_what_was_not_sent_has_no_answer(
    ledger: Ledger, take: Callable[..., TakeIntent], step: str
) -> None:
    await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
    with pytest.raises(IllegalTransition, match="not sent"):
        await getattr(ledger, step)(take().fingerprint, "us", "words")


async def test_a_stored_take_learns_where_its_file_lies_now(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.STORED)
    slate = await ledger.completed(fp, "later", "https://images/signed-again.mp4")
    assert (slate.state, slate.output_url) == (TakeState.STORED, "https://images/signed-again.mp4")


@pytest.mark.parametrize("step", ["failed", "ambiguous", "refused", "reopen", "sending"])
async def test_who_wakes_late_learns_that_another_has_finished_the_take(
    ledger: Ledger, take: Callable[..., TakeIntent], step: str
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.STORED)
    words = () if step in ("reopen", "sending") else ("words",)
    with pytest.raises(FinishedElsewhere) as caught:
        await getattr(ledger, step)(fp, "frozen for an hour", *words)
    assert caught.value.slate == await ledger.get(fp)
    assert caught.value.slate.state is TakeState.STORED


async def test_an_unusable_clip_ends_its_take_and_keeps_its_cost(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.COMPLETED)
    await ledger.completed(fp, "us", usd=0.09)
    slate = await ledger.unusable(fp, "us", "its size changes in the middle of a file")
    assert (slate.state, slate.usd, slate.owner) == (TakeState.UNUSABLE, 0.09, None)
    [row] = await ledger.costs("all")
    assert (row.usd, row.lost_usd) == (0.09, 0.09)
    await ledger.reopen(fp, "us")
    [row] = await ledger.costs("all")
    assert row.lost_usd == 0.09


@pytest.mark.parametrize("usd", [-5, 1e300, math.nan, math.inf, 100.5])
async def test_what_cannot_be_a_price_is_no_cost(
    ledger: Ledger, take: Callable[..., TakeIntent], usd: float
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.SUBMITTED)
    slate = await ledger.completed(fp, "us", "https://host/1.mp4", usd)
    assert slate.usd is None
    [row] = await ledger.costs("all")
    assert (row.usd, row.reserved_usd) == (0, 0.10)


async def test_a_stored_file_that_is_gone_makes_the_take_lost_until_it_turns_up(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.STORED)
    with pytest.raises(IllegalTransition, match="stored already"):
        await ledger.stored(fp, "us", **FILE | {"clip_sha256": "d" * 64})

    await ledger.lost(fp, "anybody", "deleted")
    slate = await ledger.stored(fp, "anybody", **FILE | {"clip_sha256": "d" * 64})
    assert (slate.state, slate.clip_sha256) == (TakeState.STORED, "d" * 64)


async def test_the_first_cost_that_is_told_stays(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.SUBMITTED)
    assert (await ledger.completed(fp, "us", "https://images/1.mp4")).usd is None
    assert (await ledger.completed(fp, "us", None, 0.0)).usd == 0.0
    slate = await ledger.completed(fp, "us", "https://images/new.mp4", 0.5)
    assert (slate.usd, slate.output_url) == (0.0, "https://images/new.mp4")


async def test_a_take_that_nobody_intended_is_a_clear_error(ledger: Ledger) -> None:
    with pytest.raises(LedgerConflict, match="not in the ledger"):
        await ledger.get("f" * 64)
    with pytest.raises(IllegalTransition, match="intend it first"):
        await ledger.submitted("f" * 64, "us", "req-1")


@pytest.mark.parametrize("verdict", ["unusable", "lost"])
async def test_a_file_that_another_has_stored_meanwhile_is_not_said_to_be_of_no_use(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock, verdict: str
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.COMPLETED)
    known = await ledger.get(fp)
    clock.turn(61)
    await ledger.stored(fp, "another", **FILE)
    with pytest.raises(FinishedElsewhere, match="is stored now"):
        await getattr(ledger, verdict)(fp, "us", "damaged", of=known)
    stored = await ledger.get(fp)
    assert stored.state is TakeState.STORED
    assert (await getattr(ledger, verdict)(fp, "us", "damaged", of=stored)).state.of_no_use


@pytest.mark.parametrize("verdict", ["unusable", "lost"])
async def test_what_is_found_of_one_attempt_is_not_said_of_the_next(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock, verdict: str
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.LOST)
    known = await ledger.get(fp)
    clock.turn(61)
    await ledger.reopen(fp, "us")
    await ledger.sending(fp, "us")
    await ledger.submitted(fp, "us", "req-2")
    with pytest.raises(LeaseLost, match="stop working on it"):
        await getattr(ledger, verdict)(fp, "us", "damaged", of=known)
