"""The contract watch: what paid clips show of the service, and the warning where one departs.

A clip's file is noted as it comes; its pictures are compared while the service makes the next
ones. Nothing is decoded for it that was decoded before. The rest is in the ledger's slates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from longtake.ledger import Ledger, Slate, TakeState
from longtake.media import ClipFacts
from longtake.rendering.measure_cache import (
    ArrivedFiles,
    arrival_of,
    arrived_of,
    measured,
    pair_of,
    recalled,
)
from longtake.rendering.render import Render
from longtake.rendering.takes import Images, StoredTake
from longtake.story import PairReading, Rates, estimate, family_of
from longtake.story.contract import ArrivedFile, PaidClip, PaidEnds, departures, finding_of

_SEEN = (TakeState.STORED, TakeState.UNUSABLE)


async def note_file(render: Render, slate: Slate, facts: ClipFacts, sha256: str) -> None:
    """Remember what the file of a request is, next to those that were paid for before."""
    tags = facts.color_matrix, facts.color_range, facts.color_primaries, facts.color_transfer
    arrived = ArrivedFile(
        request_id=_request(slate),
        sha256=sha256,
        width=facts.width,
        height=facts.height,
        frame_count=facts.frame_count,
        fps=facts.fps,
        codec=facts.codec,
        pixel_format=facts.pixel_format,
        colour_tags=tuple(filter(None, tags)),
    )
    subject = arrived_of(slate.fingerprint)
    known = await recalled(render.ledger, subject, ArrivedFiles, slate.fingerprint)
    known = known or ArrivedFiles()
    others = tuple(each for each in known.files if each.request_id != arrived.request_id)
    found = ArrivedFiles(files=(*others, arrived))
    await render.ledger.remember_measure(subject, found.model_dump_json())


def watch_take(render: Render, take: StoredTake, images: Images) -> None:
    """Compare a take with what is assumed, while others are made."""
    render.readings.alongside(("contract", take.fingerprint), _watched(render, take, images))


async def _watched(render: Render, take: StoredTake, images: Images) -> None:
    await _note_pictures(render, take, images)
    if render.report.take(take).reused and not render.settings.fleet.pool:
        return  # the render that paid for it has reported it
    slate = await render.ledger.get(take.fingerprint)
    if slate.run == render.run:
        await tell_departures(render, slate, take.clip.expected_seconds)


async def _note_pictures(render: Render, take: StoredTake, images: Images) -> None:
    """Remember how near the clip's two ends are to the pictures that it was sent."""
    ledger, matrix = render.ledger, render.film.measuring.matrix

    async def first() -> PairReading:
        if take.pair is not None:
            return take.pair
        sent, came = render.folder.image(take.clip, "start"), render.folder.clip(take)
        async with render.slots.ffmpeg.review():
            return await render.film.media.read_pair(sent, came, untagged_matrix=matrix)

    async def last(arrival: PairReading) -> PairReading:
        return arrival

    if images.start is not None:
        subject = pair_of(take.sha256, images.start, matrix)
        await measured(ledger, subject, PairReading, first, take.sha256)
    if images.end is not None and (there := take.arrival) is not None:
        subject = arrival_of(take.sha256, images.end, matrix)
        await measured(ledger, subject, PairReading, lambda: last(there), take.sha256)


async def tell_departures(render: Render, slate: Slate, usual_seconds: float) -> None:
    """Warn of what a clip has in another way than is assumed: once per render and assumption."""
    ledger, rates = render.ledger, render.settings.rates
    known = await ledger.measures(_subjects(slate, render.film.measuring.matrix))
    clip = await _paid(ledger, slate, render.film.measuring.matrix, known, rates, usual_seconds)
    for departure in departures(clip):
        render.report.departed(finding_of(slate.clip_id, departure))


async def paid_clips(ledger: Ledger, rates: Rates, matrix: str) -> list[PaidClip]:
    """All clips that were paid for and came, the earliest first."""
    slates = [each for each in await ledger.slates() if each.state in _SEEN and each.completed_at]
    slates.sort(key=_when)
    known = await ledger.measures([one for each in slates for one in _subjects(each, matrix)])
    took: dict[str, list[float]] = {}
    found = []
    for slate in slates:
        prior = rates.expected_seconds.get(slate.model, _prior_seconds(slate))
        usual = estimate(prior, took.setdefault(slate.model, [])[::-1]).expected
        found.append(await _paid(ledger, slate, matrix, known, rates, usual))
        if (seconds := found[-1].seconds) is not None:
            took[slate.model].append(seconds)
    return found


def _subjects(slate: Slate, matrix: str) -> list[str]:
    """What was measured of its file and of its two ends."""
    return [arrived_of(slate.fingerprint), *filter(None, _ends(slate, matrix))]


def _ends(slate: Slate, matrix: str) -> tuple[str | None, str | None]:
    sha256, start, end = slate.clip_sha256 or "", slate.start_sha256, slate.end_sha256
    return (
        pair_of(sha256, start, matrix) if start else None,
        arrival_of(sha256, end, matrix) if end else None,
    )


async def _paid(
    ledger: Ledger,
    slate: Slate,
    matrix: str,
    known: Mapping[str, str],
    rates: Rates,
    usual_seconds: float,
) -> PaidClip:
    """``known`` has what was measured, by subject."""
    metrics: Mapping[str, object] = slate.metrics or {}
    files = known.get(arrived_of(slate.fingerprint))
    arrived = ArrivedFiles.model_validate_json(files) if files else ArrivedFiles()
    start, end = (
        PairReading.model_validate_json(known[end]) if end and end in known else None
        for end in _ends(slate, matrix)
    )
    handed = slate.start_sha256 is not None and await ledger.is_frame(slate.start_sha256)
    resolution = family_of(slate.model).resolution_of(slate.parameters)
    return PaidClip(
        clip_id=slate.clip_id,
        model=slate.model,
        parameters=dict(slate.parameters),
        request_id=_request(slate),
        at=slate.completed_at or slate.updated_at,
        usual_usd=rates.usd.get(slate.model, {}).get(resolution, slate.estimated_usd),
        usual_seconds=usual_seconds,
        usd=slate.usd,
        seconds=_reported(metrics, "total_time"),
        queue_seconds=_reported(metrics, "queue_time"),
        arrived=_with_own_last(arrived.files, _request(slate)),
        ends=PaidEnds(start, end, handed),
        trouble=slate.error if slate.state is TakeState.UNUSABLE else None,
    )


def _reported(metrics: Mapping[str, object], name: str) -> float | None:
    """Seconds as the service reported them: ours count hours in which nobody looked, too."""
    seconds = metrics.get(name)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return None
    return float(seconds)


def _with_own_last(files: Sequence[ArrivedFile], request_id: str) -> tuple[ArrivedFile, ...]:
    """The files up to the request's own; none where its own is not known."""
    own = [each for each in files if each.request_id == request_id]
    return (*(each for each in files if each not in own), *own) if own else ()


def _prior_seconds(slate: Slate) -> float:
    models = family_of(slate.model).models
    return next((m.expected_seconds for m in models if m.slug == slate.model), 60.0)


def _when(slate: Slate) -> float:
    return (slate.completed_at or slate.updated_at).timestamp()


def _request(slate: Slate) -> str:
    """A blocking call has none; its take's name will do."""
    return slate.request_id or slate.fingerprint
