"""What a take's score is made of: which treatment it is remembered by, and what still counts."""

from __future__ import annotations

from pydantic import BaseModel

from longtake.media.measure.deflash import MAX_OFFSET
from longtake.story import ClipPlan, Finding, Flash, Handover, PairReading, SeamReading, Treatment


class ScoredTake(BaseModel):
    """How a take reads: 0 is faultless, 1 at the limit; and what a person should know of it."""

    score: float
    findings: list[Finding]
    seam: SeamReading | None = None

    @property
    def falls_short(self) -> bool:
        """Whether the gate should not let it pass."""
        return self.score > 1


def as_known(treatment: Treatment | None) -> str:
    """The treatment as scores are remembered by: as before there were arrivals, where none is."""
    if treatment is None:
        return ""
    return treatment.model_dump_json(exclude=None if treatment.arrival else {"arrival"})


def repeats_handover(left: ClipPlan, clip: ClipPlan, pair: PairReading | None) -> bool:
    """Whether the film enters ``clip`` right behind a frame 0 that repeats ``left``'s last."""
    start = clip.start
    return (
        pair is not None
        and pair.repeats
        and clip.skip_frames == 1
        and isinstance(start, Handover)
        and start.frame_index == left.last_kept_frame_index
    )


def deflashed(seam: SeamReading, flash: Flash | None) -> SeamReading:
    """The seam with what deflash takes off taken off: only the rest is seen in the film."""
    if seam.flash is None or flash is None or not flash.applied:
        return seam
    rest = max(0.0, abs(seam.flash) - 255 * MAX_OFFSET)
    return seam.model_copy(update={"flash": rest if seam.flash > 0 else -rest})
