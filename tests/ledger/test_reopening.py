"""What a take needs to be made again, and what of its first attempt still counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longtake.errors import (
    IllegalTransition,
)
from longtake.ledger import CONTENT_BLOCKED, Ledger, TakeIntent, TakeState
from tests.ledger.beginnings import begun


async def test_an_ambiguous_take_adopts_the_request_that_was_found(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    fp = await begun(ledger, take(), upto=TakeState.AMBIGUOUS)
    assert (await ledger.get(fp)).error == "read time-out"
    slate = await ledger.submitted(fp, "us", "req-9")
    assert (slate.state, slate.request_id, slate.error) == (TakeState.SUBMITTED, "req-9", None)


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
