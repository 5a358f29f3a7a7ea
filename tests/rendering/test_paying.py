"""What is still to be paid, by every count; and that no error of one take is lost on others."""

from __future__ import annotations

import pytest

from longtake.emulator import Action, Endpoint, Fault
from longtake.errors import BudgetReached, JobOverdue, KeyRefused, OutOfCredits
from longtake.rendering.outlook import Outlook
from tests.rendering.plain import Workshop, board

ONE = board({"prompt": "a sailing boat at dawn", "takes": 1})
THREE = board({"prompt": "a sailing boat at dawn", "takes": 3})
CLIP = "one/1.1"
FAILED = Fault(on=Endpoint.JOB, do=Action.FAIL, nth=2, times=1)


@pytest.mark.thorough
async def test_of_three_takes_with_one_stored_two_are_to_be_paid(workshop: Workshop) -> None:
    with workshop.emulator() as emulator:
        await workshop.render(emulator, ONE)
        foreseen = await workshop.foreseen(THREE)
        more = await workshop.render(emulator, THREE)
    assert (foreseen.usd, foreseen.usd_at_most) == (0.2, 0.2)
    assert more.error is None
    assert len(more.accepted) == 2
    assert more.run.totals.usd == 0.2


@pytest.mark.thorough
async def test_of_three_takes_with_one_in_flight_two_are_to_be_paid(workshop: Workshop) -> None:
    hasty = {"waiting": {"job_seconds": 0}}
    with workshop.emulator() as emulator:
        first = await workshop.render(emulator, ONE, profile=hasty)
        foreseen = await workshop.foreseen(THREE)
        more = await workshop.render(emulator, THREE)
    assert isinstance(first.error, Exception)
    assert first.run.clips[CLIP].error_kind == JobOverdue.__name__
    assert foreseen.clips == {CLIP: Outlook.NEW}
    assert foreseen.usd == 0.2
    assert more.error is None
    assert len(more.accepted) == 2
    assert len(more.run.clips[CLIP].takes) == 3


@pytest.mark.thorough
@pytest.mark.parametrize("first", ["nothing there", "one stored"])
async def test_a_budget_that_ends_between_takes_ends_the_render(
    first: str, workshop: Workshop
) -> None:
    with workshop.emulator() as emulator:
        if first == "one stored":
            await workshop.render(emulator, ONE)
        short = await workshop.render(emulator, THREE, budget_usd=0.15)
    assert isinstance(short.error, BudgetReached)
    assert short.error.exit_code == 3
    assert len(short.accepted) == 1
    assert short.run.state == "incomplete"
    clip = short.run.clips[CLIP]
    assert clip.stage.ended_badly
    assert "this render's budget" in (clip.error or "")
    assert any(take.file for take in clip.takes)  # and what is paid for is kept


async def test_credits_that_end_between_takes_stop_the_render(workshop: Workshop) -> None:
    with workshop.emulator(credits_usd=0.15) as emulator:
        short = await workshop.render(emulator, THREE)
    assert isinstance(short.error, OutOfCredits)
    assert short.run.clips[CLIP].error_kind == "OutOfCredits"
    assert len(short.accepted) == 1


async def test_a_key_refused_for_one_take_is_reported_though_others_are_there(
    workshop: Workshop,
) -> None:
    refused = Fault(on=Endpoint.SUBMIT, do=Action.HTTP_ERROR, status=401, nth=2, times=1)
    with workshop.emulator(refused) as emulator:
        ended = await workshop.render(emulator, THREE)
    assert isinstance(ended.error, KeyRefused)
    assert ended.run.clips[CLIP].error_kind == "KeyRefused"


@pytest.mark.thorough
async def test_a_take_that_failed_is_made_up_for_by_the_others_and_told(
    workshop: Workshop,
) -> None:
    with workshop.emulator(FAILED) as emulator:
        ended = await workshop.render(emulator, THREE)
    assert ended.error is None
    clip = ended.run.clips[CLIP]
    assert clip.stage.ended_well
    assert len(clip.takes) == 2
    assert "another take: " in (clip.remark or "")
