"""Long takes whose clips are made side by side: between stills, or between a guide's frames."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from longtake.emulator import Action, Dials, EmulatedRequest, Endpoint, Fault
from longtake.rendering.outlook import Outlook
from longtake.rendering.planning import Wanted, planned
from tests.rendering.plain import Workshop
from tests.rendering.tiny import TinyHost, tiny_emulator

CALM = {"colour": "off", "deflash": False, "gate": "off"}


def film(count: int, path: str, **scene: Any) -> str:
    shot = {"prompt": "a boat", "beats": [f"part {number}" for number in range(count)]}
    look = {"seed": 7, "continuity": CALM}
    scenes = [{"name": "one", "path": path, "shots": [shot]} | scene]
    return json.dumps({"title": "A take", "look": look, "scenes": scenes})


def still(folder: Path, name: str, shade: int) -> str:
    Image.new("RGB", (832, 480), (shade, 90, 120)).save(folder / name)
    return name


def between(request: EmulatedRequest) -> tuple[str, str]:
    return request.body["image"], request.body["last_image"]


@pytest.mark.thorough
async def test_twelve_clips_as_a_tree_are_thirteen_requests_between_shared_anchors(
    workshop: Workshop,
) -> None:
    with tiny_emulator(workshop) as emulator:
        first = await workshop.render(emulator, film(12, "tree"), host=TinyHost())
        again = await workshop.render(emulator, film(12, "tree"), host=TinyHost())
    assert (len(first.accepted), again.accepted) == (13, [])
    guide, *leaves = first.accepted
    assert "image" not in guide.body
    assert all(part in guide.body["prompt"] for part in ("part 0", "part 11"))
    leaves.sort(key=lambda leaf: int(leaf.body["prompt"].rpartition(" ")[2]))
    ends = [between(leaf) for leaf in leaves]
    assert [end for _, end in ends[:-1]] == [start for start, _ in ends[1:]]
    assert len({picture for pair in ends for picture in pair}) == 13
    assert guide.accepted_at <= min(leaf.accepted_at for leaf in leaves)
    known = first.run.guides["one/1.guide"]
    assert known.usd == pytest.approx(guide.price_usd)
    assert first.run.totals.usd == pytest.approx(sum(one.price_usd for one in first.accepted))


async def test_a_guide_that_fails_is_asked_for_once_and_its_leaves_are_skipped(
    workshop: Workshop,
) -> None:
    fault = Fault(on=Endpoint.JOB, do=Action.FAIL, nth=1, times=1)
    with tiny_emulator(workshop, fault) as emulator:
        ended = await workshop.render(emulator, film(3, "tree"), host=TinyHost())
        after = await workshop.foreseen(film(3, "tree"))
    assert len(ended.accepted) == 1
    assert ended.error is not None
    assert {clip.stage for clip in ended.run.clips.values()} == {"skipped"}
    assert after.clips["one/1.2"] is Outlook.FOLLOWS


async def test_between_stills_all_clips_are_sent_side_by_side(workshop: Workshop) -> None:
    stills = [still(workshop.folder, f"{shade}.png", shade) for shade in (0, 60, 120, 180)]
    board = film(3, "keyframed", stills=stills)
    with tiny_emulator(workshop) as emulator:
        ended = await workshop.render(emulator, board, host=TinyHost())
        again = await workshop.render(emulator, board, host=TinyHost())
    assert (len(ended.accepted), again.accepted) == (3, [])
    by_part = sorted(ended.accepted, key=lambda one: one.body["prompt"])
    ends = [between(one) for one in by_part]
    assert [end for _, end in ends[:-1]] == [start for start, _ in ends[1:]]


@pytest.mark.thorough
async def test_a_person_s_still_takes_an_anchor_s_place_for_its_two_clips(
    workshop: Workshop,
) -> None:
    mine = still(workshop.folder, "mine.png", 200)
    with tiny_emulator(workshop) as emulator:
        await workshop.render(emulator, film(4, "tree"), host=TinyHost())
        board = film(4, "tree", stills=[None, None, mine, None])
        replaced = await workshop.render(emulator, board, host=TinyHost())
    parts = sorted(one.body["prompt"][-1] for one in replaced.accepted)
    assert parts == ["1", "2"]


@pytest.mark.thorough
async def test_a_plan_says_that_the_last_pictures_were_not_reached(workshop: Workshop) -> None:
    looked_at = film(3, "tree").replace('"gate": "off"', '"gate": "flag"')
    for dials, model in ((Dials(), []), (Dials(ignores_last_image=True), ["wan-2.2-i2v-fast"])):
        with tiny_emulator(workshop, dials=dials) as emulator:
            await workshop.render(emulator, looked_at.replace("boat", str(model)), host=TinyHost())
        assert list((await workshop.foreseen(looked_at)).ignored) == model


async def test_whether_an_end_image_was_reached_is_measured_where_nothing_else_is(
    workshop: Workshop,
) -> None:
    sea = still(workshop.folder, "sea.png", 200)
    shots = ["a boat", {"prompt": "the sea", "end_image": sea}]
    board = film(1, "chain", shots=shots)
    with tiny_emulator(workshop, dials=Dials(ignores_last_image=True)) as emulator:
        ended = await workshop.render(emulator, board, host=TinyHost())
    assert ended.error is None
    assert list((await workshop.foreseen(board)).ignored) == ["wan-2.2-i2v-fast"]


async def test_the_ways_of_a_take_cost_what_clips_like_it_were_billed(workshop: Workshop) -> None:
    dear = Fault(on=Endpoint.JOB, do=Action.PRICE, usd=0.18)
    with tiny_emulator(workshop, dear) as emulator:
        await workshop.render(emulator, film(2, "chain"), host=TinyHost())
        (workshop.folder / "long.yaml").write_text(film(3, "tree"), encoding="utf-8")
        wanted = Wanted(profile=workshop.profile(emulator.base_url))
        found = await asyncio.to_thread(planned, workshop.folder / "long.yaml", wanted)
    (take,) = found.ways
    table = {way.path: way.usd for way in take.ways}
    assert 3 * 0.12 < table["chain"] <= 3 * 0.18
    assert 4 * 0.12 < table["tree"] <= 4 * 0.18
