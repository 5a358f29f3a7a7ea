"""Clips that the store has lost or damaged: fetched again, and paid for again only when asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.emulator import Action, Endpoint, Fault, FaultScript
from longtake.errors import RenderIncomplete
from longtake.record import Stage
from tests.end_to_end.conftest import Ending, Harness

pytestmark = pytest.mark.slow


ONE = """\
title: One
look: {seed: 7}
scenes: [{name: one, shots: [{prompt: a sailing boat at dawn, seconds: 1}]}]
"""


TWO = ONE.replace("seconds: 1}", "seconds: 1}, {prompt: it turns, seconds: 1}")


AT_ONCE = {"keeping": {"lost_seconds": 0}}
"""What all say is gone counts as lost at once."""


def object_of(harness: Harness, ending: Ending, clip_id: str) -> Path:
    """The file in the store that holds a clip."""
    sha256 = ending.run.clips[clip_id].sha256
    (found,) = (harness.folder / "store").rglob(f"{sha256}*")
    return found


def corrupt(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


async def test_damaged_and_missing_objects_are_fetched_again_and_not_paid_again(
    harness: Harness,
) -> None:
    with harness.emulator() as emulator:
        first = await harness.render_on(emulator, TWO)
        damaged, missing = (object_of(harness, first, f"one/{number}.1") for number in (1, 2))
        corrupt(damaged)
        missing.unlink()

        again = await harness.render_on(emulator, TWO)
    assert again.error is None
    assert not again.accepted
    assert again.run.film == first.run.film
    assert "is damaged" in str(again.run.clips["one/1.1"].remark)
    assert "is not in the store" in str(again.run.clips["one/2.1"].remark)
    assert again.run.totals.usd == 0
    assert again.run.totals.reused_usd == 0.19
    assert object_of(harness, again, "one/1.1").read_bytes() != b""
    assert missing.is_file()


async def test_an_object_that_nobody_has_any_more_is_lost_with_its_cost_until_a_person_pays_again(
    harness: Harness,
) -> None:
    gone = Fault(on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND, nth=2)
    with harness.emulator(faults=FaultScript(faults=(gone,))) as emulator:
        first = await harness.render_on(emulator, ONE)
        corrupt(object_of(harness, first, "one/1.1"))
        first.film.unlink()

        for _ in range(2):
            lost = await harness.render_on(emulator, ONE, profile=AT_ONCE)
            assert isinstance(lost.error, RenderIncomplete)
            assert lost.error.missing == ("one/1.1",)
            assert "It cost 0.10 USD; run again with --retake-lost" in str(lost.error)
            assert lost.run.clips["one/1.1"].error_kind == "ClipLost"
            assert not lost.accepted

        retaken = await harness.render_on(emulator, ONE, profile=AT_ONCE, retake_lost=True)
        assert retaken.error is None
        assert len(retaken.accepted) == 1
        assert retaken.run.clips["one/1.1"].stage is Stage.STORED

        reused = await harness.render_on(emulator, ONE, retake_lost=True)
    assert not reused.accepted
    assert reused.run.film == first.run.film


async def test_a_clip_that_is_lost_again_is_paid_for_once_more_and_not_forever(
    harness: Harness,
) -> None:
    gone = Fault(on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND)
    with harness.emulator(faults=FaultScript(faults=(gone,))) as emulator:
        lost = await harness.render_on(emulator, ONE, profile=AT_ONCE)
        assert len(lost.accepted) == 1
        again = await harness.render_on(emulator, ONE, profile=AT_ONCE, retake_lost=True)
    assert isinstance(again.error, RenderIncomplete)
    assert len(again.accepted) == 1
