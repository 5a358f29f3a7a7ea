"""Writing a timeline by OpenTimelineIO's adapters, and telling what they cannot say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import opentimelineio as otio

from longtake.errors import OperatorError
from longtake.export.cut import TimelineClip
from longtake.export.timeline import Link, timeline_of
from longtake.figures import counted
from longtake.record.proof import FilmProof
from longtake.story import ShownWords

Form = Literal["otio", "edl", "fcpxml"]
FORMS: dict[Form, str] = {"otio": "otio_json", "edl": "cmx_3600", "fcpxml": "fcpx_xml"}
"""The forms, and OpenTimelineIO's adapter for each."""

_TIMECODE_RATES = (24, 25, 30, 48, 50, 60)
"""Whole rates that SMPTE timecode, and so an EDL, can count."""


@dataclass(frozen=True)
class Exported:
    """What was written, and what the form could not say."""

    path: Path
    unsaid: tuple[str, ...]


def write_export(
    proof: FilmProof,
    cuts: Sequence[TimelineClip],
    into: Path,
    form: Form,
    *,
    link: Link,
    sound: Path | None = None,
    captions: Sequence[ShownWords] = (),
    start_seconds: int = 0,
) -> Exported:
    """Write the film as a timeline of that form.

    Raises OperatorError where the form cannot count the film's frames.
    """
    times = _times(proof.fps) if form == "edl" else 1
    timeline = timeline_of(
        proof,
        cuts,
        link=link,
        sound=None if form == "edl" else sound,
        captions=captions,
        start_seconds=start_seconds,
        times=times,
    )
    options: dict[str, Any] = {}
    if form == "edl":
        options["rate"] = proof.fps * times
        _shift(timeline)
    if form == "fcpxml":
        _know_rate(proof.fps)
    content = otio.adapters.write_to_string(timeline, FORMS[form], **options)
    into.parent.mkdir(parents=True, exist_ok=True)
    into.write_text(content, encoding="utf-8")
    return Exported(into, tuple(_unsaid(form, proof, cuts, sound, captions, start_seconds, times)))


def _times(fps: int) -> int:
    """How often each frame is counted so that timecode can count it."""
    times = next((rate // fps for rate in _TIMECODE_RATES if rate % fps == 0), None)
    if times is None:
        raise OperatorError(
            f"an EDL cannot count {fps} frames a second exactly: export `--to otio`, or render at "
            "5, 6, 8, 10, 12, 15, 16, 20 or 24"
        )
    return times


def _shift(timeline: otio.schema.Timeline) -> None:
    """An EDL's record times begin where its first event lies: what comes before is a gap."""
    start = timeline.global_start_time
    if start is not None and start.value:
        zero = otio.opentime.RationalTime(0, start.rate)
        gap = otio.schema.Gap(source_range=otio.opentime.TimeRange(zero, start))
        timeline.tracks[0].insert(0, gap)


def _know_rate(fps: int) -> None:
    """The adapter writes rates out of a table, in which those of Wan are not."""
    table = otio.adapters.from_name(FORMS["fcpxml"]).module().FRAMERATE_FRAMEDURATION
    table.setdefault(fps, f"100/{fps * 100}s")


def _unsaid(
    form: Form,
    proof: FilmProof,
    cuts: Sequence[TimelineClip],
    sound: Path | None,
    captions: Sequence[ShownWords],
    start_seconds: int,
    times: int,
) -> list[str]:
    """What is in the film and not in the file."""
    if form == "otio":
        return []
    said = []
    dissolves = [cut for cut in cuts if cut.join.frames_before or cut.join.frames_after]
    alternatives = sum(len(cut.clip.takes) > 1 for cut in cuts)
    if form == "edl":
        if times > 1:
            rate = proof.fps * times
            said.append(f"the rate: timecode counts {rate} a second, {times} for each frame")
        if sound is not None:
            said.append(f"the sound: lay {sound.name} under the picture, from its first frame on")
        said.append("how long the files are: an EDL has no handles, relink to have them")
    if form == "fcpxml" and dissolves:
        names = ", ".join(
            f"{cut.clip.id} ({cut.join.frames_before + cut.join.frames_after} frames)"
            for cut in dissolves
        )
        said.append(f"the dissolves, which are cuts at their middles: {names}")
    if form == "fcpxml" and start_seconds:
        said.append(f"that the timeline begins at {start_seconds} seconds")
    if alternatives:
        said.append(f"the takes that were not chosen, of {counted(alternatives, 'clip')}")
    if captions:
        said.append("the captions: import the .srt next to it")
    if proof.titles:
        texts = "; ".join(" / ".join(title.text.splitlines()) for title in proof.titles)
        said.append(f"the titles, which are drawn in the film alone: {texts}")
    return said
