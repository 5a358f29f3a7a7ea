"""A clip is lost only when its record, the history and its file have all said so for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from longtake.ledger import Ledger, TakeIntent, Witness, gone_for_good
from longtake.ledger.witnesses import Statement
from tests.ledger.beginnings import FILE, begun
from tests.ledger.conftest import HandClock

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def told(witness: Witness, first: float, last: float) -> Statement:
    """A witness that says "gone" from one second after noon to another."""
    return Statement(
        witness, "404", NOON + timedelta(seconds=first), NOON + timedelta(seconds=last)
    )


@pytest.mark.parametrize(
    ("record", "history", "file", "gone"),
    [
        (None, None, None, False),
        ((0, 9999), (0, 9999), None, False),
        ((0, 9999), None, (0, 9999), False),
        (None, (0, 9999), (0, 9999), False),
        ((0, 0), (0, 0), (0, 0), False),
        ((0, 598), (0, 600), (0, 600), False),
        ((0, 600), (0, 600), (0, 600), True),
        ((0, 600), (2, 600), (0, 700), False),
        ((0, 9999), (500, 1100), (0, 9999), True),
    ],
)
def test_all_three_say_so_over_the_whole_time(
    record: tuple[float, float] | None,
    history: tuple[float, float] | None,
    file: tuple[float, float] | None,
    gone: bool,
) -> None:
    spans = {Witness.RECORD: record, Witness.HISTORY: history, Witness.FILE: file}
    said = [told(witness, *span) for witness, span in spans.items() if span]
    assert gone_for_good(said, over_seconds=600) is gone


async def test_what_was_said_is_kept_from_the_first_time_to_the_last(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    name = take().fingerprint
    await ledger.testify(name, Witness.FILE, "404", None)
    clock.turn(60)
    await ledger.testify(name, Witness.FILE, "403", None)
    [told] = await ledger.statements(name)
    assert told == Statement(Witness.FILE, "403", clock.now - timedelta(seconds=60), clock.now)


async def test_a_clip_that_turns_up_again_was_never_gone(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    name = take().fingerprint
    await ledger.testify(name, Witness.FILE, "404", None)
    clock.turn(60)
    await ledger.testify(name, Witness.FILE, None, None)
    await ledger.testify(name, Witness.FILE, "404", None)
    [told] = await ledger.statements(name)
    assert told.first_at == told.last_at == clock.now


async def test_what_was_said_of_an_attempt_says_nothing_about_the_next(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    name = take().fingerprint
    await ledger.intend(take(), owner="us", run="r", lease_seconds=60)
    await ledger.sending(name, "us")
    await ledger.submitted(name, "us", "id-1")
    for witness in Witness:
        await ledger.testify(name, witness, "404", None)
    await ledger.lost(name, "us", "gone")
    await ledger.reopen(name, "us")
    assert await ledger.statements(name) == []


async def test_each_witness_speaks_for_itself_and_of_one_take(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    one, other = take("a").fingerprint, take("b").fingerprint
    begin = clock.now
    for name, witness in ((one, Witness.RECORD), (one, Witness.FILE), (other, Witness.FILE)):
        await ledger.testify(name, witness, "404", None)
        clock.turn(1)
    await ledger.testify(one, Witness.RECORD, "410", None)
    await ledger.testify(one, Witness.HISTORY, None, None)
    seconds = [begin + timedelta(seconds=number) for number in range(4)]
    assert await ledger.statements(one) == [
        Statement(Witness.RECORD, "410", seconds[0], seconds[3]),
        Statement(Witness.FILE, "404", seconds[1], seconds[1]),
    ]
    await ledger.testify(one, Witness.FILE, None, None)
    assert [each.witness for each in await ledger.statements(one)] == [Witness.RECORD]
    assert [each.witness for each in await ledger.statements(other)] == [Witness.FILE]


async def test_a_clip_that_is_stored_has_no_witnesses_against_it(
    ledger: Ledger, take: Callable[..., TakeIntent]
) -> None:
    for letter in "ab":
        name = await begun(ledger, take(letter))
        await ledger.testify(name, Witness.FILE, "404", None)
    await ledger.stored(take("a").fingerprint, "us", **FILE)
    assert await ledger.statements(take("a").fingerprint) == []
    assert len(await ledger.statements(take("b").fingerprint)) == 1


async def test_a_witness_is_heard_at_the_services_time_where_that_is_known(
    ledger: Ledger, take: Callable[..., TakeIntent], clock: HandClock
) -> None:
    name = take().fingerprint
    moments = [NOON + timedelta(days=number) for number in (3, 4)]
    for moment in moments:
        await ledger.testify(name, Witness.FILE, "404", moment)
        clock.turn(60)
    assert await ledger.statements(name) == [Statement(Witness.FILE, "404", *moments)]
