"""A film in short, as the index and the head of its page have it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from longtake.record import RunRecord, seconds_left

WAITS, LIVE, REST = "waits", "live", "rest"
"""The groups of the index: what waits for a person, what runs now, all else."""


@dataclass(frozen=True)
class FilmCard:
    """One film in short; ``tone``: ``waits``, ``bad``, ``live``, ``look`` or ``well``."""

    key: str
    title: str
    folder: Path
    storyboard: str
    at_work: bool
    group: str
    state: str
    tone: str
    says: str
    clips: int = 0
    stored: int = 0
    in_flight: int = 0
    missing: int = 0
    usd: float = 0.0
    """What the latest render paid."""
    reused_usd: float = 0.0
    """What earlier ones paid for what it reused."""
    expected_usd: float = 0.0
    budget_usd: float | None = None
    seconds_left: float | None = None
    film_seconds: float | None = None
    emulated: bool = False
    flow_run_id: str = ""
    run_name: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None
    poster: int | None = None
    """The number (from 1) of a clip whose picture stands for the film."""
    question: str = ""
    """What a person is asked about, by its name; empty where nothing is asked."""

    @property
    def stamp(self) -> str:
        """Changes when a page about the film has to be made anew."""
        return f"{self.state} {self.question} {self.flow_run_id}"


def card_of(
    key: str, folder: Path, run: RunRecord, *, at_work: bool, now: datetime, concurrency: int
) -> FilmCard:
    """What a render's record says, and whether its process is at work."""
    totals = run.totals
    group, state, tone, says = _standing(run, at_work)
    clips = list(run.clips.values())
    there = (number for number, clip in enumerate(clips, 1) if clip.stage.ended_well and clip.file)
    return FilmCard(
        key=key,
        title=run.title,
        folder=folder,
        storyboard=run.storyboard,
        at_work=at_work,
        group=group,
        state=state,
        tone=tone,
        says=says,
        clips=totals.clips,
        stored=totals.stored,
        in_flight=sum(clip.stage.in_flight for clip in clips),
        missing=totals.missing,
        usd=totals.usd,
        reused_usd=totals.reused_usd,
        expected_usd=totals.expected_usd,
        budget_usd=run.budget_usd,
        seconds_left=seconds_left(run, now, concurrency) if group == LIVE else None,
        film_seconds=run.film.seconds if run.film else None,
        emulated=run.emulated,
        flow_run_id=run.flow_run_id,
        run_name=run.run_name,
        began_at=run.started_at,
        ended_at=run.ended_at,
        poster=next(there, None),
        question=run.question.about if run.question and state == "paused" else "",
    )


def beginning_card(key: str, folder: Path, *, at_work: bool, unreadable: bool) -> FilmCard:
    """A render without a record: it has just been started, or what it wrote cannot be read."""
    if at_work:
        standing = LIVE, "starting", "live", "it is being started"
    elif unreadable:
        says = "its run.json cannot be read by this longtake: render again"
        standing = WAITS, "unreadable", "bad", says
    else:
        standing = WAITS, "not begun", "bad", "it ended before it began: see what it said"
    return FilmCard(key, folder.name, folder, "", at_work, *standing)


def _standing(run: RunRecord, at_work: bool) -> tuple[str, str, str, str]:
    """The group, the state, its tone, and what is to be said: amber only where a person is due."""
    missing = run.totals.missing
    if run.state == "paused":
        what = f"{run.question.unit} is there, and waits for you" if run.question else "it waits"
        return WAITS, "paused", "waits", what
    if at_work:
        began = run.state == "running"
        return LIVE, "rendering", "live", _under_way(run) if began else "the render is starting"
    if run.state == "running":
        return WAITS, "broken off", "bad", "its process is gone: render again to go on"
    if run.state == "completed":
        bad = sum(finding.severity == "bad" for finding in run.findings)
        says = f"{bad} place{'s' * (bad != 1)} to look at" if bad else "nothing bad was found"
        return REST, "completed", "look" if bad else "well", says
    said = f"{missing} clip{'s are' if missing != 1 else ' is'} missing" if missing else "no film"
    return WAITS, run.state, "bad", f"{said}: render again to go on"


def _under_way(run: RunRecord) -> str:
    flying = [clip.id for clip in run.clips.values() if clip.stage.in_flight]
    if flying:
        more = f" and {len(flying) - 3} more" if len(flying) > 3 else ""
        return f"making {', '.join(flying[:3])}{more}"
    return "joining the film" if run.totals.stored == run.totals.clips else "at work"
