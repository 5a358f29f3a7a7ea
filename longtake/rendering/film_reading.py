"""What the film reads like: its seams, its clips, its chains, and what a person should look at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from pydantic import BaseModel

from longtake.media import Ends, read_ends, seam_reading
from longtake.rendering.measure_cache import film_of, measured
from longtake.rendering.measuring import repeats_handover
from longtake.rendering.render import Render
from longtake.rendering.review import PAGE, write_review
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
    judge_clip,
    judge_seam,
    stretches,
    worst_first,
)
from longtake.story.headlines import headline


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
    record.note(seams=found.seams, drift=found.drift, findings=found.findings)
    render.report.journal.write()
    if film.changes.is_set() or not (render.folder.root / PAGE).is_file():
        await write_review(
            render.folder.root,
            record,
            ffmpeg=render.ffmpeg,
            untagged_matrix=film.matrix,
            ffmpeg_slots=render.slots.ffmpeg,
            ended_at=render.clock.now(),
        )


async def _read(render: Render) -> FilmReading:
    looked_at = [clip for clip in render.film.seams.plan.clips if clip.continuity.gate != "off"]
    inside = await asyncio.gather(
        *(render.film.measuring.reading(render.film.takes[clip.id]) for clip in looked_at)
    )
    clips = dict(zip((clip.id for clip in looked_at), inside, strict=True))
    seams = await _seams(render)
    drift = [
        found
        for chain in render.plan.chains
        for stretch in stretches(chain, render.film.seams.anchors)
        if (found := _drift(render, chain.number, stretch, clips))
    ]
    findings = worst_first(_findings(render, clips, seams, drift))
    return FilmReading(clips=clips, seams=seams, drift=drift, findings=findings)


async def _seams(render: Render) -> list[SeamReading]:
    """Every seam as it is in the film; only continuous ones are measured."""
    plan = render.film.seams.plan
    continuous = [seam for seam in plan.seams if seam.kind == "continuous"]
    named = dict.fromkeys(name for seam in continuous for name in (seam.left, seam.right))
    lefts = {seam.right: seam.left for seam in continuous}
    read = await asyncio.gather(*(_ends(render, name, lefts.get(name)) for name in named))
    ends = dict(zip(named, read, strict=True))
    readings = []
    for seam in plan.seams:
        found = SeamReading(
            left=seam.left,
            right=seam.right,
            kind=seam.kind,
            frame_index=seam.frame_index,
            pair=render.film.takes[seam.right].pair,
        )
        if seam.kind == "continuous":
            found = seam_reading(
                ends[seam.left],
                ends[seam.right],
                left=seam.left,
                right=seam.right,
                kind=seam.kind,
                frame_index=seam.frame_index,
                pair=found.pair,
            )
        readings.append(found)
    return readings


async def _ends(render: Render, clip_id: str, left_id: str | None) -> Ends:
    """The two ends of a clip's segment, as the film has them; of its file where that is gone."""
    plan, kept = render.film.seams.plan, render.film.takes[clip_id]
    part, repeat = plan.segment_of(clip_id), None
    if left_id is not None and repeats_handover(plan.clip(left_id), plan.clip(clip_id), kept.pair):
        repeat = render.folder.clip(kept)
    async with render.slots.ffmpeg:
        if part is not None:
            path = render.folder.segment(render.plan.clip(part.clip_ids[0]))
            if path.is_file():
                return await read_ends(path, untagged_matrix=render.film.matrix, repeat=repeat)
        return await read_ends(
            render.folder.clip(kept),
            first=kept.clip.skip_frames,
            count=kept.clip.kept_frame_count,
            untagged_matrix=render.film.matrix,
            repeat=repeat,
        )


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
    for clip_id, inside in clips.items():
        yield from judge_clip(clip_id, inside, fps=render.plan.fps)
    forecast = [one for chain in render.plan.chains for one in _drift_forecasts(render, chain)]
    yield from (drift_finding(one, render.film.seams.anchors.get(one.clip_id)) for one in forecast)
    told = {one.since for one in forecast}
    for stretch in drift:
        hop, hops = stretch.breaks_at_hop, len(stretch.clip_ids) - 1
        if hop is not None and hop <= hops and stretch.clip_ids[0] not in told:
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
    told: set[str] = set()
    for clip in chain.clips[1:]:
        forecast = render.film.seams.drift(chain, clip.id, treatments)
        if forecast is not None and forecast.since not in told:
            told.add(forecast.since)
            yield forecast
