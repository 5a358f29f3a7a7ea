"""Which takes of a clip the ledger knows, and which of them a render would come to. No Prefect."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

from longtake.ledger import CONTENT_BLOCKED, Ledger, Slate, TakeState, Verdict
from longtake.rendering.measure_cache import Standing, recalled, standing_of
from longtake.story import ClipPlan, fingerprint, take_of

CHOICES = 40
"""As many takes of a clip are looked up, to find a person's choice among them."""


class ImageHashes(NamedTuple):
    """The contents that condition a clip."""

    start: str | None = None
    end: str | None = None


class TakeStatus(NamedTuple):
    """What there is of a clip: the take that a render would come to, and how many it would add.

    A take that falls short is no longer named where another one is about to be made: which of them
    the film will have is not known yet.
    """

    slate: Slate | None
    to_make: int


def take_name(clip: ClipPlan, number: int, images: ImageHashes) -> str:
    """The fingerprint of the ``number``-th take."""
    return fingerprint(take_of(clip, number), start_sha256=images.start, end_sha256=images.end)


def most_takes(clip: ClipPlan, retakes: int) -> int:
    """How many takes that are there a clip may have, before the best of them has to do."""
    return max(clip.takes.count, 1 + retakes if clip.continuity.gate == "retake" else 1)


async def take_status(
    ledger: Ledger, clip: ClipPlan, images: ImageHashes, retakes: int
) -> TakeStatus:
    """What a render would find of the clip, take by take, as it goes through them."""
    if number := await chosen_number(ledger, clip, images):
        return TakeStatus(await ledger.find(take_name(clip, number, images)), 0)
    there: list[Slate] = []
    for number in itertools.count(1):
        if len(there) >= clip.takes.at_least:
            best = await preferred(ledger, [slate.fingerprint for slate in there])
            most = most_takes(clip, retakes)
            if len(there) >= most or not await fell_short(ledger, best):
                return TakeStatus(next(each for each in there if each.fingerprint == best), 0)
        slate = await ledger.find(take_name(clip, number, images))
        if slate is None or _not_begun(slate):
            return TakeStatus(None, max(1, clip.takes.at_least - len(there)))
        if await passed_by(ledger, slate):
            continue
        if slate.state is not TakeState.STORED:
            return TakeStatus(slate, 0)
        there.append(slate)
    raise AssertionError("numbers have no end")


def _not_begun(slate: Slate) -> bool:
    """Whether nothing of the take can have been sent, so that it is like one that is not there."""
    refused = slate.state is TakeState.REFUSED
    return refused or (slate.state is TakeState.INTENDED and not slate.may_have_been_sent)


async def chosen_number(ledger: Ledger, clip: ClipPlan, images: ImageHashes) -> int | None:
    """The take that a person chose for the clip; None where nobody did."""
    names = {take_name(clip, number, images): number for number in range(1, CHOICES + 1)}
    verdicts = await ledger.verdicts(list(names))
    chosen = (names[name] for name, verdict in verdicts.items() if verdict is Verdict.CHOSEN)
    return min(chosen, default=None)


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


async def passed_by(ledger: Ledger, slate: Slate) -> bool:
    """Whether a render goes on with the next take: this one failed, or a person rejected it."""
    if slate.state is TakeState.STORED:
        verdicts = await ledger.verdicts([slate.fingerprint])
        return verdicts.get(slate.fingerprint) is Verdict.REJECTED
    return slate.state is TakeState.FAILED and slate.error_kind != CONTENT_BLOCKED
