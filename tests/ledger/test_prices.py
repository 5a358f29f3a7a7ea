"""What was really billed counts at once, for the next take and for those in flight."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longtake.errors import BudgetReached
from longtake.ledger import Budget, Ledger, Scope, TakeIntent
from tests.ledger.conftest import HandClock

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


async def billed(
    ledger: Ledger, take: Callable[..., TakeIntent], name: str, usd: float | None
) -> str:
    """A clip like all others of this file that was made for so much."""
    sent = await send(ledger, take(name, parameters=T2V, estimated_usd=0.01))
    await ledger.completed(sent, "us", usd=usd)
    return sent


async def test_the_dearest_of_the_latest_five_is_what_the_next_may_cost(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    for number, usd in enumerate([0.9, 0.3, 0.2, None, 0.2, 0.2]):
        await billed(ledger, take, f"{number}", usd)
        clock.turn(1)
    assert await estimated(ledger, take, "a") == 0.9
    await billed(ledger, take, "7", 0.2)
    assert await estimated(ledger, take, "b") == 0.3


async def estimated(ledger: Ledger, take: Callable[..., TakeIntent], name: str) -> float:
    """What is reserved for one clip more."""
    asked = take(name, parameters=T2V)
    return (await ledger.intend(asked, owner="us", run="r", lease_seconds=60)).slate.estimated_usd


async def test_what_is_billed_raises_just_what_is_in_flight_and_cheaper(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    async def reserved(name: str, **facts: object) -> str:
        return await send(ledger, take(name, **{"parameters": T2V, **facts}))

    names = {
        "in flight": await reserved("a"),
        "dearer": await reserved("b", estimated_usd=0.5),
        "failed": await reserved("c"),
        "longer": await reserved("d", parameters=T2V | {"num_frames": 97}),
        "sharper": await reserved("e", parameters=T2V | {"resolution": "720p"}),
        "another model's": await reserved("f", model="wan-2.2-i2v-fast"),
        "known": await reserved("g"),
        "parked": await reserved("h"),
    }
    await ledger.failed(names["failed"], "us", "oom")
    await ledger.completed(names["known"], "us", usd=0.05)
    unsent = take("i", parameters=T2V)
    await ledger.intend(unsent, owner="us", run="r", lease_seconds=60)
    names |= {"unsent": unsent.fingerprint}
    await ledger.completed(await reserved("j"), "us", usd=0.18)
    found = {key: (await ledger.get(name)).estimated_usd for key, name in names.items()}
    assert found == dict.fromkeys(names, 0.1) | {"in flight": 0.18, "parked": 0.18, "dearer": 0.5}


@pytest.mark.parametrize("parameters", [{"num_frames": 81}, {"resolution": "480p"}, {}])
async def test_of_a_clip_that_does_not_say_what_it_is_nothing_is_learned(
    ledger: Ledger, take: Callable[..., TakeIntent], parameters: dict[str, object]
) -> None:
    first = await send(ledger, take("a", parameters=parameters))
    second = await send(ledger, take("b", parameters=parameters))
    await ledger.completed(first, "us", usd=0.18)
    assert (await ledger.get(second)).estimated_usd == 0.10
    await ledger.intend(take("c", parameters=parameters), owner="us", run="r", lease_seconds=60)
    assert (await ledger.get(take("c").fingerprint)).estimated_usd == 0.10


@pytest.mark.parametrize(
    ("metrics", "after_seconds", "seconds"),
    [
        (None, 30, 30),
        (None, 0, None),
        ({}, 30, 30),
        ({"total_time": 20}, 30, 20),
        ({"total_time": 40.5}, 30, 30),
        ({"total_time": 0.5}, 30, 0.5),
        ({"total_time": 0}, 30, 30),
        ({"total_time": -3}, 30, 30),
        ({"total_time": "20"}, 30, 30),
        ({"total_time": 20}, 0, 20),
    ],
)
async def test_a_clip_took_the_less_of_what_is_told_and_what_was_seen(
    ledger: Ledger,
    take: Callable[..., TakeIntent],
    clock: HandClock,
    metrics: dict[str, object] | None,
    after_seconds: float,
    seconds: float | None,
) -> None:
    sent = await send(ledger, take("a", parameters=T2V))
    clock.turn(after_seconds)
    await ledger.completed(sent, "us", metrics=metrics)
    [clip] = await ledger.past_clips()
    assert (clip.usd, clip.seconds) == (None, seconds)


async def test_the_latest_clip_is_told_first(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    for name, usd in (("b", 0.2), ("a", 0.1), ("c", 0.3)):
        await billed(ledger, take, name, usd)
        clock.turn(1)
    assert [clip.usd for clip in await ledger.past_clips()] == [0.3, 0.1, 0.2]
