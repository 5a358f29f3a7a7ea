"""A submit of which nobody can tell whether it was accepted: left alone, until a person decides."""

from __future__ import annotations

import pytest

from longtake.emulator import Action, Endpoint, Fault
from longtake.ledger import GIVEN_UP, Ledger, TakeState
from tests.rendering.plain import Workshop, board

ONE = board({"prompt": "a sailing boat at dawn", "takes": 1})
UNANSWERED = Fault(on=Endpoint.SUBMIT, do=Action.ACCEPT_THEN_RESET, times=1)
AT_ONCE = {"keeping": {"ambiguous_seconds": 0}}


async def give_up(workshop: Workshop) -> None:
    async with Ledger.open(workshop.ledger) as ledger:
        (slate,) = await ledger.slates()
        assert slate.state is TakeState.AMBIGUOUS
        given_up = await ledger.give_up(slate.fingerprint)
        assert (given_up.state, given_up.error_kind) == (TakeState.LOST, GIVEN_UP)
        assert [each.lost_usd for each in await ledger.costs("all")] == [0.1]


@pytest.mark.thorough
@pytest.mark.parametrize("told_later", [False, True], ids=["never told", "told later"])
async def test_what_was_given_up_is_paid_once_more_only_if_asked_and_not_found(
    told_later: bool, workshop: Workshop
) -> None:
    untold = Fault(
        on=Endpoint.HISTORY, do=Action.ODD_ROWS, shape="no_body", times=1 if told_later else None
    )
    # What is told later is still being made: some 3 s of what takes 93 at the service's own pace.
    with workshop.emulator(UNANSWERED, untold, pace=30) as emulator:
        parked = await workshop.render(emulator, ONE, profile=AT_ONCE)
        await give_up(workshop)
        left = await workshop.render(emulator, ONE, profile=AT_ONCE)
        asked = await workshop.render(emulator, ONE, profile=AT_ONCE, retake_lost=True)
    assert [len(each.accepted) for each in (parked, left)] == [1, 0]
    assert "gave it up" in str(left.error)
    assert "--retake-lost" in str(left.error)
    assert asked.error is None
    assert len(asked.accepted) == (0 if told_later else 1)
