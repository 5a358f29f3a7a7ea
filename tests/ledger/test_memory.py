from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import timedelta

import anyio

from longtake.ledger import Decision, Ledger, TakeIntent, TakeState, Verdict
from tests.ledger.beginnings import FILE, begun
from tests.ledger.conftest import HandClock


async def test_a_base_seed_is_drawn_once_however_many_ask(ledger: Ledger) -> None:
    numbers, seeds = itertools.count(7), []

    async def ask() -> None:
        seeds.append(await ledger.base_seed("Film", lambda: next(numbers)))

    async with anyio.create_task_group() as group:
        for _ in range(6):
            group.start_soon(ask)
    assert seeds == [7] * 6
    assert await ledger.base_seed("Other", lambda: next(numbers)) == 8


async def test_an_upload_is_remembered_as_long_as_it_holds(
    ledger: Ledger, clock: HandClock
) -> None:
    assert await ledger.upload_url("a" * 64) is None
    await ledger.remember_upload("a" * 64, "https://assets/1.png", 60)
    await ledger.remember_upload("b" * 64, "https://assets/2.png")
    assert await ledger.upload_url("a" * 64) == "https://assets/1.png"
    clock.turn(60)
    assert await ledger.upload_url("a" * 64) is None
    assert await ledger.upload_url("b" * 64) == "https://assets/2.png"
    await ledger.remember_upload("a" * 64, "https://assets/3.png", 60)
    assert await ledger.upload_url("a" * 64) == "https://assets/3.png"


async def test_what_holds_for_a_while_does_so_for_the_next_who_opens_the_ledger(
    prepared_place: str, clock: HandClock
) -> None:
    async with Ledger.open(prepared_place, clock=clock) as ledger:
        await ledger.remember_upload("a" * 64, "https://assets/1.png", 60)
        await ledger.remember_upload("b" * 64, "https://assets/2.png")
    async with Ledger.open(prepared_place, clock=clock) as ledger:
        clock.turn(59)
        assert await ledger.upload_url("a" * 64) == "https://assets/1.png"
        clock.turn(1)
        assert await ledger.upload_url("a" * 64) is None
        assert await ledger.upload_url("b" * 64) == "https://assets/2.png"


async def test_a_handover_frame_is_remembered_by_clip_index_and_recipe(ledger: Ledger) -> None:
    for _ in range(2):
        await ledger.remember_frame("c" * 64, 80, "v1", "f" * 64)
    assert await ledger.frame("c" * 64, 80, "v1") == "f" * 64
    assert await ledger.frame("c" * 64, 80, "v2") is None
    assert await ledger.frame("c" * 64, 79, "v1") is None


