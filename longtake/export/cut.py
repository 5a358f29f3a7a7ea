"""The film as an editor sees it: clips with their handles, cuts between them, dissolves over cuts.

Pure. It follows from the proof (which frames of which file are where) and the record (which files,
takes and findings there are). A dissolve is centred on its cut, as everywhere in longtake.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from longtake.record import ClipRecord, RunRecord
from longtake.record.proof import FilmProof
from longtake.story.contract import is_departure
from longtake.story.timing import leading


@dataclass(frozen=True)
class Join:
    """What lies over the cut that a clip begins with."""

    frames_before: int = 0
    """Frames of a dissolve that lie before the cut; both are 0 for a plain cut."""
    frames_after: int = 0


@dataclass(frozen=True)
class TimelineClip:
    """One clip of the timeline; frames of its file count from 0."""

    clip: ClipRecord
    first_frame_index: int
    """Where it begins in the film."""
    source_index: int
    """Which frame of the file that is."""
    frame_count: int
    """Frames to the next cut."""
    available_count: int
    """Frames that the file has: what lies before and after is handle."""
    join: Join
    flagged: tuple[str, ...]
    """What was found at the seam that it begins with, in words."""


def cut_of(proof: FilmProof, record: RunRecord) -> list[TimelineClip]:
    """Every clip of the film between the middles of its dissolves."""
    offsets: dict[str, int] = {}
    joins: dict[str, Join] = {}
    begins: list[tuple[str, int]] = []
    for piece in proof.segments:
        for source in piece.sources:
            offsets.setdefault(source.clip_id, source.skip_frames - piece.first_frame_index)
        last = piece.sources[-1].clip_id
        if piece.kind == "dissolve":
            before = leading(piece.frame_count)
            joins[last] = Join(before, piece.frame_count - before)
            begins.append((last, piece.first_frame_index + before))
        elif not begins or begins[-1][0] != last:
            begins.append((last, piece.first_frame_index))
    ends = [begin for _, begin in begins[1:]] + [proof.frame_count]
    return [
        TimelineClip(
            clip=record.clips[clip_id],
            first_frame_index=begin,
            source_index=begin + offsets[clip_id],
            frame_count=end - begin,
            available_count=_available(record.clips[clip_id], end + offsets[clip_id]),
            join=joins.get(clip_id, Join()),
            flagged=_flagged(record, clip_id),
        )
        for (clip_id, begin), end in zip(begins, ends, strict=True)
        if end > begin
    ]


def _available(clip: ClipRecord, at_least: int) -> int:
    return max(clip.frame_count or 0, at_least)


def _flagged(record: RunRecord, clip_id: str) -> tuple[str, ...]:
    return tuple(
        f"{finding.rule}: {finding.says}"
        for finding in record.findings
        if _right(finding.place) == clip_id and not is_departure(finding)
    )


def _right(place: str) -> str:
    """The clip that a seam begins; a clip's own finding is at the clip."""
    return place.rpartition(" \N{RIGHTWARDS ARROW} ")[2]


def total(cuts: Sequence[TimelineClip]) -> int:
    """Frames of the whole timeline."""
    return sum(cut.frame_count for cut in cuts)
