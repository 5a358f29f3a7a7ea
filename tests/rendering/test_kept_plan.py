"""A plan that is kept is done exactly, or refused with what has changed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from longtake.emulator import Action, Endpoint, Fault, RunningEmulator
from longtake.errors import LongtakeError, OverMaxUsd, SettingsError, StalePlan
from longtake.ledger import Ledger, Verdict
from longtake.rendering.documenting import document_of
from longtake.rendering.kept_plan import keep_plan, read_plan
from longtake.rendering.opening import open_render
from longtake.rendering.plan_document import PlanDocument
from longtake.rendering.planning import Wanted, planned
from longtake.rendering.requests import RenderRequest
from tests.rendering.plain import Workshop, board, make_all

SHOTS = ["a lighthouse at dusk", "the lamp is lit", {"prompt": "a boat at night", "start": "cut"}]


class Desk:
    """A storyboard, its plan in a file, and an emulator to render on."""

    def __init__(self, workshop: Workshop, emulator: RunningEmulator) -> None:
        self.workshop = workshop
        self.emulator = emulator
        self.storyboard = workshop.folder / "storyboard.yaml"
        self.file = workshop.folder / "plan.json"
        self.profile = workshop.profile(emulator.base_url)

    async def plan(self, *, seed: int | None = 5, **wanted: Any) -> PlanDocument:
        asked = Wanted(self.profile, out=self.workshop.folder / "out", seed=seed, **wanted)
        document = document_of(await asyncio.to_thread(planned, self.storyboard, asked))
        keep_plan(document, self.file)
        return document

    async def apply(self, **request: Any) -> LongtakeError | None:
        asked = RenderRequest(
            str(self.storyboard),
            self.workshop.folder / "out",
            profile=self.profile,
            **{"plan_file": self.file} | request,
        )
        try:
            async with open_render(asked) as render:
                await make_all(render)
        except LongtakeError as error:
            return error
        return None

    @property
    def paid(self) -> int:
        return len(self.emulator.emulator.requests)


def write(workshop: Workshop, shots: Sequence[Any] = SHOTS, **look: Any) -> Path:
    path = workshop.folder / "storyboard.yaml"
    path.write_text(board(*shots, **look), encoding="utf-8")
    return path


def unseeded(workshop: Workshop) -> Path:
    path = write(workshop)
    data = json.loads(path.read_text("utf-8"))
    del data["look"]["seed"]
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


@pytest.mark.slow
async def test_a_plan_is_done_with_the_very_seeds_that_it_has(workshop: Workshop) -> None:
    unseeded(workshop)
    with workshop.emulator() as emulator:
        desk = Desk(workshop, emulator)
        document = await desk.plan(seed=1234)
        assert await desk.apply() is None
        seeds = {request.body["seed"] for request in emulator.emulator.requests}
    assert document.base_seed == 1234
    assert seeds == {clip.parameters["seed"] for clip in document.clips}


@pytest.mark.thorough
async def test_a_plan_that_was_carried_out_in_part_is_not_stale_and_pays_once(
    workshop: Workshop,
) -> None:
    write(workshop)
    gone = Fault(on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND, times=1)
    with workshop.emulator(gone) as emulator:
        desk = Desk(workshop, emulator)
        document = await desk.plan()
        assert await desk.apply() is not None  # ended in the middle: a clip's file is not there
        assert await desk.apply() is None
        assert await desk.apply() is None
        assert desk.paid == len(document.clips) == 3


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"shots": ["a lighthouse at dawn", *SHOTS[1:]]}, "storyboard"),
        ({"profile": {"keeping": {"retakes": 2}}}, "setting keeping.retakes"),
    ],
)
async def test_what_has_changed_since_is_named_and_nothing_is_paid(
    workshop: Workshop, change: dict[str, Any], named: str
) -> None:
    write(workshop)
    with workshop.emulator() as emulator:
        desk = Desk(workshop, emulator)
        await desk.plan()
        write(workshop, change.get("shots", SHOTS))
        workshop.profile(emulator.base_url, change.get("profile"))
        error = await desk.apply()
        assert isinstance(error, StalePlan)
        assert list(error.changed) == [named]
        assert (error.exit_code, desk.paid) == (6, 0)


@pytest.mark.slow
async def test_a_take_that_is_not_there_any_more_makes_the_plan_stale(
    workshop: Workshop,
) -> None:
    write(workshop)
    with workshop.emulator() as emulator:
        desk = Desk(workshop, emulator)
        await desk.plan()
        assert await desk.apply() is None
        await desk.plan()
        async with Ledger.open(workshop.ledger) as ledger:
            (alone,) = [s for s in await ledger.slates() if s.clip_id == "one/3.1"]
            await ledger.decide(alone.fingerprint, Verdict.REJECTED)
        error = await desk.apply()
        assert isinstance(error, StalePlan)
        assert error.changed == {"one/3.1": "would be paid for: take 1 was rejected"}
        assert desk.paid == 3


async def test_what_costs_more_than_is_allowed_is_refused_with_the_ways_on(
    workshop: Workshop,
) -> None:
    write(workshop)
    with workshop.emulator() as emulator:
        desk = Desk(workshop, emulator)
        await desk.plan()
        error = await desk.apply(max_usd=0.2)
        assert isinstance(error, OverMaxUsd)
        assert (error.usd, error.shots, error.shots_usd) == (0.29, ("one/1", "one/2"), 0.19)
        assert (error.exit_code, desk.paid) == (3, 0)
        assert await desk.apply(plan_file=None, max_usd=0.2, only=error.shots) is None
        assert desk.paid == 2


async def test_a_limit_that_a_plan_was_kept_with_holds_for_its_render(workshop: Workshop) -> None:
    write(workshop)
    with workshop.emulator() as emulator:
        desk = Desk(workshop, emulator)
        await desk.plan(max_usd=0.1)
        assert isinstance(await desk.apply(), OverMaxUsd)


@pytest.mark.thorough
async def test_only_some_shots_are_rendered_and_the_rest_later_paid_once(
    workshop: Workshop,
) -> None:
    write(workshop)
    with workshop.emulator() as emulator:
        desk = Desk(workshop, emulator)
        assert await desk.apply(plan_file=None, only=("one/3",)) is None
        assert [r.body["prompt"] for r in emulator.emulator.requests] == ["a boat at night"]
        assert await desk.apply(plan_file=None) is None
        assert desk.paid == 3


def test_a_file_that_is_no_plan_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("{}", encoding="utf-8")
    with pytest.raises(SettingsError, match="is no plan of this longtake"):
        read_plan(path)
    with pytest.raises(SettingsError, match="cannot read the plan"):
        read_plan(tmp_path / "none.json")
