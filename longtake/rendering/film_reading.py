"""What the film reads like: its seams, its clips, its chains, and what a person should look at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from longtake.rendering.measure_cache import film_of, measured
from longtake.rendering.render import Render
from longtake.rendering.review import PAGE, as_ended, make_review
from longtake.rendering.takes import StoredTake
from longtake.story import (
    ChainPlan,
    ClipPlan,
    ClipReading,
    Drift,
    DriftForecast,
    Finding,
    SeamReading,
    chain_drift,
    drift_finding,
    judge_arrival,
    judge_clip,
    judge_seam,
    stretches,
    worst_first,
)
from longtake.story.contract import is_departure
from longtake.story.headlines import headline
from longtake.story.pacing import pace_findings


class FilmReading(BaseModel):
    """Everything that was measured of a film."""

    clips: dict[str, ClipReading]
    seams: list[SeamReading]
    drift: list[Drift]
    findings: list[Finding]


async def read_film(render: Render) -> None:
    """Read the film's seams and clips, and make the review page next to it."""
    film, record = render.film, render.report.record
    found = await measured(render.ledger, film_of(film.recipe), FilmReading, lambda: _read(render))
    for clip_id, inside in found.clips.items():
        record.clips[clip_id].reading = inside
    await render.readings.finished()
    departed = [each for each in record.findings if is_departure(each)]
    findings = worst_first([*found.findings, *departed])
    record.note(seams=found.seams, drift=found.drift, findings=findings)
    render.report.journal.write()
    if film.changes.is_set() or not (render.folder.root / PAGE).is_file():
        await make_review(
            render.folder.root,
            as_ended(record, render.clock.now()),
            ffmpeg=render.film.media.ffmpeg,
            untagged_matrix=film.matrix,
            ffmpeg_slots=render.slots.ffmpeg.review,
            ahead=render.readings.moment,
        )


async def _read(render: Render) -> FilmReading:
    render.film.changes.set()  # a film that is the one before, yet was never read
    looked_at = [clip for clip in render.film.seams.plan.clips if clip.continuity.gate != "off"]
    inside = await asyncio.gather(
        *(render.readings.clip(render.film.takes[clip.id]) for clip in looked_at)
    )
    clips = dict(zip((clip.id for clip in looked_at), inside, strict=True))
    plan = render.film.seams.plan
    seams = await asyncio.gather(*(render.readings.seam(seam) for seam in plan.seams))
    drift = [
        found
        for chain in render.plan.chains
        for stretch in stretches(chain, render.film.seams.anchors)
        if (found := _drift(render, chain.number, stretch, clips))
    ]
    findings = worst_first(_findings(render, clips, seams, drift))
    return FilmReading(clips=clips, seams=seams, drift=drift, findings=findings)


def _drift(
    render: Render, chain: int, stretch: Sequence[ClipPlan], clips: dict[str, ClipReading]
) -> Drift | None:
    kept: dict[str, StoredTake] = {clip.id: render.film.takes[clip.id] for clip in stretch}
    readings = {name: clips[name] for name in kept if name in clips}
    if len(readings) < 2:
        return None
    calibrations = {name: each.calibration for name, each in kept.items() if each.calibration}
    pairs = {name: each.pair for name, each in kept.items() if each.pair}
    return chain_drift(chain, readings, calibrations, pairs)


def _findings(
    render: Render, clips: dict[str, ClipReading], seams: list[SeamReading], drift: list[Drift]
) -> Iterator[Finding]:
    for seam in seams:
        if seam.right in clips:
            yield from judge_seam(seam, calibration=render.film.takes[seam.right].calibration)
    for clip_id, take in render.film.takes.items():
        if take.arrival is not None:
            yield from judge_arrival(clip_id, take.arrival)
    for clip_id, inside in clips.items():
        yield from judge_clip(clip_id, inside, fps=render.plan.fps)
    prompts = {clip.id: clip.prompt for clip in render.film.seams.plan.clips}
    yield from pace_findings(prompts, clips)
    forecast = [one for chain in render.plan.chains for one in _drift_forecasts(render, chain)]
    yield from (drift_finding(one, render.film.seams.anchors.get(one.clip_id)) for one in forecast)
    forecast_since = {one.since for one in forecast}
    for stretch in drift:
        hop, hops = stretch.breaks_at_hop, len(stretch.clip_ids) - 1
        if hop is not None and hop <= hops and stretch.clip_ids[0] not in forecast_since:
            yield Finding(
                severity="bad",
                place=stretch.clip_ids[hop],
                rule="drift",
                says=f"the chain has drifted beyond the limit by its hop {hop} of {hops}: begin "
                "a new chain there with a still or a cut",
                score=round(hops / hop, 3) if hop else 1.0,
                headline=headline("drift"),
            )


def _drift_forecasts(render: Render, chain: ChainPlan) -> Iterator[DriftForecast]:
    """Where the chain was forecast to break the drift limit: for each stretch, the first clip."""
    treatments = {
        clip.id: found for clip in chain.clips if (found := render.film.takes[clip.id].treatment)
    }
    forecast_since: set[str] = set()
    for clip in chain.clips[1:]:
        forecast = render.film.seams.drift(chain, clip.id, treatments)
        if forecast is not None and forecast.since not in forecast_since:
            forecast_since.add(forecast.since)
            yield forecast
