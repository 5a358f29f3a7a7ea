"""A plan says of each clip what a render does with it, and why."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from longtake.emulator import Action, Endpoint, Fault, Match
from longtake.ledger import Ledger, Verdict
from longtake.story.decisions import ClipDecision
from tests.rendering.plain import Workshop, board

SHOTS = ["a lighthouse at dusk", "the lamp is lit", {"prompt": "a boat at night", "start": "cut"}]
FIRST, SECOND, ALONE = "one/1.1", "one/2.1", "one/3.1"


async def decisions(workshop: Workshop, storyboard: str) -> Mapping[str, ClipDecision]:
    return (await workshop.foreseen(storyboard)).decisions


async def rendered(workshop: Workshop, storyboard: str, *faults: Fault) -> None:
    with workshop.emulator(*faults) as emulator:
        await workshop.render(emulator, storyboard)


def told(found: Mapping[str, ClipDecision]) -> dict[str, tuple[str, str]]:
    return {name: (each.action, each.because) for name, each in found.items()}


@pytest.mark.thorough
async def test_what_is_new_is_rendered_and_then_it_is_there(workshop: Workshop) -> None:
    async with Ledger.open(workshop.ledger):
        pass
    before = await decisions(workshop, board(*SHOTS))
    assert set(told(before).values()) == {("render", "new")}
    assert (before[FIRST].takes, before[FIRST].usd) == (1, 0.1)
    await rendered(workshop, board(*SHOTS))
    after = await decisions(workshop, board(*SHOTS))
    assert set(told(after).values()) == {("reuse", "there")}
    assert after[FIRST].says == "take 1 is there"
    assert after[FIRST].usd == 0
    assert after[FIRST].sha256


async def test_a_prompt_that_changed_is_reported_by_its_words_and_what_follows_by_what_it_continues(
    workshop: Workshop,
) -> None:
    await rendered(workshop, board(*SHOTS))
    edited = board("a lighthouse at dawn", *SHOTS[1:])
    found = await decisions(workshop, edited)
    assert told(found) == {
        FIRST: ("render", "prompt changed"),
        SECOND: ("render", "upstream changed"),
        ALONE: ("reuse", "there"),
    }
    assert found[FIRST].says == "prompt: “dusk” → “dawn”"
    assert found[FIRST].changes[0].words[0].after == "dawn"
    assert found[SECOND].says == f"{FIRST}, which it continues, is made again"


@pytest.mark.thorough
async def test_a_shot_that_is_put_in_is_new_and_none_is_taken_for_changed(
    workshop: Workshop,
) -> None:
    await rendered(workshop, board(*SHOTS))
    longer = board(SHOTS[0], {"prompt": "a gull", "start": "cut"}, SHOTS[2])
    found = await decisions(workshop, longer)
    assert told(found)["one/3.1"] == ("reuse", "there")
    assert found["one/2.1"].because in ("new", "prompt changed")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("edited", "because", "says"),
    [
        (board(*SHOTS, resolution="720p"), "parameter changed", "resolution 480p → 720p"),
        (board(*SHOTS, seed=8), "seed changed", "seed "),
    ],
)
async def test_another_parameter_and_another_seed_are_reported(
    workshop: Workshop, edited: str, because: str, says: str
) -> None:
    await rendered(workshop, board(*SHOTS))
    found = await decisions(workshop, edited)
    assert found[ALONE].because == because
    assert says in found[ALONE].says


@pytest.mark.thorough
async def test_what_a_person_decided_is_reported(workshop: Workshop) -> None:
    await rendered(workshop, board(*SHOTS))
    async with Ledger.open(workshop.ledger) as ledger:
        for slate in await ledger.slates():
            verdict = {FIRST: Verdict.CHOSEN, SECOND: Verdict.APPROVED, ALONE: Verdict.REJECTED}
            await ledger.decide(slate.fingerprint, verdict[slate.clip_id])
    found = await decisions(workshop, board(*SHOTS))
    assert told(found) == {
        FIRST: ("reuse", "locked"),
        SECOND: ("reuse", "approved"),
        ALONE: ("render", "rejected"),
    }
    assert found[ALONE].says == "take 1 was rejected"


@pytest.mark.thorough
async def test_more_takes_a_failed_and_a_blocked_one_are_reported(workshop: Workshop) -> None:
    failing = Fault(on=Endpoint.JOB, do=Action.FAIL, match=Match(prompt="a boat"))
    await rendered(workshop, board(*SHOTS), failing)
    more = board({"prompt": SHOTS[0], "takes": 3}, *SHOTS[1:])
    found = await decisions(workshop, more)
    assert (found[FIRST].because, found[FIRST].takes) == ("more takes", 2)
    assert found[FIRST].says == "take 1 is there, 2 more are due"
    assert found[ALONE].because == "failed"


async def test_a_job_that_is_under_way_is_adopted_and_one_that_is_made_is_fetched(
    workshop: Workshop,
) -> None:
    gone = Fault(on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND)
    await rendered(workshop, board(SHOTS[0]), gone)
    found = await decisions(workshop, board(SHOTS[0]))
    assert (found[FIRST].action, found[FIRST].because) == ("fetch", "made")
    assert found[FIRST].usd == 0
