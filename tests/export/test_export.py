"""Timelines are read back by the libraries' own readers, frame by frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from longtake.errors import OperatorError
from longtake.export import Form, cut_of, write_export
from longtake.record import RunRecord, TakeRecord
from longtake.record.proof import FilmProof, ProvenTake, Versions, prove_segments
from longtake.story import Finding, Plan, ShownTitle, ShownWords, Storyboard, build_plan
from longtake.story.contract import Observation, finding_of

ADAPTERS = {"otio": "otio_json", "edl": "cmx_3600", "fcpxml": "fcpx_xml"}
STARTS = (0, 3600)


def plan_at(fps: int) -> Plan:
    shots: list[Any] = [
        {"prompt": "a", "seconds": 3, "start": "cut"},
        {"prompt": "b", "seconds": 3, "start": {"dissolve": 1}},
        {"prompt": "c", "seconds": 6, "start": "continue"},
        {"prompt": "d", "seconds": 2, "start": "cut"},
    ]
    data = {
        "title": "Four",
        "look": {"seed": 1, "frames_per_second": fps},
        "scenes": [{"name": "One", "shots": shots}],
    }
    return build_plan(Storyboard.model_validate(data))


def told(plan: Plan) -> tuple[FilmProof, RunRecord]:
    record = RunRecord.of(plan, storyboard="x.yaml", folder="x")
    for clip in record.clips.values():
        clip.file, clip.frame_count = f"clips/{clip.id.replace('/', '-')}.mp4", 97
    first = record.clips["one/1.1"]
    facts = {"seed": 3, "fingerprint": "f"}
    first.takes = [
        TakeRecord(number=1, file=first.file, chosen=True, **facts),
        TakeRecord(number=2, file="clips/one-1.1.take-2.mp4", **facts),
    ]
    seam = "one/2.1 \N{RIGHTWARDS ARROW} one/3.1"
    departed = Observation("size", "832x480", "832x464", holds=False)
    record.findings = [
        Finding(severity="bad", place=seam, rule="step", says="too far", score=2),
        finding_of("one/1.1", departed),  # the service's, and no mark in a cut
    ]
    proof = FilmProof(
        title=plan.title,
        fps=plan.fps,
        width=plan.width,
        height=plan.height,
        frame_count=plan.frame_count,
        emulated=True,
        base_seed=1,
        storyboard_sha256="",
        storyboard=None,
        versions=Versions(longtake="0", ffmpeg="0", av="0", python="0"),
        takes=tuple(ProvenTake.of(clip) for clip in record.clips.values()),
        segments=prove_segments(plan.segments, [[b""]] * len(plan.segments), {}),
        parameter_sets=(),
    )
    return proof, record


def export(folder: Path, fps: int, form: Form, start: int = 0) -> tuple[Any, Plan, tuple[str, ...]]:
    plan = plan_at(fps)
    proof, record = told(plan)
    done = write_export(
        proof,
        cut_of(proof, record),
        folder / f"film.{form}",
        form,
        link=lambda name: name,
        sound=Path("sound/s.m4a"),
        captions=[ShownWords(begin_seconds=1, end_seconds=2, text="Hello")],
        start_seconds=start,
    )
    times = 3 if form == "edl" and fps == 16 else 1
    options = {"rate": fps * times} if form == "edl" else {}
    back = otio.adapters.read_from_file(str(done.path), ADAPTERS[form], **options)
    return back, plan, done.unsaid


def frames_of(back: Any, plan: Plan) -> dict[str, tuple[int, int, int]]:
    """Each clip's place in the film, place in its file, and length, in the film's frames."""
    found = {}
    for clip in back.find_clips():
        if not clip.name.startswith("one/"):
            continue
        source = clip.source_range
        place = clip.transformed_time_range(clip.trimmed_range(), back.tracks)
        numbers = [place.start_time, source.start_time, source.duration]
        values = [one.value * plan.fps / one.rate for one in numbers]
        assert all(value == int(value) for value in values)
        found[clip.name] = tuple(int(value) for value in values)
    return found


def expected(plan: Plan) -> dict[str, tuple[int, int, int]]:
    proof, record = told(plan)
    return {
        cut.clip.id: (cut.first_frame_index, cut.source_index, cut.frame_count)
        for cut in cut_of(proof, record)
    }


def expected_of_edl(plan: Plan, start: int) -> dict[str, tuple[int, int, int]]:
    """In an EDL a clip that comes in by a dissolve begins where the dissolve does."""
    proof, record = told(plan)
    cuts = cut_of(proof, record)
    early = [cut.join.frames_before for cut in cuts]
    return {
        cut.clip.id: (
            start + cut.first_frame_index - before,
            cut.source_index - before,
            cut.frame_count + before - after,
        )
        for cut, before, after in zip(cuts, early, [*early[1:], 0], strict=True)
    }


@pytest.mark.parametrize("fps", [16, 24])
def test_shots_are_cut_where_the_plan_has_them(fps: int) -> None:
    plan = plan_at(fps)
    cuts = expected(plan)
    begins = {shot.clip_ids[0]: shot.first_frame_index for shot in plan.shots}
    assert {name: cuts[name][0] for name in begins} == begins
    assert sum(count for _, _, count in cuts.values()) == plan.frame_count
    # A continued clip leaves out the frame that was handed to it.
    assert cuts["one/3.1"][1] == 1


@pytest.mark.parametrize("form", ["otio", "edl", "fcpxml"])
@pytest.mark.parametrize("fps", [16, 24])
@pytest.mark.parametrize("start", STARTS)
def test_every_clip_is_read_back_at_its_very_frames(
    tmp_path: Path, form: Form, fps: int, start: int
) -> None:
    back, plan, _ = export(tmp_path, fps, form, start)
    wanted = expected_of_edl(plan, start * fps) if form == "edl" else expected(plan)
    assert frames_of(back, plan) == wanted
    if form == "otio":
        assert back.global_start_time.to_seconds() == start


@pytest.mark.parametrize("fps", [16, 24])
def test_an_edl_begins_at_the_hour_that_it_is_given(tmp_path: Path, fps: int) -> None:
    export(tmp_path, fps, "edl", 3600)
    first = next(line for line in (tmp_path / "film.edl").read_text().splitlines() if "001" in line)
    assert first.split()[-2] == "01:00:00:00"


@pytest.mark.parametrize("form", ["otio", "edl"])
@pytest.mark.parametrize("fps", [16, 24])
def test_a_dissolve_lies_over_its_cut(tmp_path: Path, form: Form, fps: int) -> None:
    back, plan, _ = export(tmp_path, fps, form)
    (found,) = [each for each in back.tracks[0] if isinstance(each, otio.schema.Transition)]
    length = found.in_offset + found.out_offset
    assert length.value * plan.fps / length.rate == fps


def test_handles_takes_markers_sound_and_captions_are_in_an_otio_file(tmp_path: Path) -> None:
    back, plan, unsaid = export(tmp_path, 16, "otio")
    assert unsaid == ()
    clips = {clip.name: clip for clip in back.find_clips()}
    first, third = clips["one/1.1"], clips["one/3.1"]
    assert first.available_range().duration.value == 97
    assert sorted(first.media_references()) == ["DEFAULT_MEDIA", "take 2"]
    assert [marker.comment for marker in third.markers] == ["step: too far"]
    assert list(first.markers) == []
    assert [track.kind for track in back.tracks] == ["Video", "Audio"]
    assert back.tracks[1][0].duration().value == plan.frame_count
    (caption,) = back.tracks.markers
    assert (caption.comment, caption.marked_range.start_time.value) == ("Hello", 16)


@pytest.mark.parametrize("form", ["otio", "edl", "fcpxml"])
def test_a_title_is_a_marker_or_is_said_not_to_be_there(tmp_path: Path, form: Form) -> None:
    proof, record = told(plan_at(16))
    title = ShownTitle(
        kind="opening",
        text="The\nfilm",
        begin_seconds=1,
        end_seconds=3,
        fade_in_seconds=0,
        fade_out_seconds=0,
        ground="black",
    )
    proof = proof.model_copy(update={"titles": (title,)})
    into = tmp_path / f"film.{form}"
    done = write_export(proof, cut_of(proof, record), into, form, link=lambda name: name)
    if form != "otio":
        assert "titles" in done.unsaid[-1]
        assert "The / film" in done.unsaid[-1]
        return
    (marker,) = otio.adapters.read_from_file(str(into), ADAPTERS[form]).tracks.markers
    assert (marker.name, marker.comment) == ("title", "The\nfilm")
    assert (marker.marked_range.start_time.value, marker.marked_range.duration.value) == (16, 32)


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ("edl", ("the rate", "the sound", "handles", "takes that were not chosen", "captions")),
        ("fcpxml", ("the dissolves", "3600 seconds", "takes that were not chosen", "captions")),
    ],
)
def test_what_a_form_cannot_say_is_listed(
    tmp_path: Path, form: Form, said: tuple[str, ...]
) -> None:
    _, _, unsaid = export(tmp_path, 16, form, 3600)
    for words, line in zip(said, unsaid, strict=True):
        assert words in line


def test_a_rate_that_timecode_cannot_count_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="cannot count 17 frames"):
        export(tmp_path, 17, "edl")
