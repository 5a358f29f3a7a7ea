"""What is still to be paid for a clip, by the takes that the ledger knows of it."""

from __future__ import annotations

import pytest

from longtake.ledger import CONTENT_BLOCKED, Ledger, TakeState, Verdict
from longtake.profile_parts import Keeping
from longtake.rendering.known_takes import CHOICES, decided, preferred, takes_ahead
from longtake.rendering.measure_cache import Standing, standing_of
from longtake.rendering.takes import Take, take_for
from tests.rendering.taken import NO_IMAGES, OWNER, clip_of, put

STORED, FAILED, SUBMITTED = TakeState.STORED, TakeState.FAILED, TakeState.SUBMITTED
REFUSED, LOST, AMBIGUOUS = TakeState.REFUSED, TakeState.LOST, TakeState.AMBIGUOUS


async def scored(ledger: Ledger, take: Take, score: float) -> None:
    """The take was measured."""
    await ledger.remember_measure(
        standing_of(take.fingerprint), Standing(score=score).model_dump_json()
    )


@pytest.mark.parametrize(
    ("takes", "states", "to_make"),
    [
        (1, [], 1),
        (1, [STORED], 0),
        (1, [SUBMITTED], 0),
        (1, [AMBIGUOUS], 0),
        (1, [LOST], 0),
        (1, [REFUSED], 1),
        (1, [TakeState.INTENDED], 1),
        (1, [FAILED], 1),
        (1, [FAILED, FAILED, STORED], 0),
        (3, [STORED], 2),
        (3, [STORED, SUBMITTED], 1),
        (3, [STORED, FAILED, STORED], 1),
    ],
)
async def test_what_is_there_or_under_way_is_not_paid_for_again(
    ledger: Ledger, takes: int, states: list[TakeState], to_make: int
) -> None:
    clip = clip_of(takes=takes)
    for number, state in enumerate(states, start=1):
        await put(ledger, clip, number, state)
    ahead = await takes_ahead(ledger, clip, NO_IMAGES, Keeping(retakes=0))
    assert ahead.to_make == to_make


@pytest.mark.parametrize(("score", "to_make"), [(0.4, 0), (1.5, 1)])
async def test_one_by_one_another_take_is_made_where_the_best_falls_short(
    ledger: Ledger, score: float, to_make: int
) -> None:
    clip = clip_of(takes={"up_to": 3})
    await scored(ledger, await put(ledger, clip, 1, STORED), score)
    ahead = await takes_ahead(ledger, clip, NO_IMAGES, Keeping(retakes=0))
    assert (ahead.to_make, ahead.at_most) == (to_make, 2 * to_make)


async def test_the_best_score_is_preferred_and_a_persons_choice_before_it(ledger: Ledger) -> None:
    clip = clip_of(takes=2)
    takes = [await put(ledger, clip, number, STORED) for number in (1, 2)]
    names = [take.fingerprint for take in takes]
    assert await preferred(ledger, names) == names[0], "as nothing was measured"
    for take, score in zip(takes, (0.8, 0.3), strict=True):
        await scored(ledger, take, score)
    assert await preferred(ledger, names) == names[1]
    await ledger.decide(names[0], Verdict.CHOSEN)
    assert await preferred(ledger, names) == names[0]
    assert (await decided(ledger, clip, NO_IMAGES)).chosen == 1


async def test_a_take_that_a_person_rejected_counts_as_none(ledger: Ledger) -> None:
    clip = clip_of()
    take = await put(ledger, clip, 1, STORED)
    await ledger.decide(take.fingerprint, Verdict.REJECTED)
    assert (await takes_ahead(ledger, clip, NO_IMAGES, Keeping(retakes=0))).to_make == 1


UP_TO_3, SHORT = {"takes": {"up_to": 3}}, 1.5
GATED = {"continuity": {"gate": "retake"}}
UNUSABLE = TakeState.UNUSABLE


