"""The facts of one clip."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field, JsonValue

from longtake.record.stage import Stage
from longtake.story import (
    Anchor,
    Calibration,
    ClipPlan,
    ClipReading,
    Flash,
    Handover,
    PairReading,
    Pinned,
    Start,
    Still,
    family_of,
)


class ImageRecord(BaseModel):
    """An image that conditioned a clip: where it came from and what was sent."""

    source: str = Field(description="The clip handed over from, or the still as authored.")
    frame_index: int | None = Field(None, description="The frame of the source clip, 0-based.")
    file: str | None = Field(None, description="Relative to the run's folder.")
    sha256: str | None = Field(None, description="Of the file's bytes.")
    url: str | None = Field(None, description="What the service was given (not for data URIs).")


class TakeRecord(BaseModel):
    """One take of a clip, whether the film has it or not."""

    number: int = Field(description="From 1.")
    seed: int
    fingerprint: str
    file: str | None = Field(None, description="Relative to the run's folder.")
    sha256: str | None = Field(None, description="Of the file's bytes.")
    usd: float | None = None
    reused: bool = Field(False, description="Whether an earlier render made and paid for it.")
    chosen: bool = Field(False, description="Whether this is the take that the film has.")
    why: str | None = Field(None, description="Why it was kept or passed over, in words.")
    score: float | None = Field(None, description="How it reads: 0 is faultless, 1 at the limit.")
    pair: PairReading | None = None
    reading: ClipReading | None = None


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
    takes: list[TakeRecord] = Field([], description="Every take that this render looked at.")
    calibration: Calibration | None = None
    flash: Flash | None = None
    reading: ClipReading | None = None

    @property
    def kept_seconds(self) -> float:
        """How long the film shows it."""
        return self.kept_frame_count / family_of(self.model).fps_of(self.parameters)

    @property
    def spent_usd(self) -> float:
        """What this render paid for its takes, as far as the service has said."""
        if not self.takes:
            return 0.0 if self.stage is Stage.REUSED else self.usd or 0.0
        return sum(take.usd or 0.0 for take in self.takes if not take.reused)

    @property
    def reused_usd(self) -> float:
        """What its reused takes cost when they were made."""
        if not self.takes:
            return self.usd or 0.0 if self.stage is Stage.REUSED else 0.0
        return sum(take.usd or 0.0 for take in self.takes if take.reused)

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
            seed=clip.seed,
            start=clip.start.kind,
            start_image=_image(clip.start),
            end_image=_image(clip.end),
            expected_seconds=clip.expected_seconds,
            expected_usd=clip.usd,
            skip_frames=clip.skip_frames,
            kept_frame_count=clip.kept_frame_count,
            first_frame_index=clip.first_frame_index,
        )


def _image(image: Start | None) -> ImageRecord | None:
    match image:
        case Handover(clip_id=clip_id, frame_index=at) | Anchor(clip_id=clip_id, frame_index=at):
            return ImageRecord(source=clip_id, frame_index=at)
        case Still(uri=uri):
            return ImageRecord(source=uri)
        case Pinned(sha256=sha256):
            return ImageRecord(source="the film as it was", sha256=sha256)
    return None
