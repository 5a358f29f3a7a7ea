"""Which takes of a clip the ledger knows, and what of them is still to be paid."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from longtake.ledger import CONTENT_BLOCKED, Ledger, Slate, TakeState, Verdict
from longtake.profile_parts import Keeping
from longtake.rendering.measure_cache import Standing, recalled, standing_of
from longtake.rendering.takes import Images, take_name
from longtake.story import ClipPlan

CHOICES = 40
"""As many takes of a clip are looked up, to find a person's choice among them."""


class TakesAhead(NamedTuple):
    """What a render would find of a clip, and how many takes it would add.

    ``slate`` is the take that the film would have, or the one that stands in the way of one; None
    where new takes decide that. ``to_make`` takes are paid for at least, ``at_most`` if takes are
    made one by one and none does.
    """

    slate: Slate | None
    to_make: int = 0
    at_most: int = 0


def most_takes(clip: ClipPlan, retakes: int) -> int:
    """How many takes that are there a clip may have, before the best of them has to do."""
    return max(clip.takes.count, 1 + retakes if clip.continuity.gate == "retake" else 1)


async def takes_ahead(
    ledger: Ledger, clip: ClipPlan, images: Images, keeping: Keeping
) -> TakesAhead:
    """Go through the clip's takes as a render does: what is still to be paid.

    As many as are asked for side by side, whatever is there or under way already counted; then one
    after another while the best of them falls short.
    """
    people = await decided(ledger, clip, images)
    if people.chosen is not None:
        return TakesAhead(people.slates.get(people.chosen))
    there: list[Slate] = []
    coming: list[Slate] = []
    ended: list[Slate] = []
    new, wanted = 0, clip.takes.at_least
    for number in itertools.count(1):
        if len(there) + len(coming) + len(ended) + new >= wanted:
            if new or coming or not there:
                break
            best = await preferred(ledger, [slate.fingerprint for slate in there])
            if (
                ended
                or len(there) >= most_takes(clip, keeping.retakes)
                or not await fell_short(ledger, best)
            ):
                return TakesAhead(next(each for each in there if each.fingerprint == best))
            wanted += 1
        slate = people.slates.get(number)
        if slate is None or _not_begun(slate):
            new += 1
        elif slate.state is TakeState.STORED:
            if number not in people.rejected:
                there.append(slate)
        elif slate.state is TakeState.UNUSABLE and keeping.retake_unusable:
            continue
        elif slate.state.of_no_use or _is_blocked(slate):
            ended.append(slate)
        elif slate.state is not TakeState.FAILED:
            coming.append(slate)
    if new:
        known = len(there) + len(coming) + len(ended)
        return TakesAhead(None, new, max(new, clip.takes.count - known))
    return TakesAhead((coming or ended)[0])


def _not_begun(slate: Slate) -> bool:
    """Whether nothing of the take can have been sent, so that it is like one that is not there."""
    refused = slate.state is TakeState.REFUSED
    return refused or (slate.state is TakeState.INTENDED and not slate.may_have_been_sent)


def _is_blocked(slate: Slate) -> bool:
    return slate.state is TakeState.FAILED and slate.error_kind == CONTENT_BLOCKED


class Decided(NamedTuple):
    """What is known of a clip's takes, by their numbers, and what people decided of them."""

    chosen: int | None
    rejected: frozenset[int]
    slates: Mapping[int, Slate]


async def decided(ledger: Ledger, clip: ClipPlan, images: Images) -> Decided:
    """The take that a person chose for the clip, those that people decided against, and all."""
    names = {take_name(clip, number, images): number for number in range(1, CHOICES + 1)}
    verdicts, slates = await ledger.known_takes(list(names))
    chosen = (names[name] for name, verdict in verdicts.items() if verdict is Verdict.CHOSEN)
    rejected = (names[name] for name, verdict in verdicts.items() if verdict is Verdict.REJECTED)
    known = {names[name]: slate for name, slate in slates.items()}
    return Decided(min(chosen, default=None), frozenset(rejected), known)


async def is_rejected(ledger: Ledger, fingerprint: str) -> bool:
    """Whether a person has decided against the take."""
    verdicts = await ledger.verdicts([fingerprint])
    return verdicts.get(fingerprint) is Verdict.REJECTED


async def preferred(ledger: Ledger, fingerprints: Sequence[str]) -> str:
    """The take for the film: the one that a person chose, else the one that was found best."""
    verdicts = await ledger.verdicts(fingerprints)
    chosen = [name for name in fingerprints if verdicts.get(name) is Verdict.CHOSEN]
    if chosen or len(fingerprints) == 1:
        return (chosen or [*fingerprints])[0]
    scores = [await recalled(ledger, standing_of(name), Standing) for name in fingerprints]
    known = [(each.score, at) for at, each in enumerate(scores) if each is not None]
    return fingerprints[min(known)[1]] if known else fingerprints[0]


async def fell_short(ledger: Ledger, name: str) -> bool:
    """Whether the take was scored, and fell short."""
    standing = await recalled(ledger, standing_of(name), Standing)
    return standing is not None and standing.falls_short
