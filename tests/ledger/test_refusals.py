"""What the ledger refuses, it refuses with the take's name, how it stands, and the way on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from longtake.errors import (
    DoublePayment,
    FinishedElsewhere,
    IllegalTransition,
    LeaseLost,
    LedgerConflict,
)
from longtake.ledger import CONTENT_BLOCKED, Ledger, TakeIntent, TakeState
from tests.ledger.beginnings import FILE, begun
from tests.ledger.conftest import HandClock

TAKE = "take 1 of scene/a.1"
OTHER_FILE = tuple((FILE | {"clip_sha256": "d" * 64}).values())
Take = Callable[..., TakeIntent]


NO, NEVER = ("no",), "is {}: it cannot become {}"
SENT_ALREADY = "may have been sent already: find out, then reopen it"
NOT_SENT = "was not sent: say `sending` before the POST"
STORED_ALREADY = f"is stored already as {'c' * 64}; say that it is lost before storing another file"
BLOCKED = "was blocked because of its content; change the prompt, do not repeat"
TWICE = "was accepted twice: as req-1 and as req-2; both are on record and counted"
TAKEN_OVER = "was taken over, and is stored now: go on from there"


@pytest.mark.parametrize(
    ("upto", "who", "step", "said", "error", "says"),
    [
        ("submitted", "us", "sending", (), IllegalTransition, "is submitted: it must not be sent"),
        ("sent", "us", "sending", (), IllegalTransition, SENT_ALREADY),
        ("unsent", "us", "submitted", ("r",), IllegalTransition, NOT_SENT),
        ("stored", "us", "stored", OTHER_FILE, IllegalTransition, STORED_ALREADY),
        ("unsent", "us", "failed", NO, IllegalTransition, NEVER.format("not sent", "failed")),
        ("unsent", "us", "ambiguous", NO, IllegalTransition, NEVER.format("not sent", "ambiguous")),
        ("completed", "us", "failed", NO, IllegalTransition, NEVER.format("completed", "failed")),
        ("submitted", "us", "give_up", None, LeaseLost, "is held by us: stop that render first"),
        ("failed", "us", "give_up", None, IllegalTransition, "is failed: nothing to give up"),
        ("unsent", "them", "reopen", (), LeaseLost, "is held by us; leave it to them"),
        ("stored", "them", "reopen", (), FinishedElsewhere, "was finished by another render"),
        ("submitted", "us", "reopen", (), IllegalTransition, "is submitted: nothing to make again"),
        ("blocked", "us", "reopen", (), IllegalTransition, BLOCKED),
        ("submitted", "us", "submitted", ("req-2",), DoublePayment, TWICE),
        ("stored", "us", "refused", NO, FinishedElsewhere, TAKEN_OVER),
    ],
)
async def test_a_step_that_is_refused_says_how_the_take_stands(
    ledger: Ledger,
    take: Take,
    upto: str,
    who: str,
    step: str,
    said: tuple[Any, ...] | None,
    error: type[LedgerConflict],
    says: str,
) -> None:
    name = await brought(ledger, take(), upto)
    with pytest.raises(error) as caught:
        await getattr(ledger, step)(name, *(() if said is None else (who, *said)))
    assert type(caught.value) is error
    assert str(caught.value) == f"{TAKE} {says}"


async def brought(ledger: Ledger, take: TakeIntent, upto: str) -> str:
    """A take in that state, held by us."""
    if upto == "unsent":
        await ledger.intend(take, owner="us", run="r1", lease_seconds=60)
        return take.fingerprint
    if upto != "blocked":
        return await begun(ledger, take, upto=None if upto == "sent" else TakeState(upto))
    await ledger.failed(await begun(ledger, take), "us", "no", CONTENT_BLOCKED)
    return take.fingerprint


@pytest.mark.parametrize(
    ("upto", "then", "step", "says"),
    [
        ("unsent", "runs out", "sending", "us does not hold {} any more: the lease ran out"),
        ("unsent", "taken", "sending", "us does not hold {}, them does"),
        ("unsent", "freed", "sending", "us does not hold {}, nobody does"),
        ("sent", "taken", "failed", "us does not hold {}, them does"),
        ("sent", "freed", "failed", "us does not hold {}, nobody does"),
    ],
)
async def test_who_lost_the_lease_hears_who_has_it(
    ledger: Ledger, take: Take, clock: HandClock, upto: str, then: str, step: str, says: str
) -> None:
    name = await brought(ledger, take(), upto)
    if then == "freed":
        await ledger.release("us")
    clock.turn(60)
    if then == "taken":
        await ledger.intend(take(), owner="them", run="r2", lease_seconds=60)
    with pytest.raises(LeaseLost) as caught:
        await getattr(ledger, step)(name, "us", *(() if step == "sending" else ("words",)))
    assert type(caught.value) is LeaseLost
    assert str(caught.value) == f"{says.format(TAKE)}; stop working on it"


@pytest.mark.parametrize("upto", ["submitted", "completed", "ambiguous"])
async def test_who_gave_up_the_lease_of_what_is_under_way_goes_on_from_there(
    ledger: Ledger, take: Take, upto: str
) -> None:
    name = await brought(ledger, take(), upto)
    await ledger.release("us")
    with pytest.raises(FinishedElsewhere) as caught:
        await ledger.lost(name, "us", "gone")
    assert str(caught.value) == f"{TAKE} was taken over, and is {upto} now: go on from there"
    assert caught.value.slate == await ledger.get(name)


async def test_a_request_of_another_take_and_a_take_of_nobody_are_named(
    ledger: Ledger, take: Take
) -> None:
    await begun(ledger, take("b"), upto=TakeState.SUBMITTED)
    name = await begun(ledger, take())
    with pytest.raises(IllegalTransition) as caught:
        await ledger.submitted(name, "us", "req-1")
    assert str(caught.value) == "request req-1 belongs to another take (b00000000000)"
    with pytest.raises(IllegalTransition) as caught:
        await ledger.submitted("0123456789abcdef", "us", "req-1")
    assert str(caught.value) == "take 0123456789ab is not in the ledger: intend it first"


async def test_a_lease_that_has_ended_does_not_keep_a_take_from_being_reopened(
    ledger: Ledger, take: Take, clock: HandClock
) -> None:
    name = await brought(ledger, take(), "ambiguous")
    clock.turn(60)
    assert (await ledger.reopen(name, "them")).owner == "them"
    assert (await ledger.reopen(name, "them")).is_unsent  # of the holder, as often as it likes
