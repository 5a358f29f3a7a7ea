"""What is only remembered holds at once, and is on disk with the next write of the process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longtake.errors import IllegalTransition
from longtake.ledger import Ledger, TakeIntent
from longtake.ledger.notes import LATEST
from tests.ledger.conftest import HandClock

CLIP, FRAME, PICTURE = "c" * 64, 80, "f" * 64


async def test_what_is_noted_is_on_disk_with_the_next_write(
    ledger_place: str, clock: HandClock, take: Callable[..., TakeIntent]
) -> None:
    async with (
        Ledger.open(ledger_place, clock=clock) as ours,
        Ledger.open(ledger_place, clock=clock) as theirs,
    ):
        await ours.remember_frame(CLIP, FRAME, "v1", PICTURE)
        assert await ours.frame(CLIP, FRAME, "v1") == PICTURE
        assert await theirs.frame(CLIP, FRAME, "v1") is None
        await ours.intend(take(), owner="us", run="r1", lease_seconds=60)
        assert await theirs.frame(CLIP, FRAME, "v1") == PICTURE


async def test_a_write_that_is_undone_leaves_what_was_noted_for_the_next(
    ledger_place: str, clock: HandClock, take: Callable[..., TakeIntent]
) -> None:
    async with Ledger.open(ledger_place, clock=clock) as ledger:
        await ledger.intend(take(), owner="us", run="r1", lease_seconds=60)
        await ledger.remember_measure("m" * 64, "{}")
        with pytest.raises(IllegalTransition):
            await ledger.submitted(take().fingerprint, "us", "r")  # it was not sent
        assert await ledger.measure("m" * 64) == "{}"
    async with Ledger.open(ledger_place, clock=clock) as reopened:
        assert await reopened.measure("m" * 64) == "{}"


async def test_of_new_content_only_this_process_can_have_remembered_anything(
    ledger_place: str, clock: HandClock, take: Callable[..., TakeIntent]
) -> None:
    async with (
        Ledger.open(ledger_place, clock=clock) as ours,
        Ledger.open(ledger_place, clock=clock) as theirs,
    ):
        await theirs.remember_frame("d" * 64, FRAME, "v1", PICTURE)
        for name, clip in (("a", CLIP), ("b", "d" * 64)):
            one = take(name)
            await ours.intend(one, owner="us", run="r1", lease_seconds=60)
            await ours.sending(one.fingerprint, "us")
            slate, sidecar = await ours.kept(one.fingerprint, "us", clip, 1, 81, 832, 480)
            assert slate.clip_sha256 == sidecar["slate"]["clip_sha256"] == clip
        await ours.remember_frame(CLIP, FRAME, "v1", PICTURE)
        await ours.flush()
        await theirs.flush()
        assert await ours.frame(CLIP, FRAME, "v1") == PICTURE
        assert await ours.frame(CLIP, FRAME, "v2") is None
        assert await theirs.frame(CLIP, FRAME, "v1") == PICTURE


async def test_an_upload_that_is_only_noted_holds_as_long_as_it_said(
    ledger: Ledger, clock: HandClock
) -> None:
    await ledger.remember_upload("a", "https://a", 60)
    await ledger.remember_upload("b", "https://b")
    clock.turn(59.5)
    assert [await ledger.upload_url(each) for each in "abc"] == ["https://a", "https://b", None]
    clock.turn(0.5)
    assert [await ledger.upload_url(each) for each in "ab"] == [None, "https://b"]
    await ledger.flush()
    assert [await ledger.upload_url(each) for each in "ab"] == ["https://a", "https://b"]


async def test_what_is_noted_again_is_written_as_it_was_noted_last(
    ledger_place: str, clock: HandClock
) -> None:
    async with (
        Ledger.open(ledger_place, clock=clock) as ours,
        Ledger.open(ledger_place, clock=clock) as theirs,
    ):
        for content in ("{}", "[]"):
            await ours.remember_measure("m", content)
            await ours.remember_frame(CLIP, FRAME, "v1", content)
        assert await ours.measure("m") == "[]"
        assert await ours.measures(["m", "n"]) == {"m": "[]"}
        await ours.flush()
        assert (await theirs.measure("m"), await theirs.frame(CLIP, FRAME, "v1")) == ("[]", "[]")
        await theirs.remember_frame(CLIP, FRAME, "v1", PICTURE)
        await theirs.flush()
        assert await ours.frame(CLIP, FRAME, "v1") == PICTURE  # others' word counts as well


async def test_the_latest_measures_are_at_hand_and_older_ones_are_read_again(
    ledger_place: str, clock: HandClock
) -> None:
    async with (
        Ledger.open(ledger_place, clock=clock) as ours,
        Ledger.open(ledger_place, clock=clock) as theirs,
    ):
        for number in range(LATEST + 1):
            await ours.remember_measure(f"m{number}", "ours")
        await ours.flush()
        assert await theirs.measure(f"m{LATEST}") == "ours"
        for number in (0, 1, 2, LATEST):
            await theirs.remember_measure(f"m{number}", "theirs")
        await theirs.flush()
        await ours.remember_measure("one more", "ours")  # drops the two that are oldest
        told = [await ours.measure(f"m{number}") for number in (0, 1, 2, LATEST)]
        assert told == ["theirs", "theirs", "ours", "ours"]


async def test_of_a_take_that_is_new_here_nobody_else_is_asked(
    ledger_place: str, clock: HandClock, take: Callable[..., TakeIntent]
) -> None:
    async with (
        Ledger.open(ledger_place, clock=clock) as ours,
        Ledger.open(ledger_place, clock=clock) as theirs,
    ):
        name = take().fingerprint
        await ours.intend(take(), owner="us", run="r1", lease_seconds=60)
        await theirs.intend(take(), owner="them", run="r1", lease_seconds=60)
        await theirs.remember_measure("m", "{}")
        await theirs.remember_upload("u", "https://u")
        await theirs.flush()
        assert (await ours.measure("m", name), await ours.measure("m", "other")) == (None, "{}")
        assert (await ours.upload_url("u", name), await ours.upload_url("u")) == (None, "https://u")
        assert (await theirs.measure("m", name), await theirs.measure("m")) == ("{}", "{}")
        await ours.remember_upload("v", "https://v")
        await ours.flush()
        assert await ours.upload_url("v", name) == "https://v"  # it has remembered it itself


async def test_a_frame_of_a_clip_that_is_new_here_is_a_frame_before_it_is_written(
    ledger_place: str, clock: HandClock, take: Callable[..., TakeIntent]
) -> None:
    async with Ledger.open(ledger_place, clock=clock) as ledger:
        for letter in "ab":
            one = take(letter)
            await ledger.intend(one, owner="us", run="r1", lease_seconds=60)
            await ledger.sending(one.fingerprint, "us")
            _, sidecar = await ledger.kept(one.fingerprint, "us", CLIP, 1, 81, 832, 480)
            assert sidecar == await ledger.record(one.fingerprint)
        await ledger.remember_frame("d" * 64, FRAME, "v1", "e" * 64)
        assert not await ledger.is_frame(PICTURE)
        await ledger.remember_frame(CLIP, FRAME, "v1", PICTURE)
        assert await ledger.is_frame(PICTURE)
        assert not await ledger.is_frame("e" * 64)


async def test_a_clip_that_others_had_first_may_be_known_to_them(
    ledger_place: str, clock: HandClock, take: Callable[..., TakeIntent]
) -> None:
    async with (
        Ledger.open(ledger_place, clock=clock) as ours,
        Ledger.open(ledger_place, clock=clock) as theirs,
    ):
        for ledger, letter in ((theirs, "a"), (ours, "b")):
            one = take(letter)
            await ledger.intend(one, owner=letter, run="r1", lease_seconds=60)
            await ledger.sending(one.fingerprint, letter)
            await ledger.kept(one.fingerprint, letter, CLIP, 1, 81, 832, 480)
        await theirs.remember_frame(CLIP, FRAME, "v1", PICTURE)
        await theirs.flush()
        assert await ours.frame(CLIP, FRAME, "v1") == PICTURE
