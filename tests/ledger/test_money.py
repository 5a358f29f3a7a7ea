from __future__ import annotations

from collections.abc import Callable

import anyio
import pytest

from longtake.errors import BudgetReached
from longtake.ledger import Budget, Ledger, Scope, TakeIntent, TakeState
from tests.ledger.conftest import HandClock


async def intend(ledger: Ledger, take: TakeIntent, *budgets: Budget, run: str = "r1") -> bool:
    return (await ledger.intend(take, owner="us", run=run, lease_seconds=60, budgets=budgets)).held


async def paid(ledger: Ledger, take: TakeIntent, usd: float | None, run: str = "r1") -> None:
    fp = take.fingerprint
    await intend(ledger, take, run=run)
    await ledger.sending(fp, "us")
    await ledger.submitted(fp, "us", f"req-{fp[:8]}")
    await ledger.completed(fp, "us", "https://images/1.mp4", usd)


async def test_estimates_are_reserved_until_the_budget_is_full(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    budget = Budget("--budget", 1.0, Scope.RUN)
    for number in range(10):  # ten times 0.1 is more than 1.0 in floating point
        assert await intend(ledger, take(f"a{number}"), budget)
    with pytest.raises(BudgetReached, match="raise the budget") as caught:
        await intend(ledger, take("b"), budget)
    error = caught.value
    assert (error.budget, error.limit_usd, error.spent_usd) == ("--budget", 1.0, 0.0)
    assert (error.reserved_usd, error.needed_usd) == (1.0, 0.1)
    assert await ledger.find(take("b").fingerprint) is None


async def test_the_known_cost_takes_the_estimates_place(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    budget = Budget("run", 0.30, Scope.RUN)
    await paid(ledger, take("a"), 0.05)
    await paid(ledger, take("b"), 0.0)  # known to be free, not unknown
    assert await intend(ledger, take("c"), budget)
    assert await intend(ledger, take("d"), budget)
    with pytest.raises(BudgetReached) as caught:
        await intend(ledger, take("e"), budget)
    assert (caught.value.spent_usd, caught.value.reserved_usd) == (0.05, 0.2)


async def test_a_known_cost_above_the_estimate_closes_the_budget_for_what_is_not_sent(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    budget = Budget("run", 0.30, Scope.RUN)
    await intend(ledger, take("b"), budget)
    await paid(ledger, take("a"), 0.25)
    with pytest.raises(BudgetReached):
        await intend(ledger, take("b"), budget)


@pytest.mark.parametrize(
    ("scope", "other"),
    [
        (Scope.RUN, {"run": "r2"}),
        (Scope.STORYBOARD, {"storyboard": "Other"}),
    ],
)
async def test_a_budget_counts_only_what_it_is_for(
    ledger: Ledger, take: Callable[..., TakeIntent], scope: Scope, other: dict[str, str]
) -> None:
    budget = Budget("some", 0.15, scope)
    await paid(ledger, take("a"), 0.1)
    with pytest.raises(BudgetReached):
        await intend(ledger, take("b"), budget)
    elsewhere = take("b", storyboard=other.get("storyboard", "Film"))
    assert await intend(ledger, elsewhere, budget, run=other.get("run", "r1"))
    with pytest.raises(BudgetReached):
        await intend(ledger, take("c"), Budget("all", 0.25, Scope.ALL), run="r3")


async def test_a_daily_budget_starts_over_at_midnight_utc(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    daily = Budget("daily", 0.15, Scope.DAY)
    await paid(ledger, take("a"), 0.1)
    with pytest.raises(BudgetReached):
        await intend(ledger, take("b"), daily)
    clock.turn(12 * 3600)
    assert await intend(ledger, take("b"), daily)
    assert [(row.key, row.usd, row.reserved_usd) for row in await ledger.costs("day")] == [
        ("2026-05-04", 0.1, 0.0),
        ("2026-05-05", 0.0, 0.1),
    ]


async def test_what_was_not_billed_frees_its_reservation(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    budget = Budget("run", 0.10, Scope.RUN)
    await paid(ledger, take("a"), 0.0)
    for name, end in (("b", "failed"), ("c", "refused")):
        await intend(ledger, take(name), budget)
        await ledger.sending(take(name).fingerprint, "us")
        await getattr(ledger, end)(take(name).fingerprint, "us", "words")
    await intend(ledger, take("d"), budget)
    await ledger.release("us")  # not sent
    assert await intend(ledger, take("e"), budget)


async def test_a_dead_owners_unsent_intent_reserves_nothing(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    budget = Budget("all", 0.10, Scope.ALL)
    await intend(ledger, take("a"), budget)
    clock.turn(60)
    assert await intend(ledger, take("b"), budget)
    assert await ledger.heartbeat("us", 60) == (take("b").fingerprint,)


@pytest.mark.parametrize("end", ["ambiguous", "lost", "sent"])
async def test_what_may_have_been_paid_counts_its_estimate(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock, end: str
) -> None:
    await intend(ledger, take("a"))
    await ledger.sending(take("a").fingerprint, "us")
    if end != "sent":
        await ledger.ambiguous(take("a").fingerprint, "us")
    if end == "lost":
        await ledger.lost(take("a").fingerprint, "us", "given up")
    clock.turn(600)
    with pytest.raises(BudgetReached) as caught:
        await intend(ledger, take("b"), Budget("all", 0.15, Scope.ALL))
    assert (caught.value.spent_usd, caught.value.reserved_usd) == (0.0, 0.1)


async def test_reopening_a_lost_take_must_fit_the_budget_next_to_what_was_lost(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    await paid(ledger, take(), 0.1)
    await ledger.lost(take().fingerprint, "us", "gone")
    before = await ledger.get(take().fingerprint)
    with pytest.raises(BudgetReached):
        await ledger.reopen(take().fingerprint, "us", budgets=[Budget("all", 0.15, Scope.ALL)])
    assert await ledger.get(take().fingerprint) == before
    assert await ledger.requests(take().fingerprint) == []
    await ledger.reopen(take().fingerprint, "us", budgets=[Budget("all", 0.2, Scope.ALL)])


async def test_reservations_made_at_once_never_pass_the_limit(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    budget, refused = Budget("run", 0.55, Scope.RUN), []

    async def one(name: str) -> None:
        try:
            await intend(ledger, take(name), budget)
        except BudgetReached:
            refused.append(name)

    async with anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(one, f"a{number}")
    assert len(refused) == 5
    [costs] = await ledger.costs("run")
    assert (costs.take_count, costs.reserved_usd) == (5, 0.5)


async def test_an_empty_ledger_costs_nothing(ledger: Ledger) -> None:
    assert await ledger.costs() == []
    assert await ledger.costs("all") == []


async def test_what_is_reopened_counts_in_the_run_that_reopens_it(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    for name, run in (("a", "r1"), ("b", "r2")):
        await ledger.intend(take(name), owner="us", run=run, lease_seconds=60)
    await ledger.sending(take("a").fingerprint, "us")
    await ledger.failed(take("a").fingerprint, "us", "out of memory")
    budget = Budget("run", 0.15, Scope.RUN)
    with pytest.raises(BudgetReached):  # of r2, which has reserved 0.10 for another take
        await ledger.reopen(take("a").fingerprint, "us", run="r2", budgets=[budget])
    slate = await ledger.reopen(take("a").fingerprint, "us", run="r1", budgets=[budget])
    assert (slate.run, slate.state) == ("r1", TakeState.INTENDED)
