"""What clips really cost is learned as it is billed: by budgets at once, then by plans."""

from __future__ import annotations

import json

import pytest

from longtake.emulator import Action, Endpoint, Fault
from longtake.errors import BudgetReached
from longtake.ledger import Ledger
from longtake.rendering.outlook import foresee
from longtake.settings import Settings
from longtake.story import learned
from tests.rendering.plain import Workshop, board

DEAR = Fault(on=Endpoint.JOB, do=Action.PRICE, usd=0.18)
CONCURRENCY = 2


def four_alone() -> str:
    whole = json.loads(board())
    whole["scenes"] = [
        {"name": f"scene {number}", "shots": [f"a sea with {number} boats"]} for number in range(4)
    ]
    return json.dumps(whole)


async def test_a_budget_is_passed_by_at_most_what_is_in_flight_and_that_is_reported(
    workshop: Workshop,
) -> None:
    with workshop.emulator(DEAR) as emulator:
        short = await workshop.render(
            emulator, four_alone(), budget_usd=0.45, profile={"concurrency": CONCURRENCY}
        )
    assert isinstance(short.error, BudgetReached)
    billed = 0.18 * len(short.accepted)
    assert billed <= 0.45 + CONCURRENCY * (0.18 - 0.10)
    assert "passed by" in str(short.error) or billed <= 0.455
    assert short.error.needed_usd == 0.18
    assert all(each.stage.ended_well for each in short.run.clips.values() if each.usd is not None)


@pytest.mark.thorough
async def test_a_plan_says_what_clips_like_these_were_billed(workshop: Workshop) -> None:
    one, other = board("a boat at dawn"), board("a boat at night", title="Another")
    with workshop.emulator(DEAR.model_copy(update={"times": 1})) as emulator:
        await workshop.render(emulator, one)
        await workshop.render(emulator, other)
    third = board("a boat at noon", title="A third")
    unlearned = await workshop.foreseen(third)
    path = workshop.folder / "foreseen.yaml"
    async with Ledger.open(workshop.ledger) as ledger:
        past = await ledger.past_clips()
        from longtake.documents import load_plan
        from longtake.story import Rates

        _, plan = load_plan(path, rates=learned(Rates(), past))
        foreseen = await foresee(ledger, plan, workshop.folder, Settings(), past)
    assert (unlearned.usd, unlearned.usd_at_most) == (0.1, 0.1)
    assert (foreseen.usd, foreseen.usd_at_most) == (0.1, 0.18)
    assert 0.1 < plan.usd < 0.18