async def test_every_content_that_the_ledger_knows_is_listed(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    one = take(start_sha256="1" * 64)
    await ledger.intend(one, owner="us", run="r1", lease_seconds=60)
    await ledger.sending(one.fingerprint, "us")
    await ledger.stored(one.fingerprint, "us", "2" * 64, 1, 81, 832, 480)
    await ledger.remember_frame("2" * 64, 80, "v1", "3" * 64)
    await ledger.remember_film("recipe", "4" * 64)
    assert await ledger.contents() == {"1" * 64, "2" * 64, "3" * 64, "4" * 64}


async def test_a_film_is_remembered_by_what_it_was_made_of(ledger: Ledger) -> None:
    for content in ("a" * 64, "b" * 64):
        await ledger.remember_film("recipe", content)
    assert await ledger.film("recipe") == "b" * 64
    assert await ledger.film("another") is None


async def test_what_was_measured_is_kept_as_it_is(ledger: Ledger) -> None:
    for content in ("{}", '{"ssim": 0.98}'):
        await ledger.remember_measure("m" * 64, content)
    assert await ledger.measure("m" * 64) == '{"ssim": 0.98}'
    assert await ledger.measure("n" * 64) is None


async def test_a_decision_stands_until_another_replaces_it_or_takes_it_back(
    ledger: Ledger,
) -> None:
    await ledger.decide("f1", Verdict.REJECTED, "the boat is upside down")
    await ledger.decide("f2", Verdict.REJECTED)
    await ledger.decide("f2", Verdict.CHOSEN)
    assert await ledger.verdicts(["f1", "f2", "f3"]) == {
        "f1": Verdict.REJECTED,
        "f2": Verdict.CHOSEN,
    }
    await ledger.decide("f1", None)
    assert await ledger.verdicts(["f1"]) == {}


async def test_a_process_that_is_asked_to_stay_away_keeps_the_whole_account_away(
    ledger: Ledger, clock: HandClock
) -> None:
    await ledger.hold_off("ours", 20)
    await ledger.hold_off("ours", 5)  # a shorter hint does not open the door earlier
    assert await ledger.hold_seconds("ours") == 20
    assert await ledger.hold_seconds("theirs") == 0
    clock.turn(21)
    assert await ledger.hold_seconds("ours") == 0


async def test_what_is_remembered_again_replaces_itself_alone(
    ledger: Ledger, clock: HandClock
) -> None:
    for name in ("a", "b", "a"):
        await ledger.remember_film(name, f"{name} film")
        await ledger.remember_measure(name, f"{name} read")
        await ledger.keep_measure(f"{name} too", f"{name} kept")
        await ledger.remember_upload(name, f"https://{name}", 60)
        await ledger.hold_off(name, 20)
        for index, recipe in ((80, "v1"), (79, "v1"), (80, "v2")):
            await ledger.remember_frame(name, index, recipe, f"{name} {index} {recipe}")
        await ledger.flush()
    for name in "ab":
        assert await ledger.film(name) == f"{name} film"
        assert await ledger.measure(name) == f"{name} read"
        assert await ledger.upload_url(name) == f"https://{name}"
        assert await ledger.hold_seconds(name) == 20
        for index, recipe in ((80, "v1"), (79, "v1"), (80, "v2")):
            assert await ledger.frame(name, index, recipe) == f"{name} {index} {recipe}"
    assert await ledger.measures(["a", "b too", "c"]) == {"a": "a read", "b too": "b kept"}
    assert await ledger.measures([]) == {}


async def test_a_picture_is_a_frame_where_its_clip_is_there(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    name = await begun(ledger, take(end_sha256="1" * 64), upto=TakeState.STORED)
    await ledger.remember_frame(FILE["clip_sha256"], 80, "v1", "f" * 64)
    await ledger.remember_frame("d" * 64, 80, "v1", "e" * 64)  # of a clip that is nobody's take
    await ledger.flush()
    assert await ledger.is_frame("f" * 64)
    assert not await ledger.is_frame("e" * 64)
    assert not await ledger.is_frame(FILE["clip_sha256"])
    assert await ledger.contents() == {FILE["clip_sha256"], *(each * 64 for each in "1fe")}
    assert (await ledger.get(name)).clip_sha256 == FILE["clip_sha256"]


async def test_the_base_seed_that_was_drawn_is_known_and_no_other(ledger: Ledger) -> None:
    assert await ledger.known_base_seed("Film") is None
    assert await ledger.base_seed("Film", lambda: 0) == 0  # a seed like any other
    assert await ledger.base_seed("Film", lambda: 5) == 0
    assert (await ledger.known_base_seed("Film"), await ledger.known_base_seed("B")) == (0, None)


async def test_a_claim_says_for_how_long_nobody_should_send(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    await ledger.hold_off("ours", 20)
    clock.turn(5)
    facts = {"owner": "us", "run": "r1", "lease_seconds": 60}
    for _ in range(2):  # new, and held already
        assert (await ledger.intend(take(), account="ours", **facts)).hold_seconds == 15
    assert (await ledger.intend(take(), account="theirs", **facts)).hold_seconds == 0
    await ledger.hold_off("ours", 30)
    assert await ledger.hold_seconds("ours") == 30


async def test_decisions_are_told_with_their_notes_and_times(
    ledger: Ledger, clock: HandClock
) -> None:
    await ledger.decide("f1", Verdict.REJECTED, "the boat is upside down")
    clock.turn(9)
    await ledger.decide("f2", Verdict.CHOSEN)
    assert await ledger.decisions(["f2", "f1", "f3"]) == {
        "f1": Decision(
            Verdict.REJECTED, "the boat is upside down", clock.now - timedelta(seconds=9)
        ),
        "f2": Decision(Verdict.CHOSEN, "", clock.now),
    }
