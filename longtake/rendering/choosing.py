"""Which take of a clip the film has: a person's choice, else the one that reads best."""

from __future__ import annotations

from collections.abc import Sequence

from longtake.rendering.known_takes import CHOICES, most_takes, preferred
from longtake.rendering.measure_cache import Standing, standing_of
from longtake.rendering.measure_cache import recalled as remembered
from longtake.rendering.measuring import Score, score, treatment
from longtake.rendering.render import Render, StoredTake
from longtake.rendering.takes import Images, note_chosen, recalled, rejected, take_for
from longtake.story import ClipPlan


async def other_takes(
    render: Render, clip: ClipPlan, chosen: StoredTake, images: Images
) -> list[StoredTake]:
    """The takes that a person chose this one from, as far as they are there: to be shown again.

    ``clip`` is as it was planned: their seeds are derived from its, not from the chosen take's.
    """
    others = (take_for(clip, number, images) for number in range(1, CHOICES + 1))
    found = []
    for take in others:
        compared = await remembered(render.ledger, standing_of(take.fingerprint), Standing)
        if compared and take.number != chosen.number and not await rejected(render, take):
            found.append(await recalled(render, take))
    return [each for each in found if each is not None]


async def treated_take(render: Render, kept: StoredTake, images: Images) -> StoredTake:
    """The take with what the service did to it, so that it can be undone."""
    found = await treatment(render, kept.clip, kept, images.start)
    if found is not None:
        render.note(kept.clip, calibration=found.calibration, flash=found.flash)
    return kept._replace(treatment=found)


async def best_of(
    render: Render, takes: Sequence[StoredTake], images: Images, before: StoredTake | None
) -> tuple[StoredTake, Score | None]:
    """The best of the takes that are there; its score where there was anything to compare."""
    clip = takes[0].clip
    if len(takes) == 1 and most_takes(clip, render.settings.keeping.retakes) == 1:
        kept = await treated_take(render, takes[0], images)
        await note_chosen(render, kept)
        return kept, None
    treated = [await treated_take(render, each, images) for each in takes]
    scores = [await score(render, each.clip, each, before) for each in treated]
    for each, found in zip(treated, scores, strict=True):
        await render.ledger.remember_measure(
            standing_of(each.fingerprint), Standing(score=found.score).model_dump_json()
        )
        _note_score(render, each, found)
    names = [each.fingerprint for each in treated]
    best = names.index(await preferred(render.ledger, names))
    await note_chosen(render, treated[best])
    render.note(clip, calibration=treated[best].calibration, flash=treated[best].flash)
    return treated[best], scores[best]


def _note_score(render: Render, kept: StoredTake, found: Score) -> None:
    """Say of the take how it reads, and why it falls short if it does."""
    worst = found.findings[0].says if found.findings else "nothing stands out"
    for take in render.record.clips[kept.clip.id].takes:
        if take.fingerprint == kept.fingerprint:
            take.score = round(found.score, 3)
            take.why = f"falls short: {worst}" if found.falls_short else worst
            take.pair = kept.pair
