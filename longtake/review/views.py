"""The rest of the run as the page shows it: shots with their takes, findings, the run itself."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from longtake.figures import dollars
from longtake.record import ClipRecord, RunRecord, Stage, TakeRecord
from longtake.record.error_rates import error_rates
from longtake.review.material import Material
from longtake.review.wording import UNKNOWN, address, in_short, lasting, moment, number, timecode
from longtake.story import ClipReading, Finding, family_of, worst_first
from longtake.story.contract import is_departure
from longtake.story.headlines import headline
from longtake.story.judging import RANKS, seam_name


@dataclass(frozen=True)
class TakeView:
    """One take: its file if it is there, and what became of it."""

    number: int
    seed: int
    file: str | None
    chosen: bool
    usd: str
    why: str
    score: str
    fingerprint: str
    sha256: str


@dataclass(frozen=True)
class ClipView:
    """One clip; ``number`` counts from 1 in film order."""

    number: int
    id: str
    chain: int
    prompt: str
    stage: Stage
    error: str
    remark: str
    severity: str
    seconds: float
    """Where it begins in the film."""
    frame_count: int
    facts: tuple[tuple[str, str], ...]
    details: tuple[tuple[str, str], ...]
    """Every parameter that is not told elsewhere, and the request."""
    takes: tuple[TakeView, ...]

    @property
    def missing(self) -> bool:
        """Whether it could not be made."""
        return self.stage.ended_badly

    @property
    def time(self) -> str:
        """Where it begins in the film, as people read it."""
        return timecode(self.seconds)


@dataclass(frozen=True)
class ShotView:
    """One shot: a chapter of the film."""

    id: str
    title: str
    length: str
    seconds: float
    end_seconds: float
    clips: tuple[ClipView, ...]

    @property
    def time(self) -> str:
        """Where it begins in the film, as people read it."""
        return timecode(self.seconds)


@dataclass(frozen=True)
class FindingView:
    """One finding, and where on the page its place is."""

    severity: str
    place: str
    rule: str
    headline: str
    """What a person sees there; ``says`` has the figure."""
    says: str
    score: str
    anchor: str
    seam: int | None = None
    rates: str = ""
    """How often such a verdict is wrong."""


def shot_views(record: RunRecord, material: Material, fps: float) -> list[ShotView]:
    """Every shot in film order, with its clips."""
    clips = list(record.clips.values())
    worst = worst_severities([each for each in record.findings if not is_departure(each)])
    views = [_clip(n, clip, worst, material, fps) for n, clip in enumerate(clips, start=1)]
    pairs = list(zip(clips, views, strict=True))
    return [
        _shot(shot, list(group), fps) for shot, group in groupby(pairs, lambda pair: pair[0].shot)
    ]


def worst_severities(findings: Sequence[Finding]) -> dict[str, str]:
    """For every place that something was found about: the worst of it."""
    return {finding.place: finding.severity for finding in reversed(worst_first(findings))}


def finding_views(record: RunRecord) -> list[FindingView]:
    """What a person should look at: first what is missing, then the findings, the worst first."""
    ids = list(record.clips)
    anchors = {clip_id: f"clip-{at}" for at, clip_id in enumerate(ids, start=1)}
    seams = {seam_name(*pair): at for at, pair in enumerate(pairwise(ids), 1)}
    missing = [
        FindingView(
            "bad",
            clip.id,
            clip.stage,
            f"missing: {clip.stage}",
            clip.error or "no reason given",
            "",
            anchors[clip.id],
        )
        for clip in record.missing
    ]
    found = [
        FindingView(
            each.severity,
            each.place,
            each.rule,
            each.headline or headline(each.rule),
            each.says,
            number(each.score),
            anchor=f"seam-{seams[each.place]}"
            if each.place in seams
            else anchors.get(each.place, ""),
            seam=seams.get(each.place),
            rates="" if is_departure(each) else error_rates(each.rule),
        )
        for each in worst_first(record.findings)
    ]
    return missing + found


def counted(findings: Sequence[FindingView]) -> list[tuple[str, int]]:
    """How many findings there are of each severity that occurs."""
    counts = [(name, sum(each.severity == name for each in findings)) for name in RANKS]
    return [(name, count) for name, count in counts if count]


def run_facts(record: RunRecord) -> list[tuple[str, str]]:
    """What the page's head says of the run."""
    film, totals = record.film, record.totals
    facts = []
    if film:
        facts += [("Picture", f"{film.width} \u00d7 {film.height}"), ("Rate", f"{film.fps} fps")]
        facts += [("Length", f"{timecode(film.seconds)} · {film.frame_count} frames")]
    reused = f", {totals.reused} reused" if totals.reused else ""
    facts += [("Clips", f"{totals.stored} of {totals.clips}{reused}")]
    facts += [("Cost", dollars(totals.usd, UNKNOWN) + (" (emulated)" if record.emulated else ""))]
    if totals.usd_per_kept_second is not None:
        facts += [("Cost per kept second", f"{totals.usd_per_kept_second:.3f} USD")]
    if totals.first_pass_yield is not None:
        facts += [("Right at the first take", f"{totals.first_pass_yield:.0%}")]
    facts += [("Rendered", moment(record.started_at)), ("Took", lasting(totals.seconds))]
    return [(name, text) for name, text in facts if text]


