from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import anyio
import pytest

from longtake.errors import BudgetReached, LeaseLost
from longtake.ledger import Budget, Claim, Ledger, Scope, TakeIntent, TakeState
from tests.ledger.conftest import HandClock


async def claim(
    ledger: Ledger, take: TakeIntent, owner: str, run: str = "r1", limit: float = 9
) -> Claim:
    budgets = [Budget("run", limit, Scope.RUN)]
    return await ledger.intend(take, owner=owner, run=run, lease_seconds=60, budgets=budgets)


async def test_one_owner_holds_a_take_and_the_other_sees_whose_it_is(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    first, second = await claim(ledger, take(), "us"), await claim(ledger, take(), "them")
    assert (first.held, first.created) == (True, True)
    assert (second.held, second.created, second.slate.owner) == (False, False, "us")


async def test_intending_again_is_harmless_and_renews_the_lease(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    await claim(ledger, take(), "us")
    clock.turn(30)
    again = await claim(ledger, take(), "us")
    assert (again.held, again.created) == (True, False)
    assert again.slate.lease_expires_at == clock.now + timedelta(seconds=60)


async def test_many_tasks_of_many_owners_at_once_make_one_holder(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    claims: list[Claim] = []

    async def one(owner: str) -> None:
        claims.append(await claim(ledger, take(), owner))

    async with anyio.create_task_group() as group:
        for number in range(12):
            group.start_soon(one, f"owner-{number}")
    assert [each.held for each in claims].count(True) == 1
    assert [each.created for each in claims].count(True) == 1


async def test_a_dead_owners_lease_passes_on(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    await claim(ledger, take(), "dead")
    clock.turn(59)
    assert not (await claim(ledger, take(), "heir")).held
    clock.turn(1)
    assert (await claim(ledger, take(), "heir")).held
    with pytest.raises(LeaseLost):
        await ledger.sending(take().fingerprint, "dead")


async def test_a_heartbeat_keeps_all_leases_but_revives_none(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    await claim(ledger, take("a"), "us")
    clock.turn(40)
    await claim(ledger, take("b"), "us")
    await claim(ledger, take("c"), "them")
    assert await ledger.heartbeat("us", 60) == (take("a").fingerprint, take("b").fingerprint)
    clock.turn(59)
    assert len(await ledger.held("us")) == 2
    clock.turn(1)
    assert await ledger.heartbeat("us", 60) == ()
    assert await ledger.held("us") == ()


async def test_a_released_take_is_free_at_once(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    await claim(ledger, take("a"), "us")
    await claim(ledger, take("b"), "us")
    assert await ledger.release("us", take("a").fingerprint) == (take("a").fingerprint,)
    assert (await claim(ledger, take("a"), "them")).held
    assert await ledger.release("us") == (take("b").fingerprint,)
    assert await ledger.release("us") == ()


async def test_an_heir_sees_that_the_post_may_have_left(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    await claim(ledger, take(), "dead", run="r1")
    await ledger.sending(take().fingerprint, "dead")
    clock.turn(60)
    heir = await claim(ledger, take(), "heir", run="r2", limit=0)
    assert heir.held
    assert heir.slate.may_have_been_sent
    assert heir.slate.run == "r1"  # whose money it is does not change any more


async def test_an_unsent_take_is_taken_over_for_the_new_run_and_its_budget(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    await claim(ledger, take(), "dead", run="r1")
    clock.turn(60)
    with pytest.raises(BudgetReached):
        await claim(ledger, take(storyboard="Other"), "heir", run="r2", limit=0.05)
    assert (await ledger.get(take().fingerprint)).run == "r1"

    heir = await claim(ledger, take(storyboard="Other", clip_id="x/1.1"), "heir", run="r2")
    assert (heir.held, heir.slate.run, heir.slate.storyboard) == (True, "r2", "Other")


@pytest.mark.parametrize("end", ["failed", "stored", "lost"])
async def test_what_has_ended_is_read_without_lease_or_budget(
    ledger: Ledger, take: Callable[..., TakeIntent], end: str
) -> None:
    fp = take().fingerprint
    await claim(ledger, take(), "us")
    await ledger.sending(fp, "us")
    await ledger.submitted(fp, "us", "req-1")
    if end == "stored":
        await ledger.stored(fp, "us", "c" * 64, 1, 81, 832, 480, 0.1)
    else:
        await getattr(ledger, end)(fp, "us", "words")
    found = await claim(ledger, take(), "them", limit=0)
    assert (found.held, found.slate.state, found.slate.owner) == (False, TakeState(end), None)
    assert found.slate.state.ended


async def test_reopening_leaves_a_living_owner_alone(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    await claim(ledger, take(), "us")
    await ledger.sending(take().fingerprint, "us")
    await ledger.ambiguous(take().fingerprint, "us")
    with pytest.raises(LeaseLost, match="held by us"):
        await ledger.reopen(take().fingerprint, "them")
    clock.turn(60)
    assert (await ledger.reopen(take().fingerprint, "them")).owner == "them"


async def test_slates_are_found_by_what_they_are(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    await claim(ledger, take("a"), "us", run="r1")
    clock.turn(10)
    await claim(ledger, take("b", storyboard="Other"), "us", run="r2")

    async def names(**wanted: Any) -> list[str]:
        return [each.fingerprint[0] for each in await ledger.slates(**wanted)]

    assert await names() == ["b", "a"]
    assert await names(storyboard="Film") == ["a"]
    assert await names(run="r2") == ["b"]
    assert await names(since=clock.now) == ["b"]
    assert await names(limit=1) == ["b"]
    assert await names(state=TakeState.STORED) == []
    found = await ledger.find_all([take("a").fingerprint, "f" * 64])
    assert list(found) == [take("a").fingerprint]
