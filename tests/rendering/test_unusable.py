"""A clip that no film can be made of ends as that: paid for, said so, and never bought blindly."""

from __future__ import annotations

import dataclasses

import pytest

from longtake.emulator import Action, Endpoint, Fault
from longtake.errors import ClipUnusable, DamagedClip
from longtake.ledger import Ledger, Slate, TakeState
from longtake.rendering.downloading import fetch
from longtake.rendering.outlook import Outlook
from longtake.rendering.render import Render
from longtake.rendering.repeating import FEW_TRIES
from longtake.rendering.takes import StoredTake, Take
from tests.rendering.plain import STEPS, Ended, Workshop, board

ONE = board({"prompt": "a sailing boat at dawn", "takes": 1})
CLIP = "one/1.1"
ODD = Fault(on=Endpoint.DOWNLOAD, do=Action.ODD_CLIP, shape="size_change")
DAMAGED = Fault(on=Endpoint.DOWNLOAD, do=Action.CORRUPT)
DAMAGED_ANEW = Fault(on=Endpoint.DOWNLOAD, do=Action.CORRUPT_ANEW)


async def fetch_patiently(render: Render, take: Take, slate: Slate) -> StoredTake:
    """The step, repeated as a render does it."""
    for _ in range(FEW_TRIES - 1):
        try:
            return await fetch(render, take, slate)
        except DamagedClip:
            continue
    return await fetch(render, take, slate)


PATIENT = dataclasses.replace(STEPS, download=fetch_patiently)


async def the_take(workshop: Workshop) -> Slate:
    async with Ledger.open(workshop.ledger) as ledger:
        (slate,) = await ledger.slates()
    return slate


def assert_unusable(ended: Ended, said: str) -> None:
    clip = ended.run.clips[CLIP]
    assert clip.error_kind == ClipUnusable.__name__
    assert said in (clip.error or "")
    assert "It cost 0.10 USD; run again with --retake-lost" in (clip.error or "")


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (ODD, "changes its size in the middle of a file"),
        (DAMAGED, "the same damaged file came twice"),
        (DAMAGED_ANEW, "4 files came, each damaged"),
    ],
    ids=["odd", "damaged", "damaged again each time"],
)
async def test_a_clip_of_no_use_is_on_record_with_its_cost_and_not_bought_again(
    fault: Fault, said: str, workshop: Workshop
) -> None:
    with workshop.emulator(fault) as emulator:
        first = await workshop.render(emulator, ONE, steps=PATIENT)
        again = await workshop.render(emulator, ONE, steps=PATIENT)
    assert_unusable(first, said)
    assert_unusable(again, said)
    assert (len(first.accepted), len(again.accepted)) == (1, 0)
    slate = await the_take(workshop)
    assert (slate.state, slate.usd) == (TakeState.UNUSABLE, 0.1)
    assert (await workshop.foreseen(ONE)).clips == {CLIP: Outlook.UNUSABLE}


async def test_before_it_is_paid_again_the_service_is_asked_once_more(workshop: Workshop) -> None:
    with workshop.emulator(ODD.model_copy(update={"times": 1})) as emulator:
        first = await workshop.render(emulator, ONE)
        again = await workshop.render(emulator, ONE, retake_lost=True)
    assert_unusable(first, "changes its size")
    assert again.error is None
    assert len(again.accepted) == 0


async def test_what_stays_unusable_is_paid_once_more_where_a_person_says_so(
    workshop: Workshop,
) -> None:
    with workshop.emulator(ODD.model_copy(update={"times": 2})) as emulator:
        await workshop.render(emulator, ONE)
        again = await workshop.render(emulator, ONE, retake_lost=True)
    assert again.error is None
    assert len(again.accepted) == 1


@pytest.mark.thorough
async def test_a_profile_may_have_it_made_again_with_another_seed(workshop: Workshop) -> None:
    eager = {"keeping": {"retakes": 1, "retake_unusable": True}}
    with workshop.emulator(ODD.model_copy(update={"times": 1})) as emulator:
        ended = await workshop.render(emulator, ONE, profile=eager)
    assert ended.error is None
    assert len(ended.accepted) == 2
    assert len({request.body["seed"] for request in ended.accepted}) == 2


@pytest.mark.parametrize("retake_lost", [False, True])
async def test_a_lost_clip_that_is_there_after_all_is_fetched_and_not_bought(
    retake_lost: bool, workshop: Workshop
) -> None:
    late = Fault(on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND, times=2)
    at_once = {"keeping": {"lost_seconds": 0}}
    with workshop.emulator(late) as emulator:
        await workshop.render(emulator, ONE, profile=at_once)
        lost = await workshop.render(emulator, ONE, profile=at_once)
        assert (await the_take(workshop)).state is TakeState.LOST
        found = await workshop.render(emulator, ONE, profile=at_once, retake_lost=retake_lost)
    assert "--retake-lost" in str(lost.error)
    assert found.error is None
    assert len(found.accepted) == 0


async def test_without_an_answer_about_a_lost_clip_nothing_is_paid(workshop: Workshop) -> None:
    gone = Fault(on=Endpoint.DOWNLOAD, do=Action.NOT_FOUND, times=2)
    away = Fault(on=Endpoint.DOWNLOAD, do=Action.RESET)
    at_once = {"keeping": {"lost_seconds": 0}}
    with workshop.emulator(gone, away) as emulator:
        for _ in range(2):
            await workshop.render(emulator, ONE, profile=at_once)
        unknown = await workshop.render(emulator, ONE, profile=at_once, retake_lost=True)
    assert unknown.run.clips[CLIP].error_kind == "ServiceUnavailable"
    assert len(unknown.accepted) == 0
    assert (await the_take(workshop)).state is TakeState.LOST
