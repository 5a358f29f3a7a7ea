"""Which take of a clip the film has: a person's choice, else the one that reads best."""

from __future__ import annotations

from collections.abc import Sequence

from longtake.ledger import Slate, TakeState
from longtake.rendering.contract_watch import watch_take
from longtake.rendering.known_takes import CHOICES, is_rejected, most_takes, preferred
from longtake.rendering.measure_cache import (
    LastImage,
    Standing,
    last_image_of,
    recalled,
    standing_of,
)
from longtake.rendering.render import Render
from longtake.rendering.scored import ScoredTake
from longtake.rendering.takes import Images, StoredTake, Take, take_for
from longtake.story import ClipPlan, PairReading
from longtake.story.assessing import not_assessable


async def recalled_take(render: Render, take: Take, slate: Slate | None) -> StoredTake | None:
    """The take out of the store, if its slate says that it was made: no ffmpeg and no service.

    None where anything is left to do, a damaged object in the store included.
    """
    if slate is None or slate.state is not TakeState.STORED or slate.clip_sha256 is None:
        return None
    if not await render.store.fetched(slate.clip_sha256, "clip", render.folder.clip(take)):
        return None
    render.report.stored(take, slate, reused=slate.run != render.run)
    return take.stored(slate.clip_sha256)


async def other_takes(
    render: Render, clip: ClipPlan, chosen: StoredTake, images: Images
) -> list[StoredTake]:
    """The takes that a person chose this one from, as far as they are there: to be shown again.

    ``clip`` is as it was planned: their seeds are derived from its, not from the chosen take's.
    """
    others = (take_for(clip, number, images) for number in range(1, CHOICES + 1))
    found = []
    for take in others:
        compared = await recalled(render.ledger, standing_of(take.fingerprint), Standing)
        if not compared or take.number == chosen.number:
            continue
        if not await is_rejected(render.ledger, take.fingerprint):
            slate = await render.ledger.find(take.fingerprint)
            found.append(await recalled_take(render, take, slate))
    return [each for each in found if each is not None]


async def best_of(
    render: Render, takes: Sequence[StoredTake], images: Images, before: StoredTake | None
) -> tuple[StoredTake, ScoredTake | None]:
    """The best of the takes that are there; its score where there was anything to compare."""
    treated = [await _treated(render, each, images, before) for each in takes]
    scores: list[ScoredTake | None] = [None]
    best = 0
    if len(takes) > 1 or most_takes(takes[0].clip, render.settings.keeping.retakes) > 1:
        scores = [await _scored(render, each, before) for each in treated]
        names = [each.fingerprint for each in treated]
        best = names.index(await preferred(render.ledger, names))
    take = treated[best]
    if len(render.report.clip(take.clip).takes) > 1:
        render.report.chosen(take, await render.ledger.get(take.fingerprint))
    else:
        render.report.take(take).chosen = True
    if take.treatment is not None:
        render.report.note(take.clip, calibration=take.calibration, flash=take.flash)
    return take, scores[best]


async def _treated(
    render: Render, take: StoredTake, images: Images, before: StoredTake | None
) -> StoredTake:
    """The take with what the service did to it, so that it can be undone."""
    treatment = await render.film.measuring.treatment(take, images, before)
    treated = take._replace(treatment=treatment)
    arrival = await render.film.measuring.arrival(treated, images)
    if arrival is not None:
        await _note_arrival(render, take, arrival)
    treated = treated._replace(arrival=arrival)
    watch_take(render, treated, images)
    return treated


async def _note_arrival(render: Render, take: StoredTake, arrival: PairReading) -> None:
    """Remember whether the model moved to the picture that it was sent last."""
    seen = LastImage(honoured=arrival.repeats, clip_id=take.clip.id)
    subject = last_image_of(take.clip.model)
    if await recalled(render.ledger, subject, LastImage) != seen:
        await render.ledger.remember_measure(subject, seen.model_dump_json())


async def _scored(render: Render, take: StoredTake, before: StoredTake | None) -> ScoredTake:
    """How the take reads, remembered, and said of it: why it falls short if it does."""
    found = await render.film.measuring.score(take, before, render.plan.fps)
    standing = Standing(score=found.score).model_dump_json()
    await render.ledger.remember_measure(standing_of(take.fingerprint), standing)
    worst = found.findings[0].says if found.findings else "nothing stands out"
    if unknown := not_assessable(found.seam):
        worst += f"; not assessable: {', '.join(unknown)}"
    record = render.report.take(take)
    record.score = round(found.score, 3)
    record.why = f"falls short: {worst}" if found.falls_short else worst
    record.pair = take.pair
    return found
