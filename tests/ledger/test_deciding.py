"""Decisions about takes that were shown: they are about those takes, or they are not taken."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from longtake.errors import StaleDecision
from longtake.ledger import Ledger, ShownTake, TakeIntent, Verdict

OWNER = "tester"
A, B = "a" * 64, "b" * 64


async def stored(ledger: Ledger, take: TakeIntent, sha256: str = A) -> ShownTake:
    """A take that is there, as somebody is shown it."""
    name = take.fingerprint
    await ledger.intend(take, owner=OWNER, run="r1", lease_seconds=60)
    await ledger.sending(name, OWNER)
    await ledger.submitted(name, OWNER, f"request-{name}")
    await ledger.completed(name, OWNER, "https://images.example/a.mp4", 0.09)
    await ledger.stored(name, OWNER, sha256, 4000, 81, 832, 480)
    return ShownTake(take.clip_id, name, sha256)


async def made_again(ledger: Ledger, shown: ShownTake, sha256: str) -> None:
    """Its file was lost, and the take was paid for once more."""
    name = shown.fingerprint
    await ledger.lost(name, "", "gone")
    await ledger.reopen(name, owner=OWNER, lease_seconds=60)
    await ledger.sending(name, OWNER)
    await ledger.submitted(name, OWNER, f"again-{name}")
    await ledger.stored(name, OWNER, sha256, 4000, 81, 832, 480)


Take = Callable[..., TakeIntent]


async def test_what_was_shown_and_is_still_there_is_decided(ledger: Ledger, take: Take) -> None:
    first, second = await stored(ledger, take("a")), await stored(ledger, take("b"), B)
    decisions = {first.clip_id: Verdict.APPROVED, second.clip_id: Verdict.REJECTED}
    await ledger.decide_shown([first, second], decisions, "as agreed")
    assert await ledger.verdicts([first.fingerprint, second.fingerprint]) == {
        first.fingerprint: Verdict.APPROVED,
        second.fingerprint: Verdict.REJECTED,
    }


async def test_a_take_that_was_made_again_leaves_all_undecided(ledger: Ledger, take: Take) -> None:
    first, second = await stored(ledger, take("a")), await stored(ledger, take("b"))
    await made_again(ledger, second, B)
    decisions = {first.clip_id: Verdict.APPROVED, second.clip_id: Verdict.APPROVED}
    with pytest.raises(StaleDecision) as raised:
        await ledger.decide_shown([first, second], decisions)
    assert raised.value.changed == {second.clip_id: "take 1 was made again since it was shown"}
    assert raised.value.exit_code == 6
    assert await ledger.verdicts([first.fingerprint, second.fingerprint]) == {}


async def test_a_take_that_was_only_shown_next_to_it_counts_as_well(
    ledger: Ledger, take: Take
) -> None:
    first, second = await stored(ledger, take("a")), await stored(ledger, take("b"))
    await ledger.lost(first.fingerprint, "", "gone")
    with pytest.raises(StaleDecision, match="the take that was shown is lost now"):
        await ledger.decide_shown([first, second], {second.clip_id: Verdict.REJECTED})


async def test_what_was_decided_about_a_file_does_not_hold_for_the_next_one(
    ledger: Ledger, take: Take
) -> None:
    shown = await stored(ledger, take("a"))
    await ledger.decide_shown([shown], {shown.clip_id: Verdict.APPROVED})
    await made_again(ledger, shown, B)
    assert await ledger.verdicts([shown.fingerprint]) == {}


async def test_nothing_is_approved_once_another_take_was_chosen(ledger: Ledger, take: Take) -> None:
    shown = await stored(ledger, take("a"))
    other = take("a", fingerprint="o" * 64, number=2, parameters={"prompt": "a gull", "seed": 8})
    rival = await stored(ledger, other, B)
    await ledger.decide_shown([rival], {rival.clip_id: Verdict.CHOSEN})
    with pytest.raises(StaleDecision, match="take 2 was chosen since take 1 was shown"):
        await ledger.decide_shown([shown], {shown.clip_id: Verdict.APPROVED})


async def test_nothing_is_approved_once_it_was_rejected(ledger: Ledger, take: Take) -> None:
    shown = await stored(ledger, take("a"))
    await ledger.decide(shown.fingerprint, Verdict.REJECTED)
    with pytest.raises(StaleDecision, match="take 1 was rejected since it was shown"):
        await ledger.decide_shown([shown], {shown.clip_id: Verdict.APPROVED})
    await ledger.decide_shown([shown], {shown.clip_id: Verdict.CHOSEN})  # as a person says
    assert await ledger.verdicts([shown.fingerprint]) == {shown.fingerprint: Verdict.CHOSEN}


async def test_a_choice_takes_back_that_of_another_take(ledger: Ledger, take: Take) -> None:
    first = await stored(ledger, take("a"))
    other = take("a", fingerprint="o" * 64, number=2, parameters={"prompt": "a gull", "seed": 8})
    elsewhere = take("a", fingerprint="e" * 64, parameters={"prompt": "another", "seed": 7})
    takes = [first, await stored(ledger, other, B), await stored(ledger, elsewhere, "c" * 64)]
    for each in takes:
        await ledger.decide_shown([each], {each.clip_id: Verdict.CHOSEN})
    await ledger.decide_shown([first], {first.clip_id: Verdict.CHOSEN})
    assert await ledger.verdicts([each.fingerprint for each in takes]) == {
        first.fingerprint: Verdict.CHOSEN,
        elsewhere.fingerprint: Verdict.CHOSEN,
    }


@pytest.mark.parametrize("other", [{"storyboard": "Other"}, {"clip_id": "one/2.1"}])
async def test_a_choice_stands_next_to_those_of_other_clips(
    ledger: Ledger, take: Take, other: dict[str, str]
) -> None:
    facts = {"clip_id": "one/1.1", "number": 2}
    rival = await stored(ledger, take("a", **facts | other), B)
    shown = await stored(ledger, take("b", **facts))
    await ledger.decide_shown([rival], {rival.clip_id: Verdict.CHOSEN}, "of its clip")
    for verdict in (Verdict.APPROVED, Verdict.CHOSEN):
        await ledger.decide_shown([shown], {shown.clip_id: verdict}, "as well")
    decided = await ledger.decisions([rival.fingerprint, shown.fingerprint])
    assert {each.note: each.verdict for each in decided.values()} == {
        "of its clip": Verdict.CHOSEN,
        "as well": Verdict.CHOSEN,
    }


async def test_all_that_has_changed_is_told_and_a_decision_is_taken_back(
    ledger: Ledger, take: Take
) -> None:
    first, second = await stored(ledger, take("a")), await stored(ledger, take("b"))
    third = await stored(ledger, take("c"))
    await ledger.decide_shown([third], {third.clip_id: Verdict.REJECTED})
    await ledger.decide_shown([third], {third.clip_id: None})
    assert await ledger.verdicts([third.fingerprint]) == {}
    await ledger.lost(first.fingerprint, "", "gone")
    await ledger.decide(second.fingerprint, Verdict.REJECTED)
    unknown = ShownTake("one/9.1", "f" * 64, A)
    everything = [first, second, third, unknown]
    with pytest.raises(StaleDecision) as raised:
        await ledger.decide_shown(everything, dict.fromkeys(DECIDED, Verdict.APPROVED))
    assert raised.value.changed == {
        first.clip_id: "the take that was shown is lost now",
        second.clip_id: "take 1 was rejected since it was shown",
        unknown.clip_id: "the take that was shown is not in the ledger now",
    }
    assert await ledger.verdicts([third.fingerprint]) == {}


DECIDED = ("scene/a.1", "scene/b.1", "scene/c.1", "one/9.1")
