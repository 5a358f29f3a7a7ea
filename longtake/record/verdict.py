"""A film compared with its proof: which frames are as they were made, and what was altered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from longtake.record.proof import FilmProof, ProvenSegment, ProvenTrack

_MOST_COMPARED = 20_000
"""Frames on either side that are compared each with each; beyond, segments are."""


_Edit = tuple[int, int, int, int]
"""Begin and length of what was, and of what stands there now."""


@dataclass(frozen=True)
class Difference:
    """Frames of the film that are not what the proof says."""

    first_frame_index: int
    """In the film as it was made."""
    frame_count: int
    """Of the film as it was made; 0 where frames were put in."""
    found_frame_count: int
    """How many stand there now; 0 where frames were taken out."""
    found_index: int
    """Where these stand in the film as it is."""
    shows: str | None = None
    """The piece of the film that stands there now, if it is one."""


def differences(proof: FilmProof, found: Sequence[bytes]) -> list[Difference]:
    """Where the film's frames, by their digests, are not those of the proof; in film order."""
    wanted = [digest for segment in proof.segments for digest in segment.frames]
    begin = _common(wanted, found)
    end = min(_common(wanted[::-1], found[::-1]), len(wanted) - begin, len(found) - begin)
    middle, other = wanted[begin : len(wanted) - end], found[begin : len(found) - end]
    if not middle and not other:
        return []
    places = {tuple(segment.frames): _name(segment) for segment in proof.segments}
    return [
        Difference(
            first_frame_index=begin + was,
            frame_count=was_count,
            found_index=begin + now,
            found_frame_count=now_count,
            shows=places.get(tuple(found[begin + now : begin + now + now_count])),
        )
        for was, was_count, now, now_count in _edits(proof, middle, other, begin)
    ]


def track_differences(proof: FilmProof, found: Sequence[ProvenTrack]) -> list[str]:
    """What is not as it was in the sound and the captions, in words."""
    said = []
    for kind, name in (("audio", "sound"), ("subtitle", "captions")):
        was = [track for track in proof.tracks if track.kind == kind]
        now = [track for track in found if track.kind == kind]
        if was == now:
            continue
        if not now:
            said.append(f"the {name}: taken out")
        elif not was:
            said.append(f"the {name}: put in since")
        else:
            said.append(f"the {name}: altered")
    return said


def _common(one: Sequence[bytes], two: Sequence[bytes]) -> int:
    """How many items from the beginning on are the same."""
    for number, (left, right) in enumerate(zip(one, two, strict=False)):
        if left != right:
            return number
    return min(len(one), len(two))


def _edits(
    proof: FilmProof, middle: Sequence[bytes], other: Sequence[bytes], begin: int
) -> list[_Edit]:
    """The least that was altered, counted from ``begin``."""
    ways: list[list[_Edit]] = []
    if len(middle) == len(other):
        ways.append(list(_in_place(proof, middle, other, begin)))
    if max(len(middle), len(other)) <= _MOST_COMPARED:
        matcher = SequenceMatcher(None, middle, other, autojunk=False)
        ways.append(
            [
                (was, was_end - was, now, now_end - now)
                for tag, was, was_end, now, now_end in matcher.get_opcodes()
                if tag != "equal"
            ]
        )
    whole: list[_Edit] = [(0, len(middle), 0, len(other))]
    return min([*ways, whole], key=lambda edits: sum(max(was, now) for _, was, _, now in edits))


def _in_place(
    proof: FilmProof, middle: Sequence[bytes], other: Sequence[bytes], begin: int
) -> Iterator[_Edit]:
    """Frames were exchanged, none put in or taken out: runs of them, parted where pieces meet."""
    edges = {segment.first_frame_index - begin for segment in proof.segments}
    at = 0
    while at < len(middle):
        end = at
        while end < len(middle) and middle[end] != other[end] and (end == at or end not in edges):
            end += 1
        if end > at:
            yield at, end - at, at, end - at
        at = max(end, at + 1)


def _name(segment: ProvenSegment) -> str:
    return " and ".join(source.clip_id for source in segment.sources) or segment.kind
