"""One clip in the middle made again, its neighbours left as they are."""

from __future__ import annotations

from typing import Any

import pytest

from longtake.documents import load_plan
from longtake.emulator import Dials, RunningEmulator
from longtake.errors import SettingsError
from longtake.rendering.healing import Healed, heal
from longtake.rendering.opening import open_render, open_scene
from longtake.rendering.outlook import Outlook
from longtake.rendering.requests import RenderRequest, SceneRequest
from longtake.store import Store
from longtake.story import Pinned
from tests.rendering.plain import STEPS, Ended, Workshop, board, make_all
from tests.rendering.tiny import TinyHost, tiny_emulator

BEATS = ["it leaves", "it sails", "the sky opens", "land comes up", "it lands"]
LOOKED_AT = {"colour": "off", "deflash": False, "gate": "flag"}


def film(third: str = BEATS[2], fifth: str = BEATS[4], **look: Any) -> str:
    beats = [*BEATS[:2], third, BEATS[3], fifth]
    shot = {"prompt": "a boat", "beats": beats, "start": "cut"}
    return board(shot, **({"continuity": LOOKED_AT} | look))


class Bench:
    """A workshop whose emulator is on, and what it took last."""

    def __init__(self, workshop: Workshop, emulator: RunningEmulator) -> None:
        self.workshop, self.emulator = workshop, emulator

    async def render(self, storyboard: str) -> Ended:
        return await self.workshop.render(self.emulator, storyboard, host=TinyHost())

    async def heal(self, storyboard: str, clip: str, **options: Any) -> tuple[Healed, list[Any]]:
        path, before = self.workshop.folder / "storyboard.yaml", len(self.requests)
        path.write_text(storyboard, encoding="utf-8")
        profile = self.workshop.profile(self.emulator.base_url)
        request = RenderRequest(str(path), self.workshop.folder / "out", profile=profile)
        async with open_render(request, TinyHost()) as render:
            found = await heal(render, STEPS, clip, **options)
        return found, self.requests[before:]

    @property
    def requests(self) -> list[Any]:
        return list(self.emulator.emulator.requests)


def ids(ended: Ended) -> dict[str, str | None]:
    return {clip.id: clip.fingerprint for clip in ended.run.clips.values()}


async def test_a_heal_is_one_more_request_and_its_followers_stay(workshop: Workshop) -> None:
    edited = film("a storm comes up")
    with tiny_emulator(workshop) as emulator:
        bench = Bench(workshop, emulator)
        before = await bench.render(film())
        found, accepted = await bench.heal(edited, "one/1.3")
        after = await bench.render(edited)
        once_more, nothing = await bench.heal(edited, "one/1.3")
    assert [one.body["prompt"] for one in accepted] == ["a boat. a storm comes up"]
    assert {"image", "last_image"} <= accepted[0].body.keys()
    assert (found.honoured, found.whole, found.cascade) == (True, True, None)
    assert after.accepted == nothing == []
    assert once_more.honoured
    changed = {name for name, take in ids(after).items() if take != ids(before)[name]}
    assert changed == {"one/1.3"}
    ends, starts = after.run.clips["one/1.3"].end_image, before.run.clips["one/1.4"].start_image
    assert ends is not None
    assert starts is not None
    assert ends.sha256 == starts.sha256


@pytest.mark.slow
async def test_a_clip_that_nobody_edited_is_healed_too(workshop: Workshop) -> None:
    with tiny_emulator(workshop) as emulator:
        bench = Bench(workshop, emulator)
        await bench.render(film())
        found, accepted = await bench.heal(film(), "one/1.2")
        assert len(accepted) == 1
        assert found.whole
        assert (await bench.render(film())).accepted == []


@pytest.mark.thorough
async def test_a_worker_of_a_fleet_finds_the_heal(workshop: Workshop) -> None:
    edited = film("a storm comes up")
    with tiny_emulator(workshop) as emulator:
        bench = Bench(workshop, emulator)
        await bench.render(film())
        await bench.heal(edited, "one/1.3")
        paid, (file, scene) = len(bench.requests), (workshop.folder / n for n in ("plan", "scene"))
        _, plan = load_plan(workshop.folder / "storyboard.yaml")
        file.write_text(plan.model_dump_json(), encoding="utf-8")
        stored = await Store(str(workshop.folder / "store")).put(file, "plan")
        profile = workshop.profile(emulator.base_url)
        request = SceneRequest(stored.sha256, {}, scene, "the film's run", profile=profile)
        async with open_scene(request, TinyHost()) as render:
            await make_all(render, STEPS)
            ends = render.film.seams.clip("one/1.3").end
    assert len(bench.requests) == paid
    assert isinstance(ends, Pinned)