def _shot(shot: str, pairs: Sequence[tuple[ClipRecord, ClipView]], fps: float) -> ShotView:
    first = pairs[0][0]
    frame_count = sum(record.kept_frame_count for record, _ in pairs)
    begin = first.first_frame_index / fps
    return ShotView(
        id=shot,
        title=in_short(first.prompt),
        length=f"{frame_count / fps:.1f} s",
        seconds=begin,
        end_seconds=begin + frame_count / fps,
        clips=tuple(view for _, view in pairs),
    )


def _clip(
    number: int, clip: ClipRecord, worst: Mapping[str, str], material: Material, fps: float
) -> ClipView:
    return ClipView(
        number=number,
        id=clip.id,
        chain=clip.chain,
        prompt=clip.prompt,
        stage=clip.stage,
        error=clip.error or "",
        remark=clip.remark or "",
        severity="bad" if clip.stage.ended_badly else worst.get(clip.id, ""),
        seconds=clip.first_frame_index / fps,
        frame_count=clip.kept_frame_count,
        facts=tuple(_facts(clip)),
        details=tuple(_details(clip)),
        takes=tuple(_takes(clip, material)),
    )


def _facts(clip: ClipRecord) -> list[tuple[str, str]]:
    took = [("queued", clip.seconds_queued), ("generating", clip.seconds_generating)]
    facts = [
        ("Model", clip.model),
        ("Seed", str(clip.seed)),
        ("Cost", dollars(clip.usd, UNKNOWN)),
        ("Time", ", ".join(f"{lasting(seconds)} {what}" for what, seconds in took if seconds)),
        ("Begins from", _beginning(clip)),
        ("Frames", _frames(clip)),
        ("Ends", _ends(clip.reading)),
    ]
    return [(name, text) for name, text in facts if text]


def _details(clip: ClipRecord) -> Iterator[tuple[str, str]]:
    fields = family_of(clip.model).fields
    told_elsewhere = (fields["prompt"], fields["seed"])
    for name, value in clip.parameters.items():
        if name not in told_elsewhere:
            yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    for name, text in (("request", clip.request_id), ("ended", moment(clip.ended_at))):
        if text:
            yield name, text


def _beginning(clip: ClipRecord) -> str:
    image = clip.start_image
    if image is None:
        return "text"
    if image.frame_index is None:
        return in_short(image.source, 60)
    return f"frame {image.frame_index} of {image.source}"


def _frames(clip: ClipRecord) -> str:
    of_all = f" of {clip.frame_count}" if clip.frame_count else ""
    return f"{clip.kept_frame_count}{of_all} in the film"


def _ends(reading: ClipReading | None) -> str:
    """Luma and sharpness at the clip's two ends, and what is broken inside."""
    if reading is None:
        return ""
    luma, sharp = reading.luma, reading.sharpness
    words = [f"luma {luma[0]:.0f} → {luma[1]:.0f}, sharpness {sharp[0]:.0f} → {sharp[1]:.0f}"]
    words += [f"cut at {at}" for at in reading.cuts]
    spells = [("freeze", spell) for spell in reading.freezes]
    spells += [("black", spell) for spell in reading.blacks]
    words += [f"{what} at {each.first_frame_index}+{each.frame_count}" for what, each in spells]
    return ", ".join(words)


def _takes(clip: ClipRecord, material: Material) -> list[TakeView]:
    """The takes that were looked at; a render from before they were kept has one, the film's."""
    takes = clip.takes or [_only_take(clip)]
    return [
        TakeView(
            number=take.number,
            seed=take.seed,
            file=address(take.file) if take.file and take.file not in material.absent else None,
            chosen=take.chosen,
            usd=dollars(take.usd, UNKNOWN) + (", reused" if take.reused else ""),
            why=take.why or (clip.error or "" if not take.file else ""),
            score="" if take.score is None else number(take.score),
            fingerprint=take.fingerprint,
            sha256=take.sha256 or "",
        )
        for take in takes
    ]


def _only_take(clip: ClipRecord) -> TakeRecord:
    return TakeRecord(
        number=clip.take,
        seed=clip.seed,
        fingerprint=clip.fingerprint or "",
        file=clip.file,
        sha256=clip.sha256,
        usd=clip.usd,
        chosen=clip.stage.ended_well,
    )
