"""A film in short, as the index and the head of its page have it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from longtake.figures import counted
from longtake.record import RunRecord, seconds_left

WAITS, LIVE, REST = "waits", "live", "rest"
"""The groups of the index: what waits for a person, what runs now, all else."""


class FilmStanding(NamedTuple):
    """How a film stands; ``tone``: ``waits``, ``bad``, ``live``, ``look`` or ``well``."""

    group: str
    state: str
    tone: str
    says: str


class FilmProgress(NamedTuple):
    """How far the latest render has come."""

    clips: int = 0
    stored: int = 0
    seconds_left: float | None = None


class FilmMoney(NamedTuple):
    """What a film costs, in USD: paid by its latest render, and by earlier ones for what it reused.

    ``emulated``: none of it was paid.
    """

    usd: float = 0.0
    reused_usd: float = 0.0
    expected_usd: float = 0.0
    budget_usd: float | None = None
    emulated: bool = False


class LatestRun(NamedTuple):
    """The latest render as a run: Prefect's id of it, where there is one, and its times."""

    flow_run_id: str = ""
    began_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class FilmCard:
    """One film in short."""

    key: str
    title: str
    folder: Path
    at_work: bool
    standing: FilmStanding
    progress: FilmProgress
    money: FilmMoney
    run: LatestRun
    film_seconds: float | None = None
    poster: int | None = None
    """The number (from 1) of a clip whose picture stands for the film."""
    question: str = ""
    """What a person is asked about, by its name; empty where nothing is asked."""

    @property
    def stamp(self) -> str:
        """Changes when a page about the film has to be made again."""
        return f"{self.standing.state} {self.question} {self.run.flow_run_id}"


def card_of(
    key: str, folder: Path, run: RunRecord, *, at_work: bool, now: datetime, concurrency: int
) -> FilmCard:
    """What a render's record says, and whether its process is at work."""
    totals = run.totals
    standing = FilmStanding(*_standing(run, at_work))
    clips = run.clips.values()
    there = (number for number, clip in enumerate(clips, 1) if clip.stage.ended_well and clip.file)
    left = seconds_left(run, now, concurrency) if standing.group == LIVE else None
    return FilmCard(
        key,
        run.title,
        folder,
        at_work,
        standing,
        FilmProgress(totals.clips, totals.stored, left),
        FilmMoney(totals.usd, totals.reused_usd, totals.expected_usd, run.budget_usd, run.emulated),
        LatestRun(run.flow_run_id, run.started_at, run.ended_at),
        film_seconds=run.film.seconds if run.film else None,
        poster=next(there, None),
        question=run.question.about if run.question and standing.state == "paused" else "",
    )


def beginning_card(key: str, folder: Path, *, at_work: bool, unreadable: bool) -> FilmCard:
    """A render without a record: it has just been started, or what it wrote cannot be read."""
    if at_work:
        standing = LIVE, "starting", "live", "it is being started"
    elif unreadable:
        says = "its run.json cannot be read by this longtake: render again"
        standing = WAITS, "unreadable", "bad", says
    else:
        says = "it ended before it began: see what it said"
        standing = WAITS, "not begun", "bad", says
    return FilmCard(
        key,
        folder.name,
        folder,
        at_work,
        FilmStanding(*standing),
        FilmProgress(),
        FilmMoney(),
        LatestRun(),
    )


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
        says = f"{counted(bad, 'place')} to look at" if bad else "nothing bad was found"
        return REST, "completed", "look" if bad else "well", says
    said = f"{missing} clip{'s are' if missing != 1 else ' is'} missing" if missing else "no film"
    return WAITS, run.state, "bad", f"{said}: render again to go on"


def _under_way(run: RunRecord) -> str:
    flying = [clip.id for clip in run.clips.values() if clip.stage.in_flight]
    if flying:
        more = f" and {len(flying) - 3} more" if len(flying) > 3 else ""
        return f"making {', '.join(flying[:3])}{more}"
    return "joining the film" if run.totals.stored == run.totals.clips else "at work"
