"""Which take of a clip the film has: a person's choice, else the one that reads best."""

from __future__ import annotations

from collections.abc import Sequence

from longtake.story import ClipPlan
from tasks.known import CHOICES, most_takes, preferred
from tasks.looking import Score, score, treatment
from tasks.measures import Standing, standing_of
from tasks.measures import recalled as remembered
from tasks.studio import Kept, Studio
from tasks.takes import Images, note_chosen, recalled, rejected, take_for


async def beside(studio: Studio, clip: ClipPlan, chosen: Kept, images: Images) -> list[Kept]:
    """The takes that a person chose this one from, as far as they are there: to be shown again.

    ``clip`` is as it was planned: their seeds are derived from its, not from the chosen take's.
    """
    others = (take_for(clip, number, images) for number in range(1, CHOICES + 1))
    found = []
    for take in others:
        compared = await remembered(studio.ledger, standing_of(take.fingerprint), Standing)
        if compared and take.number != chosen.number and not await rejected(studio, take):
            found.append(await recalled(studio, take))
    return [each for each in found if each is not None]


async def treated_take(studio: Studio, kept: Kept, images: Images) -> Kept:
    """The take with what the service did to it, so that it can be undone."""
    found = await treatment(studio, kept.clip, kept, images.start)
    if found is not None:
        studio.note(kept.clip, calibration=found.calibration, flash=found.flash)
    return kept._replace(treatment=found)


async def best_of(
    studio: Studio, takes: Sequence[Kept], images: Images, before: Kept | None
) -> tuple[Kept, Score | None]:
    """The best of the takes that are there; its score where there was anything to compare."""
    clip = takes[0].clip
    if len(takes) == 1 and most_takes(clip, studio.settings.keeping.retakes) == 1:
        kept = await treated_take(studio, takes[0], images)
        await note_chosen(studio, kept)
        return kept, None
    treated = [await treated_take(studio, each, images) for each in takes]
    scores = [await score(studio, each.clip, each, before) for each in treated]
    for each, found in zip(treated, scores, strict=True):
        await studio.ledger.remember_measure(
            standing_of(each.fingerprint), Standing(score=found.score).model_dump_json()
        )
        _note_score(studio, each, found)
    names = [each.fingerprint for each in treated]
    best = names.index(await preferred(studio.ledger, names))
    await note_chosen(studio, treated[best])
    studio.note(clip, calibration=treated[best].calibration, flash=treated[best].flash)
    return treated[best], scores[best]


def _note_score(studio: Studio, kept: Kept, found: Score) -> None:
    """Say of the take how it reads, and why it falls short if it does."""
    worst = found.findings[0].says if found.findings else "nothing stands out"
    for take in studio.record.clips[kept.clip.id].takes:
        if take.fingerprint == kept.fingerprint:
            take.score = round(found.score, 3)
            take.why = f"falls short: {worst}" if found.falls_short else worst
            take.pair = kept.pair
