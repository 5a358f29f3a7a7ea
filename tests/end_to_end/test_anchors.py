"""A tree whose anchors a person approves: the run waits, with a form, before the clips are paid."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from PIL import Image

from longtake.record import read_run
from longtake.rendering.anchor_desk import AnchorDesk, anchor_desks
from longtake.rendering.deciding import deciding
from longtake.settings import load_settings
from tests.end_to_end.conftest import Harness
from tests.end_to_end.test_pauses import PATIENCE_SECONDS, answer, paused_run, question_in

pytestmark = pytest.mark.slow  # each pause is seen within two seconds

TREE = """\
title: A tree
look: {seed: 7}
scenes:
  - name: coast
    path: tree
    shots:
      - {prompt: One flight along the coast, beats: [over the harbour, out to sea]}
"""


@asynccontextmanager
async def desk_of(harness: Harness) -> AsyncIterator[AnchorDesk]:
    """The anchors as they are now, as `longtake anchors` has them."""
    record = read_run(harness.folder / "out/run.json")
    assert record is not None
    settings = load_settings(str(harness.folder / "profile.json"))
    async with deciding(harness.folder / "out", record, settings) as desk:
        (one,) = await anchor_desks(desk, harness.folder / "out")
        yield one


async def test_anchors_are_replaced_and_approved_by_the_form_before_clips_are_paid_for(
    harness: Harness,
) -> None:
    Image.new("RGB", (832, 480), (200, 90, 120)).save(harness.folder / "mine.png")
    with harness.emulator() as emulator:
        ending = asyncio.create_task(harness.render_on(emulator, TREE, approve="anchors"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await paused_run()
            paid_before = len(emulator.emulator.requests)
            said = await answer(decision="approve", replace=["2=mine.png"])
            asked = await question_in(harness.folder / "out")
            again = await answer(decision="approve")
            done = await ending
    assert paid_before == 1
    assert "2 clips are made between them" in said
    assert "data:image/jpeg" in said
    assert "2: your picture" in again
    assert asked.unit == "coast/1.guide"
    assert (harness.folder / "out" / asked.sheet).is_file()
    assert (done.error, len(done.accepted)) == (None, 3)
    assert done.run.film is not None
    later = await harness.render(TREE, render={"approve": "anchors"})
    assert (later.error, len(later.accepted)) == (None, 0)  # approved before: nobody is asked


async def test_anchors_that_were_replaced_meanwhile_are_asked_about_again(
    harness: Harness,
) -> None:
    Image.new("RGB", (832, 480), (200, 90, 120)).save(harness.folder / "mine.png")
    out = harness.folder / "out"
    with harness.emulator() as emulator:
        ending = asyncio.create_task(harness.render_on(emulator, TREE, approve="each-scene"))
        async with asyncio.timeout(PATIENCE_SECONDS):
            asked = await question_in(out)
            async with desk_of(harness) as seen:
                await seen.replace({2: str(harness.folder / "mine.png")})
                await seen.approve("as I saw them before")
            again = await question_in(out, other_than=asked.about)
            async with desk_of(harness) as now:
                await now.approve("with mine")
            scene = await question_in(out, other_than=again.about)
            paid = len(emulator.emulator.requests)
            await answer(decision="approve")
            done = await ending
    assert (again.unit, again.anchors[2]) == ("coast/1.guide", "2: your picture")
    assert (scene.unit, scene.anchors, paid) == ("coast", {}, 3)
    assert (done.error, len(done.accepted)) == (None, 3)
