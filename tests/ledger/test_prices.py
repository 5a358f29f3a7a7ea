"""What was really billed counts at once, for the next take and for those in flight."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longtake.errors import BudgetReached
from longtake.ledger import Budget, Ledger, Scope, TakeIntent

T2V = {"resolution": "480p", "num_frames": 81}
BUDGET = Budget("the budget", 0.45, Scope.ALL)


async def send(ledger: Ledger, take: TakeIntent, *budgets: Budget) -> str:
    """Intend it under the budgets and have it accepted."""
    await ledger.intend(take, owner="us", run="r", lease_seconds=60, budgets=budgets)
    await ledger.sending(take.fingerprint, "us")
    await ledger.submitted(take.fingerprint, "us", f"id-{take.fingerprint}")
    return take.fingerprint


async def test_the_next_take_is_reserved_at_what_the_last_was_billed(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    first = await send(ledger, take("a", parameters=T2V), BUDGET)
    await ledger.completed(first, "us", usd=0.18)
    second = await send(ledger, take("b", parameters=T2V), BUDGET)
    assert (await ledger.get(second)).estimated_usd == 0.18
    with pytest.raises(BudgetReached) as caught:
        await send(ledger, take("c", parameters=T2V), BUDGET)
    assert (caught.value.spent_usd, caught.value.reserved_usd) == (0.18, 0.18)
    assert caught.value.needed_usd == 0.18


async def test_what_is_in_flight_is_reserved_at_what_one_like_it_was_billed(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    names = [await send(ledger, take(name, parameters=T2V), BUDGET) for name in "abcd"]
    await ledger.completed(names[0], "us", usd=0.18)
    [row] = await ledger.costs("all")
    assert (row.usd, row.reserved_usd) == (0.18, 0.54)
    with pytest.raises(BudgetReached, match=r"passed by 0\.27 USD: what was in flight"):
        await send(ledger, take("e", parameters=T2V), BUDGET)


@pytest.mark.parametrize(
    "other",
    [
        {"model": "wan-2.2-i2v-fast"},
        {"parameters": {"resolution": "720p", "num_frames": 81}},
        {"parameters": {"resolution": "480p", "num_frames": 97}},
    ],
)
async def test_other_clips_have_other_prices(
    ledger: Ledger, take: Callable[..., TakeIntent], other: dict[str, object]
) -> None:
    first = await send(ledger, take("a", parameters=T2V))
    await ledger.completed(first, "us", usd=0.18)
    second = await send(ledger, take("b", **{"parameters": T2V, **other}))
    assert (await ledger.get(second)).estimated_usd == 0.10


async def test_the_past_tells_prices_and_times(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    first = await send(ledger, take("a", parameters=T2V))
    await ledger.completed(first, "us", usd=0.18, metrics={"total_time": 40.5})
    await send(ledger, take("b", parameters=T2V))
    [clip] = await ledger.past_clips()
    assert clip == ("wan-2.2-t2v-fast", "480p", 81, 0.18, 40.5)
