"""One render of one storyboard, and the sums over it."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, computed_field

from longtake.files import part_of, read_regular, unwritable
from longtake.record.clips import ClipRecord
from longtake.record.stage import Stage
from longtake.record.watching import tell
from longtake.story import Drift, Finding, Plan, SeamReading

MAX_RECORD_BYTES = 512 * 2**20
"""A record of ten thousand clips with all their readings has a tenth of it."""


class FilmRecord(BaseModel):
    """The film's facts."""

    file: str
    sha256: str
    size_bytes: int
    frame_count: int
    seconds: float
    fps: int
    width: int
    height: int


class Totals(BaseModel):
    """Sums over all clips."""

    clips: int
    stored: int = Field(description="Clips that are there, the reused ones included.")
    reused: int = Field(description="Clips that an earlier render made and paid for.")
    missing: int
    usd: float = Field(description="What this render's clips cost, as far as the service has said.")
    reused_usd: float = Field(description="What the reused clips cost when they were made.")
    expected_usd: float
    kept_seconds: float = Field(0.0, description="Of the clips that are there, in the film.")
    usd_per_kept_second: float | None = Field(
        None, description="All takes' cost, reused ones too, by the seconds that the film has."
    )
    first_pass_yield: float | None = Field(
        None, description="Share of the clips that are there by their first take."
    )
    polls: int
    seconds: float | None = Field(description="Wall-clock time from the start to the end.")

    @property
    def made(self) -> int:
        """Clips that this render has made itself."""
        return self.stored - self.reused


class AskedTake(BaseModel):
    """A take as it is shown to a person who is asked about it."""

    clip: str
    fingerprint: str
    sha256: str = Field(description="Of the file that is shown.")


class Question(BaseModel):
    """What a paused render asks a person about: the very takes that are to be looked at."""

    about: str = Field(description="Names the question: other takes make another one.")
    unit: str = Field(description="The shot, scene or guide that is to be approved.")
    takes: list[AskedTake]
    sheet: str = Field("", description="Picture of the anchors that are asked about, if any are.")
    anchors: dict[int, str] = Field({}, description="Those anchors by number, in words.")


class RunRecord(BaseModel):
    """One render of one storyboard."""

    title: str
    storyboard: str
    storyboard_sha256: str
    seed: int
    folder: str = Field(description="Where all files of the render are.")
    run_name: str = ""
    run_id: str = Field("", description="What the ledger calls the render.")
    flow_run_id: str = Field("", description="Prefect's id of its run; empty where it has none.")
    emulated: bool = False
    budget_usd: float | None = Field(None, description="What this render may cost at most.")
    question: Question | None = Field(None, description="What a person is asked while it pauses.")
    only: list[str] = Field([], description="The shots that alone were wanted; none: all.")
    state: str = "running"
    started_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None
    clips: dict[str, ClipRecord]
    guides: dict[str, ClipRecord] = Field(
        {}, description="Clips that are not in the film: others lie between their frames."
    )
    seams: list[SeamReading] = []
    drift: list[Drift] = []
    findings: list[Finding] = Field([], description="What a person should look at, worst first.")
    film: FilmRecord | None = None
    emulator_accepted_requests: int | None = Field(
        None, description="How many jobs the built-in emulator was asked for; None without it."
    )

    @classmethod
    def of(cls, plan: Plan, **facts: Any) -> RunRecord:
        """The record of a plan nothing has happened to yet."""
        clips = {
            clip.id: ClipRecord.of(clip, chain=chain.number)
            for chain in plan.chains
            for clip in chain.clips
        }
        in_film_order = {clip.id: clips[clip.id] for clip in plan.clips}
        return cls(
            title=plan.title,
            storyboard_sha256=plan.storyboard_sha256,
            seed=plan.base_seed,
            clips=in_film_order,
            guides={guide.clip.id: ClipRecord.of(guide.clip, chain=0) for guide in plan.guides},
            **facts,
        )

    def note(self, clip_id: str | None = None, **facts: Any) -> None:
        """Set ``facts`` on a clip (or on the run) and tell the watcher."""
        target: ClipRecord | RunRecord = self if clip_id is None else self.one(clip_id)
        for name, value in facts.items():
            setattr(target, name, value)
        tell(self, None if clip_id is None else self.one(clip_id))

    def one(self, clip_id: str) -> ClipRecord:
        """What is on record of a clip, or of a guide."""
        return self.clips[clip_id] if clip_id in self.clips else self.guides[clip_id]

    @property
    def everything(self) -> list[ClipRecord]:
        """All that is generated: the guides, and the clips in film order."""
        return [*self.guides.values(), *self.clips.values()]

    @property
    def chains(self) -> list[list[ClipRecord]]:
        """The clips, chain by chain."""
        chain = attrgetter("chain")
        return [list(clips) for _, clips in groupby(sorted(self.clips.values(), key=chain), chain)]

    @property
    def missing(self) -> list[ClipRecord]:
        """The clips that the film lacks, in its order."""
        return [clip for clip in self.clips.values() if clip.stage.ended_badly]

    @computed_field  # type: ignore[prop-decorator]  # as pydantic documents it
    @property
    def totals(self) -> Totals:
        """The sums, as they stand now."""
        clips, everything = self.clips.values(), self.everything
        ended = self.ended_at
        made = [clip for clip in clips if clip.stage.ended_well and clip.stage is not Stage.OWN]
        kept_seconds = sum(clip.kept_seconds for clip in made)
        paid_usd = sum(clip.spent_usd + clip.reused_usd for clip in everything)
        return Totals(
            kept_seconds=round(kept_seconds, 6),
            usd_per_kept_second=round(paid_usd / kept_seconds, 6) if kept_seconds else None,
            first_pass_yield=sum(clip.take == 1 for clip in made) / len(made) if made else None,
            clips=len(clips),
            stored=sum(clip.stage.ended_well for clip in clips),
            reused=sum(clip.stage is Stage.REUSED for clip in clips),
            missing=len(self.missing),
            usd=round(sum(clip.spent_usd for clip in everything), 6),
            reused_usd=round(sum(clip.reused_usd for clip in everything), 6),
            expected_usd=round(sum(clip.expected_usd for clip in everything), 6),
            polls=sum(clip.polls for clip in everything),
            seconds=(ended - self.started_at).total_seconds() if ended else None,
        )

    def write(self, path: Path) -> None:
        """Replace ``path`` by this record, whole or not at all; two renders may share a folder.

        Raises DiskFull or OperatorError where the folder does not take it.
        """
        try:
            with part_of(path) as part:
                part.write_bytes(self.as_json().encode())
                part.replace(path)
        except OSError as error:
            raise unwritable(
                path,
                error,
                "fix the folder or choose another --out, then render again",
                full="make room and render again: what was paid for is kept",
            ) from error

    def as_json(self) -> str:
        """The record as it stands in ``run.json``."""
        return self.model_dump_json(indent=2) + "\n"


def read_run(path: Path) -> RunRecord | None:
    """The record at ``path``; None where there is none that can be read."""
    try:
        return RunRecord.model_validate_json(read_regular(path, MAX_RECORD_BYTES))
    except (OSError, ValueError):
        return None
