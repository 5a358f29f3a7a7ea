"""A timeline of OpenTimelineIO's, which does all the writing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import opentimelineio as otio
from opentimelineio.opentime import RationalTime, TimeRange

from longtake.export.cut import TimelineClip, total
from longtake.record.proof import FilmProof
from longtake.story import ShownWords

Link = Callable[[str], str]
"""From a file as the run's record names it to the address that the timeline gives."""


def timeline_of(
    proof: FilmProof,
    cuts: Sequence[TimelineClip],
    *,
    link: Link,
    sound: Path | None = None,
    captions: Sequence[ShownWords] = (),
    start_seconds: int = 0,
    times: int = 1,
) -> otio.schema.Timeline:
    """The film: a track of clips with handles and dissolves, its sound, markers for the rest.

    ``times`` counts every frame so many times, for formats that know no rate as low as the film's.
    ``sound`` is the film's sound by itself, ``captions`` what it says.
    """
    rate = proof.fps * times

    def at(frames: int) -> RationalTime:
        return RationalTime(frames * times, rate)

    def span(first: int, count: int) -> TimeRange:
        return TimeRange(at(first), at(count))

    timeline = otio.schema.Timeline(
        proof.title, global_start_time=at(start_seconds * proof.fps), metadata=_facts(proof)
    )
    pictures = otio.schema.Track("picture", kind=otio.schema.TrackKind.Video)
    timeline.tracks.append(pictures)
    for cut in cuts:
        if cut.join.frames_before or cut.join.frames_after:
            pictures.append(
                otio.schema.Transition(
                    f"dissolve to {cut.clip.id}",
                    otio.schema.TransitionTypes.SMPTE_Dissolve,
                    in_offset=at(cut.join.frames_before),
                    out_offset=at(cut.join.frames_after),
                )
            )
        pictures.append(_clip(cut, link, span, proof))
    if sound is not None:
        timeline.tracks.append(_sound(link(sound.as_posix()), span(0, total(cuts))))
    colours = otio.schema.MarkerColor
    shown = [("caption", colours.GREEN, line) for line in captions]
    shown += [("title", colours.CYAN, title) for title in proof.titles]
    for name, colour, words in shown:
        begin, end = (round(one * proof.fps) for one in (words.begin_seconds, words.end_seconds))
        marker = otio.schema.Marker(name, span(begin, max(1, end - begin)), colour)
        marker.comment = words.text
        timeline.tracks.markers.append(marker)
    return timeline


def _clip(
    cut: TimelineClip, link: Link, span: Callable[[int, int], TimeRange], proof: FilmProof
) -> otio.schema.Clip:
    whole = span(0, cut.available_count)
    takes: dict[str, Any] = {}
    for take in cut.clip.takes:
        if take.file and take.file != cut.clip.file:
            takes[f"take {take.number}"] = otio.schema.ExternalReference(
                link(take.file), whole, metadata={"longtake": {"seed": take.seed, "why": take.why}}
            )
    chosen = otio.schema.Clip.DEFAULT_MEDIA_KEY
    references = {chosen: otio.schema.ExternalReference(link(cut.clip.file or ""), whole)} | takes
    clip = otio.schema.Clip(
        cut.clip.id,
        source_range=span(cut.source_index, cut.frame_count),
        metadata={"longtake": _take_facts(cut, proof)},
    )
    clip.set_media_references(references, chosen)
    for says in cut.flagged:
        marker = otio.schema.Marker("seam", span(cut.source_index, 1), otio.schema.MarkerColor.RED)
        marker.comment = says
        clip.markers.append(marker)
    return clip


def _sound(address: str, whole: TimeRange) -> otio.schema.Track:
    track = otio.schema.Track("sound", kind=otio.schema.TrackKind.Audio)
    reference = otio.schema.ExternalReference(address, whole)
    track.append(otio.schema.Clip("sound", reference, whole))
    return track


def _facts(proof: FilmProof) -> dict[str, Any]:
    return {
        "longtake": {
            "base_seed": proof.base_seed,
            "storyboard_sha256": proof.storyboard_sha256,
            "made_by_ai": True,
            "usd": proof.usd,
        }
    }


def _take_facts(cut: TimelineClip, proof: FilmProof) -> dict[str, Any]:
    take = proof.take(cut.clip.id)
    facts = {} if take is None else take.model_dump(mode="json")
    return facts | {"prompt": cut.clip.prompt}
