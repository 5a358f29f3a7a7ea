"""What was kept of what was paid for."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longtake.ledger import Ledger, TakeIntent, Verdict
from longtake.ledger.yields import Yield
from tests.ledger.conftest import HandClock

OWNER = "tester"
Take = Callable[..., TakeIntent]


async def stored(ledger: Ledger, take: TakeIntent, run: str = "r1") -> str:
    name = take.fingerprint
    await ledger.intend(take, owner=OWNER, run=run, lease_seconds=60)
    await ledger.sending(name, OWNER)
    await ledger.submitted(name, OWNER, f"request-{name}")
    await ledger.completed(name, OWNER, "https://images.example/a.mp4", 0.09)
    await ledger.stored(name, OWNER, name, 4000, 80, 832, 480)
    return name


def attempt(take: Take, name: str, number: int, clip: str = "one/1.1") -> TakeIntent:
    asked = {"prompt": "a gull", "seed": number, "frames_per_second": 16}
    return take(name, clip_id=clip, number=number, seed=number, parameters=asked)


async def test_one_take_of_each_clip_is_kept(ledger: Ledger, take: Take) -> None:
    await stored(ledger, attempt(take, "a", 1))
    second = await stored(ledger, attempt(take, "b", 2))
    await stored(ledger, attempt(take, "c", 1, "one/2.1"))
    await ledger.decide(second, Verdict.CHOSEN)
    assert await ledger.yields() == {"Film": Yield(2, 1, 10.0)}
    await ledger.decide(second, Verdict.REJECTED)
    assert await ledger.yields() == {"Film": Yield(2, 2, 10.0)}


async def test_it_counts_where_it_was_made(ledger: Ledger, take: Take) -> None:
    await stored(ledger, attempt(take, "a", 1), "r1")
    await stored(ledger, attempt(take, "c", 1, "one/2.1"), "r2")
    assert await ledger.yields("run") == {"r1": Yield(1, 1, 5.0), "r2": Yield(1, 1, 5.0)}
    assert await ledger.yields("all") == {"all": Yield(2, 2, 10.0)}


@pytest.mark.parametrize("verdict", [None, Verdict.REJECTED])
async def test_nothing_is_kept_of_nothing(
    ledger: Ledger, take: Take, verdict: Verdict | None
) -> None:
    if verdict is not None:
        await ledger.decide(await stored(ledger, attempt(take, "a", 1)), verdict)
    assert await ledger.yields() == {}


async def test_of_several_takes_the_latest_is_kept_and_what_is_gone_is_not(
    ledger: Ledger, take: Take, clock: HandClock
) -> None:
    first = await stored(ledger, attempt(take, "z", 1))
    clock.turn(5)
    await stored(ledger, attempt(take, "b", 2))
    assert await ledger.yields() == {"Film": Yield(1, 0, 5.0)}
    await ledger.decide(first, Verdict.CHOSEN)
    assert await ledger.yields() == {"Film": Yield(1, 1, 5.0)}
    await ledger.lost(first, "", "gone")
    assert await ledger.yields() == {"Film": Yield(1, 0, 5.0)}


async def test_takes_that_were_stored_at_once_are_told_apart_by_name(
    ledger: Ledger, take: Take
) -> None:
    for name, number in (("b", 1), ("a", 2)):
        await stored(ledger, attempt(take, name, number))
    assert await ledger.yields("storyboard") == {"Film": Yield(1, 1, 5.0)}


async def test_the_same_clip_of_two_storyboards_is_kept_in_each(ledger: Ledger, take: Take) -> None:
    asked = {"prompt": "a gull", "seed": 1}  # at the model's own 16 frames a second
    for name in ("One", "Two"):
        await stored(ledger, take(name, storyboard=name, clip_id="one/1.1", parameters=asked))
    assert await ledger.yields() == {"One": Yield(1, 1, 5.0), "Two": Yield(1, 1, 5.0)}
    assert await ledger.yields("day") == {"2026-05-04": Yield(2, 2, 10.0)}


async def test_clips_of_which_nothing_is_kept_keep_no_other_from_being_counted(
    ledger: Ledger, take: Take
) -> None:
    for number in range(4):
        asked = {"prompt": "a gull", "frames_per_second": 29.97}
        name, clip = f"{number}-", f"one/{number}.1"
        await stored(ledger, take(name, clip_id=clip, parameters=asked))
    await ledger.decide(take("0-").fingerprint, Verdict.REJECTED)
    assert await ledger.yields() == {"Film": Yield(3, 3, 8.008008)}  # 3 times 80 / 29.97