@pytest.mark.thorough
async def test_the_render_that_heals_a_clip_has_the_healed_take_in_its_film(
    workshop: Workshop,
) -> None:
    with tiny_emulator(workshop) as emulator:
        bench = Bench(workshop, emulator)
        made = ids(await bench.render(film()))
        profile = workshop.profile(emulator.base_url)
        path, out = str(workshop.folder / "storyboard.yaml"), workshop.folder / "out"
        async with open_render(RenderRequest(path, out, profile=profile), TinyHost()) as render:
            known = {name: one for name, one in made.items() if one is not None}
            await heal(render, STEPS, "one/1.2", made=known)
            await make_all(render, STEPS)
            taken = {name: take.fingerprint for name, take in render.film.takes.items()}
    assert {name for name, one in taken.items() if one != made[name]} == {"one/1.2"}


@pytest.mark.thorough
async def test_a_last_image_that_is_ignored_leaves_the_film_as_it_was(workshop: Workshop) -> None:
    with tiny_emulator(workshop, dials=Dials(ignores_last_image=True)) as emulator:
        bench = Bench(workshop, emulator)
        before = await bench.render(film())
        found, accepted = await bench.heal(film(), "one/1.3")
        assert len(accepted) == 1
        assert not found.honoured
        assert "last_image" in found.findings[0].says
        after = await bench.render(film())
        assert after.accepted == []
        assert ids(after) == ids(before)


@pytest.mark.slow
async def test_the_cascade_that_is_offered_costs_what_it_is_said_to_cost(
    workshop: Workshop,
) -> None:
    edited = film("a storm comes up")
    with tiny_emulator(workshop, dials=Dials(ignores_last_image=True)) as emulator:
        bench = Bench(workshop, emulator)
        await bench.render(film())
        found, _ = await bench.heal(edited, "one/1.3")
        assert found.cascade is not None
        made = [name for name, outlook in found.cascade.clips.items() if outlook.to_pay]
        assert made == ["one/1.4", "one/1.5"]
        chosen, nothing = await bench.heal(edited, "one/1.3", cascade=True)
        assert nothing == []
        assert chosen.ahead.usd == found.cascade.usd
        after = await bench.render(edited)
    assert [one.body["prompt"] for one in after.accepted] == [
        "a boat. land comes up",
        "a boat. it lands",
    ]
    assert after.run.totals.usd == pytest.approx(found.cascade.usd)
    assert after.run.clips["one/1.3"].fingerprint is not None


@pytest.mark.slow
async def test_two_edits_are_healed_one_by_one(workshop: Workshop) -> None:
    edited = film().replace("it sails", "it drifts").replace("land comes", "fog comes")
    with tiny_emulator(workshop) as emulator:
        bench = Bench(workshop, emulator)
        await bench.render(film())
        first, one = await bench.heal(edited, "one/1.2")
        assert (len(one), first.whole) == (1, False)
        assert first.ahead.clips["one/1.3"] is Outlook.THERE
        assert first.ahead.clips["one/1.4"] is Outlook.NEW
        second, other = await bench.heal(edited, "one/1.4")
        assert (len(other), second.whole) == (1, True)


@pytest.mark.slow
async def test_edits_in_a_row_are_healed_by_the_last_of_them(workshop: Workshop) -> None:
    edited = film("a storm comes up").replace("it sails", "it drifts")
    with tiny_emulator(workshop) as emulator:
        bench = Bench(workshop, emulator)
        await bench.render(film())
        with pytest.raises(SettingsError, match=r"one/1\.3, which continues it, was not made"):
            await bench.heal(edited, "one/1.2")
        (repair,) = (await workshop.foreseen(edited)).repairs
        assert repair.clips == ("one/1.3",)
        found, made = await bench.heal(edited, "one/1.3")
        assert (len(made), found.whole) == (2, True)
        assert found.usd == pytest.approx(repair.heal_usd)


@pytest.mark.thorough
async def test_a_plan_compares_what_can_be_done_after_an_edit(workshop: Workshop) -> None:
    with tiny_emulator(workshop) as emulator:
        await Bench(workshop, emulator).render(film())
    foreseen = await workshop.foreseen(film("a storm comes up"))
    (repair,) = foreseen.repairs
    assert repair.clips == ("one/1.3",)
    assert repair.heal_usd == pytest.approx(repair.cascade_usd / 3)
    assert foreseen.usd == repair.cascade_usd
    assert (await workshop.foreseen(film())).repairs == ()
    assert (await workshop.foreseen(film(fifth="it burns"))).repairs == ()


@pytest.mark.parametrize(
    ("clip", "why"),
    [
        ("one/1.5", r"no clip continues it"),
        ("one/1.1", r"it begins from text, which takes no end image"),
        ("one/1.9", r"did you mean"),
    ],
)
async def test_a_clip_that_cannot_be_healed_says_why(
    workshop: Workshop, clip: str, why: str
) -> None:
    with tiny_emulator(workshop) as emulator, pytest.raises(SettingsError, match=why):
        await Bench(workshop, emulator).heal(film(), clip)


async def test_nothing_is_healed_of_a_film_that_is_not_there(workshop: Workshop) -> None:
    with tiny_emulator(workshop) as emulator:
        bench = Bench(workshop, emulator)
        with pytest.raises(SettingsError, match=r"one/1\.1, from which it goes on, is not there"):
            await bench.heal(film(), "one/1.3")
        assert bench.requests == []
