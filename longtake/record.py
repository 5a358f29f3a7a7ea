"""What happened in a render: the facts behind ``run.json`` and behind the terminal's lines.

A ``RunRecord`` holds one ``ClipRecord`` a clip. Steps report through ``RunRecord.note``;
whoever watches (a terminal) is told after each report. Nothing here knows how the facts came about.
"""

from __future__ import annotations

import errno
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, JsonValue, computed_field

from longtake.errors import DiskFull, OperatorError
from longtake.story import ClipPlan, Handover, Plan, Still


class Stage(StrEnum):
    """Where a clip stands, in the order in which it usually passes."""

    WAITING = "waiting"
    PREPARING = "preparing"  # its start and end images are made
    SUBMITTING = "submitting"
    RECONCILING = "reconciling"  # no answer to the submit: looking into the request history
    QUEUED = "queued"
    GENERATING = "generating"
    DOWNLOADING = "downloading"
    STORED = "stored"
    REUSED = "reused"  # made and paid for by an earlier render
    FAILED = "failed"
    BLOCKED = "blocked"  # stopped by the service because of its content
    SKIPPED = "skipped"  # never submitted: what it starts from is missing, or the render stopped

    @property
    def in_flight(self) -> bool:
        """Whether work on the clip has begun and has not ended."""
        return self in _IN_FLIGHT

    @property
    def ended_well(self) -> bool:
        """Whether the clip is there."""
        return self in {Stage.STORED, Stage.REUSED}

    @property
    def ended_badly(self) -> bool:
        """Whether the clip is missing from the film."""
        return self in {Stage.FAILED, Stage.BLOCKED, Stage.SKIPPED}


_IN_FLIGHT = frozenset(
    {
        Stage.PREPARING,
        Stage.SUBMITTING,
        Stage.RECONCILING,
        Stage.QUEUED,
        Stage.GENERATING,
        Stage.DOWNLOADING,
    }
)


class ImageRecord(BaseModel):
    """An image that conditioned a clip: where it came from and what was sent."""

    source: str = Field(description="The clip handed over from, or the still as authored.")
    frame_index: int | None = Field(None, description="The frame of the source clip, 0-based.")
    file: str | None = Field(None, description="Relative to the run's folder.")
    sha256: str | None = Field(None, description="Of the file's bytes.")
    url: str | None = Field(None, description="What the service was given (not for data URIs).")


class ClipRecord(BaseModel):
    """One clip's facts; what is not known yet is None."""

    id: str
    chain: int
    shot: str
    model: str
    prompt: str
    parameters: dict[str, JsonValue]
    seed: int
    take: int = Field(1, description="Which attempt at the clip this is, from 1.")
    fingerprint: str | None = Field(None, description="The take's name in the ledger.")
    start: str
    start_image: ImageRecord | None = None
    end_image: ImageRecord | None = None
    stage: Stage = Stage.WAITING
    error: str | None = None
    error_kind: str | None = Field(None, description="The error's name in `longtake.errors`.")
    remark: str | None = Field(None, description="What was odd, but not wrong enough to refuse.")
    request_id: str | None = None
    expected_seconds: float
    began_at: datetime | None = None
    submitted_at: datetime | None = None
    ended_at: datetime | None = None
    seconds_queued: float | None = None
    seconds_generating: float | None = None
    seconds_polling: float | None = None
    polls: int = 0
    expected_usd: float
    usd: float | None = None
    file: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    frame_count: int | None = None
    width: int | None = None
    height: int | None = None
    skip_frames: int
    kept_frame_count: int
    first_frame_index: int

    @classmethod
    def of(cls, clip: ClipPlan, *, chain: int) -> ClipRecord:
        """The record of a clip nothing has happened to yet."""
        return cls(
            id=clip.id,
            chain=chain,
            shot=clip.id.rpartition(".")[0],
            model=clip.model,
            prompt=clip.prompt,
            parameters=clip.parameters,
            seed=int(clip.parameters["seed"]),
            start=clip.start.kind,
            start_image=_start_image(clip),
            end_image=ImageRecord(source=clip.end_image) if clip.end_image else None,
            expected_seconds=clip.expected_seconds,
            expected_usd=clip.usd,
            skip_frames=clip.skip_frames,
            kept_frame_count=clip.kept_frame_count,
            first_frame_index=clip.first_frame_index,
        )


def _start_image(clip: ClipPlan) -> ImageRecord | None:
    match clip.start:
        case Handover(clip_id=source, frame_index=frame_index):
            return ImageRecord(source=source, frame_index=frame_index)
        case Still(uri=uri):
            return ImageRecord(source=uri)
    return None


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
    polls: int
    seconds: float | None = Field(description="From the render's start to its end, by the wall.")


Watcher = Callable[["RunRecord", ClipRecord | None], None]
"""Told after each report: the run, and the clip that changed (None: the run itself)."""

_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Let ``watcher`` follow every run that starts inside the block."""
    token = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(token)


class RunRecord(BaseModel):
    """One render of one storyboard."""

    title: str
    storyboard: str
    storyboard_sha256: str
    seed: int
    folder: str = Field(description="Where all files of the render are.")
    run_name: str = ""
    run_id: str = ""
    emulated: bool = False
    state: str = "running"
    started_at: datetime = Field(default_factory=lambda: datetime.now(UTC))
    ended_at: datetime | None = None
    clips: dict[str, ClipRecord]
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
            **facts,
        )

    def note(self, clip_id: str | None = None, **facts: Any) -> None:
        """Set ``facts`` on a clip (or on the run) and tell the watcher."""
        target: ClipRecord | RunRecord = self if clip_id is None else self.clips[clip_id]
        for name, value in facts.items():
            setattr(target, name, value)
        if watcher := _watcher.get():
            watcher(self, None if clip_id is None else self.clips[clip_id])

    @computed_field  # type: ignore[prop-decorator]  # as pydantic documents it
    @property
    def totals(self) -> Totals:
        """The sums, as they stand now."""
        clips = self.clips.values()
        ended = self.ended_at
        return Totals(
            clips=len(clips),
            stored=sum(clip.stage.ended_well for clip in clips),
            reused=sum(clip.stage is Stage.REUSED for clip in clips),
            missing=sum(clip.stage.ended_badly for clip in clips),
            usd=round(sum(clip.usd or 0 for clip in clips if clip.stage is not Stage.REUSED), 6),
            reused_usd=round(sum(clip.usd or 0 for clip in clips if clip.stage is Stage.REUSED), 6),
            expected_usd=round(sum(clip.expected_usd for clip in clips), 6),
            polls=sum(clip.polls for clip in clips),
            seconds=(ended - self.started_at).total_seconds() if ended else None,
        )

    def write(self, path: Path) -> None:
        """Replace ``path`` by this record, whole or not at all; two renders may share a folder.

        Raises DiskFull or OperatorError where the folder does not take it.
        """
        part = path.with_suffix(f".{secrets.token_hex(4)}.part")
        try:
            part.write_text(self.as_json(), encoding="utf-8")
            part.replace(path)
        except OSError as error:
            raise _unwritable(path, error) from error
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)

    def as_json(self) -> str:
        """The record as it stands in ``run.json``."""
        return self.model_dump_json(indent=2) + "\n"


def _unwritable(path: Path, error: OSError) -> OperatorError:
    words = f"cannot write {path}: {error.strerror}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"{words}; make room and render again: what was paid for is kept")
    return OperatorError(f"{words}; mend the folder or choose another --out, then render again")


def read_run(path: Path) -> RunRecord | None:
    """The record at ``path``; None where there is none that can be read."""
    try:
        return RunRecord.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None
