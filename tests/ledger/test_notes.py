"""What is only remembered holds at once, and is on disk with the next write of the process."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longtake.errors import IllegalTransition
from longtake.ledger import Ledger, TakeIntent
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