@pytest.mark.parametrize(
    ("shot", "states", "keeping", "expected"),
    [
        ({}, [UNUSABLE], {}, (1, 0, 0)),
        ({}, [UNUSABLE], {"retake_unusable": True}, (None, 1, 1)),
        ({}, [LOST], {"retake_unusable": True}, (1, 0, 0)),
        ({}, [STORED], {"retake_unusable": True}, (1, 0, 0)),
        ({}, [UNUSABLE, STORED], {"retake_unusable": True}, (2, 0, 0)),
        ({"takes": 2}, [STORED, STORED], {}, (2, 0, 0)),
        ({"takes": 2}, [SUBMITTED, LOST], {}, (1, 0, 0)),
        ({"takes": 2}, [LOST, SUBMITTED], {}, (2, 0, 0)),
        ({"takes": 2}, [LOST, LOST], {}, (1, 0, 0)),
        ({"takes": 2}, [REFUSED, STORED], {}, (None, 1, 1)),
        ({"takes": 3}, [STORED], {}, (None, 2, 2)),
        ({"takes": 3}, [LOST, SUBMITTED, REFUSED], {}, (None, 1, 1)),
        (UP_TO_3, [], {}, (None, 1, 3)),
        (UP_TO_3, [LOST], {}, (1, 0, 0)),
        (UP_TO_3, [REFUSED, LOST], {}, (None, 1, 3)),
        (UP_TO_3, [STORED], {}, (None, 1, 2)),
        (UP_TO_3, [STORED, STORED], {}, (None, 1, 1)),
        (UP_TO_3, [STORED, SUBMITTED], {}, (2, 0, 0)),
        (UP_TO_3, [STORED, LOST], {}, (1, 0, 0)),
        (UP_TO_3, [STORED, STORED, STORED], {}, (3, 0, 0)),
        (GATED, [STORED], {"retakes": 0}, (1, 0, 0)),
        (GATED, [STORED], {"retakes": 1}, (None, 1, 1)),
        (GATED, [STORED, STORED], {"retakes": 1}, (2, 0, 0)),
        ({}, [STORED], {"retakes": 1}, (1, 0, 0)),
    ],
)
async def test_takes_that_are_there_fall_short_and_the_latest_is_the_best(
    ledger: Ledger,
    shot: dict[str, object],
    states: list[TakeState],
    keeping: dict[str, int],
    expected: tuple[int | None, int, int],
) -> None:
    clip = clip_of(**shot)
    for number, state in enumerate(states, start=1):
        take = await put(ledger, clip, number, state)
        if state is STORED:
            await scored(ledger, take, SHORT - number / 10)
    ahead = await takes_ahead(ledger, clip, NO_IMAGES, Keeping(**{"retakes": 0, **keeping}))
    number = None if ahead.slate is None else ahead.slate.take_number
    assert (number, ahead.to_make, ahead.at_most) == expected


async def test_what_a_person_chose_is_what_the_film_has(ledger: Ledger) -> None:
    clip = clip_of(takes=3)
    takes = [await put(ledger, clip, number, STORED) for number in (1, 2)]
    await ledger.decide(takes[1].fingerprint, Verdict.CHOSEN)
    ahead = await takes_ahead(ledger, clip, NO_IMAGES, Keeping(retakes=0))
    assert ahead.slate is not None
    assert (ahead.slate.take_number, ahead.to_make, ahead.at_most) == (2, 0, 0)


async def test_a_take_whose_content_was_stopped_is_not_made_up_for(ledger: Ledger) -> None:
    clip = clip_of()
    take = take_for(clip, 1, NO_IMAGES)
    await ledger.intend(take.intent("One take"), owner=OWNER, run="r", lease_seconds=60)
    await ledger.sending(take.fingerprint, OWNER)
    await ledger.failed(take.fingerprint, OWNER, "not that", CONTENT_BLOCKED)
    ahead = await takes_ahead(ledger, clip, NO_IMAGES, Keeping(retakes=0))
    assert (ahead.slate and ahead.slate.take_number, ahead.to_make) == (1, 0)


@pytest.mark.parametrize(("number", "chosen"), [(CHOICES, CHOICES), (CHOICES + 1, None)])
async def test_a_persons_choice_is_looked_for_among_so_many_takes(
    ledger: Ledger, number: int, chosen: int | None
) -> None:
    clip = clip_of()
    await ledger.decide((await put(ledger, clip, number, STORED)).fingerprint, Verdict.CHOSEN)
    assert (await decided(ledger, clip, NO_IMAGES)).chosen == chosen
