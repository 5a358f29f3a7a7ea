"""Which seams a run has, and which of them a person should see first."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from longtake.record import ClipRecord, RunRecord
from longtake.story import SeamReading
from longtake.story.contract import is_departure


def seams_of(record: RunRecord) -> list[SeamReading]:
    """Every seam in film order: as it was read, or without readings where it never was."""
    read = {(seam.left, seam.right): seam for seam in record.seams}
    clips = list(record.clips.values())
    return [
        read.get((left.id, right.id)) or _unread(left, right) for left, right in pairwise(clips)
    ]


def is_measured(record: RunRecord) -> bool:
    """Whether anybody has looked: an old run without findings is not one without faults."""
    clips = record.clips.values()
    found = [each for each in record.findings if not is_departure(each)]
    return bool(record.seams or record.drift or found) or any(
        clip.reading or any(take.reading for take in clip.takes) for clip in clips
    )


def _unread(left: ClipRecord, right: ClipRecord) -> SeamReading:
    kind: Literal["continuous", "cut"] = "continuous" if right.start == "handover" else "cut"
    return SeamReading(left=left.id, right=right.id, kind=kind, frame_index=right.first_frame_index)
