"""What each take counts, in every sum and against every budget."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from longtake.errors import BudgetReached, DoublePayment
from longtake.ledger import Budget, CostRow, Ledger, Scope, TakeIntent, TakeState
from tests.ledger.beginnings import begun
from tests.ledger.conftest import HandClock

Take = Callable[..., TakeIntent]
KEYS = {Scope.RUN: "r1", Scope.STORYBOARD: "Film", Scope.DAY: "2026-05-04", Scope.ALL: "all"}


async def brought(ledger: Ledger, take: TakeIntent, *steps: str) -> str:
    """A take after these steps; the first may be the state that it is brought up to."""
    name = take.fingerprint
    if steps and steps[0] in {state.value for state in TakeState}:
        await begun(ledger, take, upto=TakeState(steps[0]))
        steps = steps[1:]
    elif steps and steps[0] == "sent":
        await begun(ledger, take)
        steps = steps[1:]
    else:
        await ledger.intend(take, owner="us", run="r1", lease_seconds=60)
    for step in steps:
        match step:
            case "release":
                await ledger.release("us")
            case "reopen":
                await ledger.reopen(name, "us")
            case "twice":
                with pytest.raises(DoublePayment):
                    await ledger.submitted(name, "us", "req-2")
            case verdict:
                await getattr(ledger, verdict)(name, "us", "words")
    return name


@pytest.mark.parametrize(
    ("steps", "usd", "reserved_usd", "lost_usd"),
    [
        ([], 0, 0.1, 0),
        (["release"], 0, 0, 0),
        (["sent", "release"], 0, 0.1, 0),
        (["ambiguous"], 0, 0.1, 0),
        (["submitted", "release"], 0, 0.1, 0),
        (["failed"], 0, 0, 0),
        (["refused"], 0, 0, 0),
        (["completed"], 0.09, 0, 0),
        (["stored"], 0.09, 0, 0),
        (["lost"], 0, 0.1, 0.1),
        (["stored", "lost"], 0.09, 0, 0.09),
        (["completed", "unusable"], 0.09, 0, 0.09),
        (["submitted", "twice"], 0, 0.2, 0.1),
        (["completed", "twice"], 0.09, 0.1, 0.1),
        (["failed", "reopen"], 0, 0.1, 0),
        (["ambiguous", "reopen"], 0, 0.1, 0),
        (["ambiguous", "lost", "reopen"], 0, 0.2, 0.1),
        (["stored", "unusable", "reopen"], 0.09, 0.1, 0.09),
        (["stored", "unusable", "reopen", "release"], 0.09, 0, 0.09),
    ],
)
async def test_a_take_counts_by_how_it_stands(
    ledger: Ledger,
    take: Take,
    clock: HandClock,
    steps: Sequence[str],
    usd: float,
    reserved_usd: float,
    lost_usd: float,
) -> None:
    await brought(ledger, take(), *steps)
    spent = usd + reserved_usd
    for scope, key in KEYS.items():
        row = CostRow(key, 1, usd=usd, reserved_usd=reserved_usd, lost_usd=lost_usd)
        assert await ledger.costs(scope) == [row]
        with pytest.raises(BudgetReached) as caught:
            await intend(ledger, take("b"), Budget("a budget", spent + 0.0999, scope))
        error = caught.value
        assert (error.budget, error.limit_usd) == ("a budget", spent + 0.0999)
        assert (error.spent_usd, error.reserved_usd, error.needed_usd) == (usd, reserved_usd, 0.1)
    assert await ledger.spent_today() == pytest.approx(spent)
    assert await ledger.costs() == await ledger.costs("storyboard")
    await intend(ledger, take("b"), *(Budget("fits", spent + 0.1, scope) for scope in KEYS))
    clock.turn(12 * 3600)
    assert await ledger.spent_today() == 0


async def test_the_sums_are_in_order_and_rounded(ledger: Ledger, take: Take) -> None:
    for name, run in (("c", "r2"), ("a", "r1"), ("b", "r1")):
        one = take(name, estimated_usd=0.1 + 0.2)
        await ledger.intend(one, owner="us", run=run, lease_seconds=60)
    rows = [(row.key, row.take_count, row.reserved_usd) for row in await ledger.costs("run")]
    assert rows == [("r1", 2, 0.6), ("r2", 1, 0.3)]


async def test_what_only_ended_in_a_run_is_no_take_of_it(ledger: Ledger, take: Take) -> None:
    name = await brought(ledger, take(), "completed", "unusable")
    await ledger.reopen(name, "us", run="r2")
    assert await ledger.costs("run") == [
        CostRow("r1", 0, usd=0.09, reserved_usd=0, lost_usd=0.09),
        CostRow("r2", 1, usd=0, reserved_usd=0.1, lost_usd=0),
    ]


async def test_a_lease_that_has_just_run_out_reserves_nothing(
    ledger: Ledger, take: Take, clock: HandClock
) -> None:
    await brought(ledger, take())
    clock.turn(59.5)
    assert await ledger.spent_today() == 0.1
    clock.turn(0.5)
    assert await ledger.spent_today() == 0


async def test_what_a_take_has_reserved_does_not_stand_in_its_own_way(
    ledger: Ledger, take: Take
) -> None:
    budget = Budget("just one", 0.1, Scope.ALL)
    for _ in range(2):
        await intend(ledger, take(), budget)
    await ledger.sending(take().fingerprint, "us")
    await ledger.reopen(take().fingerprint, "us", budgets=[budget])


async def intend(ledger: Ledger, take: TakeIntent, *budgets: Budget) -> None:
    await ledger.intend(take, owner="us", run="r1", lease_seconds=60, budgets=budgets)
