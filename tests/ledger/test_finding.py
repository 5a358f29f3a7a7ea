"""Slates are found by what they are; a ledger with other decisions is the same but for those."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from longtake.errors import LedgerConflict
from longtake.ledger import Ledger, TakeIntent, TakeState, Verdict
from longtake.ledger.supposing import SupposedLedger
from tests.ledger.beginnings import FILE, begun
from tests.ledger.conftest import HandClock

Take = Callable[..., TakeIntent]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "bcda"),
        ({"storyboard": "Other"}, "da"),
        ({"storyboard": "Other", "run": "r2"}, "d"),
        ({"run": "r1"}, "ba"),
        ({"run": "r1", "state": TakeState.INTENDED}, "a"),
        ({"state": "submitted"}, "b"),
        ({"since": 20}, "bcd"),
        ({"since": 21}, ""),
        ({"limit": 2}, "bc"),
        ({"run": "r1", "limit": 1}, "b"),
        ({"run": "r1", "since": 10, "limit": 5}, "b"),
        ({"limit": 0}, ""),
    ],
)
async def test_slates_that_fit_come_with_the_latest_first(
    ledger: Ledger, take: Take, clock: HandClock, asked: dict[str, Any], found: str
) -> None:
    begin = clock.now
    for name, run, storyboard in (("a", "r1", "Other"), ("b", "r1", "Film")):
        one = take(name, storyboard=storyboard)
        await ledger.intend(one, owner="us", run=run, lease_seconds=60)
        clock.turn(10)
    await ledger.sending(take("b").fingerprint, "us")
    await ledger.submitted(take("b").fingerprint, "us", "id-b")
    clock.now = begin + timedelta(seconds=20)
    for name, storyboard in (("d", "Other"), ("c", "Film")):  # of one moment: by name
        one = take(name, storyboard=storyboard)
        await ledger.intend(one, owner="us", run="r2", lease_seconds=60)
    if "since" in asked:
        asked = asked | {"since": begin + timedelta(seconds=asked["since"])}
    assert "".join(each.fingerprint[0] for each in await ledger.slates(**asked)) == found


async def test_the_latest_requests_are_told_with_their_age(
    ledger: Ledger, take: Take, clock: HandClock
) -> None:
    for name in "abc":
        one = take(name).fingerprint
        await ledger.intend(take(name), owner="us", run=f"run {name}", lease_seconds=60)
        await ledger.sending(one, "us")
        if name == "c":
            await ledger.ambiguous(one, "us", "read time-out")
        else:
            await ledger.submitted(one, "us", f"id-{name}")
        clock.turn(100)
    await ledger.completed(take("a").fingerprint, "us", "https://images/1.mp4")
    for within_seconds, told in ((300, {"id-a": 300.0, "id-b": 200.0}), (299, {"id-b": 200.0})):
        assert await ledger.accepted_ago(within_seconds) == told
        assert await ledger.accepted_ago(within_seconds, run="run b") == {"id-b": 200.0}


async def test_more_names_than_a_statement_takes_are_found(ledger: Ledger, take: Take) -> None:
    name = await begun(ledger, take())
    many = [f"{number:064x}" for number in range(1, 1001)]
    assert list(await ledger.find_all([*many, name])) == [name]
    assert list(await ledger.find_all([*many[:500], name])) == [name]
    assert await ledger.find_all([]) == {}


async def test_a_request_is_known_by_the_take_that_has_it_or_had_it(
    ledger: Ledger, take: Take
) -> None:
    name = await begun(ledger, take(), upto=TakeState.FAILED)
    assert await ledger.knows("req-1")
    await ledger.reopen(name, "us")
    assert (await ledger.get(name)).request_id is None
    assert await ledger.knows("req-1")
    assert not await ledger.knows("req-2")


async def test_what_is_not_there_is_named_in_short(ledger: Ledger) -> None:
    assert await ledger.find("f" * 64) is None
    with pytest.raises(LedgerConflict) as caught:
        await ledger.get("0123456789abcdef")
    assert str(caught.value) == "take 0123456789ab is not in the ledger"


async def test_earlier_requests_are_told_from_the_first_on(ledger: Ledger, take: Take) -> None:
    name = take().fingerprint
    await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
    for request_id in ("z", "a", "m"):
        await ledger.sending(name, "us")
        await ledger.submitted(name, "us", request_id)
        await ledger.failed(name, "us", "oom")
        await ledger.reopen(name, "us")
    other = await begun(ledger, take("b"), upto=TakeState.FAILED)
    await ledger.reopen(other, "us")
    assert [past.request_id for past in await ledger.requests(name)] == ["z", "a", "m"]


async def test_how_takes_stand_and_what_was_decided_is_told_together(
    ledger: Ledger, take: Take
) -> None:
    first, second = await begun(ledger, take("a")), await begun(ledger, take("b"))
    await ledger.decide(first, Verdict.REJECTED)
    known, slates = await ledger.known_takes([first, second, "f" * 64])
    assert known == {first: Verdict.REJECTED}
    assert slates == {name: await ledger.get(name) for name in (first, second)}


async def test_a_ledger_may_be_looked_at_as_if_people_had_decided_otherwise(
    ledger: Ledger, take: Take
) -> None:
    names = [await begun(ledger, take(letter)) for letter in "abc"]
    for name in names:
        await ledger.decide(name, Verdict.APPROVED)
    supposed = SupposedLedger(ledger, {names[0]: None, names[1]: Verdict.CHOSEN, "f": None})
    told = {names[1]: Verdict.CHOSEN, names[2]: Verdict.APPROVED}
    assert await supposed.verdicts(names) == told
    assert await supposed.known_takes(names) == (told, await ledger.find_all(names))
    assert await supposed.verdicts([names[2]]) == {names[2]: Verdict.APPROVED}
    assert await ledger.verdicts(names) == dict.fromkeys(names, Verdict.APPROVED)


async def test_a_lease_that_is_given_back_leaves_the_rest_as_it_is(
    ledger: Ledger, take: Take, clock: HandClock
) -> None:
    names = [await begun(ledger, take(letter)) for letter in "ba"]
    theirs = await begun(ledger, take("c"), "them")
    assert await ledger.held("us") == (names[1], names[0])
    assert await ledger.release("us", theirs) == ()
    assert await ledger.release("us") == (names[1], names[0])
    for name in names:
        slate = await ledger.get(name)
        assert (slate.owner, slate.lease_expires_at) == (None, None)
    assert await ledger.held("them") == (theirs,)
    clock.turn(10)
    assert await ledger.heartbeat("them", 7) == (theirs,)
    slate = await ledger.get(theirs)
    assert slate.lease_expires_at == clock.now + timedelta(seconds=7)
    assert slate.updated_at == clock.now - timedelta(seconds=10)
    assert FILE["clip_sha256"] not in await ledger.contents()
