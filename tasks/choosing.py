"""Which take of a clip the film has: a person's choice, else the one that reads best."""

from __future__ import annotations

from collections.abc import Sequence

from longtake.ledger import Verdict
from longtake.story import ClipPlan
from tasks.foresight import preferred
from tasks.looking import Score, score, treatment
from tasks.measures import Standing, standing_of
from tasks.studio import Kept, Studio
from tasks.takes import Images, note_chosen, take_for

CHOICES = 12
"""As many takes of a clip are asked for in the ledger, to find a person's choice among them."""


async def chosen_number(studio: Studio, clip: ClipPlan, images: Images) -> int | None:
    """The take that a person chose for the clip; None where nobody did."""
    names = {take_for(clip, number, images).fingerprint: number for number in range(1, CHOICES)}
    verdicts = await studio.ledger.verdicts(list(names))
    chosen = (names[name] for name, verdict in verdicts.items() if verdict is Verdict.CHOSEN)
    return next(chosen, None)


def most_takes(studio: Studio, clip: ClipPlan) -> int:
    """How many takes that are there a clip may have, before the best of them has to do."""
    retakes = studio.settings.keeping.retakes if clip.continuity.gate == "retake" else 0
    return max(clip.takes.count, 1 + retakes)


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
    if len(takes) == 1 and most_takes(studio, clip) == 1:
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
