"""A dissolve has exactly its frames, goes over evenly, and is joined like any other segment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from longtake.errors import DamagedClip
from longtake.media import Ffmpeg, FilmShape, Segment, Side, assemble, inspect_clip, normalise
from longtake.media.dissolving import dissolve
from longtake.story import Calibration, Plan, Storyboard, build_plan

Draw = Callable[..., Path]
Codes = Callable[[Path], list[int]]
Encode = Callable[..., Path]
Pictures = Callable[[Path], list[np.ndarray]]

SHAPE = FilmShape(192, 112, 16)


def flat(level: int, width: int = 192, height: int = 112) -> np.ndarray:
    return np.full((height, width, 3), level, np.uint8)


def lumas(path: Path) -> list[float]:
    """Mean luma of each frame, as it is coded."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [float(frame.to_ndarray()[: frame.height].mean()) for frame in frames]


@pytest.mark.parametrize("frame_count", [1, 2, 15])
async def test_every_frame_is_a_step_of_the_same_size(
    encode: Encode, ffmpeg: Ffmpeg, tmp_path: Path, frame_count: int
) -> None:
    dark = encode(tmp_path / "dark.mp4", [flat(40)] * 21, crf="1")
    light = encode(tmp_path / "light.mp4", [flat(200)] * 21, crf="1")
    ends = lumas(dark)[0], lumas(light)[0]
    made = await dissolve(
        Side(dark, 2),
        Side(light, 0),
        tmp_path / "d.mp4",
        ffmpeg=ffmpeg,
        frame_count=frame_count,
        shape=replace(SHAPE, crf=1),
    )
    weights = [(index + 1) / (frame_count + 1) for index in range(frame_count)]
    wanted = [ends[0] + (ends[1] - ends[0]) * weight for weight in weights]
    assert lumas(made) == pytest.approx(wanted, abs=1)


async def test_the_frames_are_those_that_were_asked_for_of_either_clip(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    """The same frames on both sides: mixed with themselves they are what they were."""
    one, other = draw("one.mp4"), draw("other.mp4")
    made = await dissolve(
        Side(one, 5), Side(other, 5), tmp_path / "d.mp4", ffmpeg=ffmpeg, frame_count=9, shape=SHAPE
    )
    assert codes(made) == list(range(5, 14))
    whole = await normalise(
        Side(one, 5), tmp_path / "s.mp4", ffmpeg=ffmpeg, frame_count=9, shape=SHAPE
    )
    assert made.read_bytes() == whole.read_bytes()


async def test_a_film_with_a_dissolve_has_every_frame_once_and_evenly(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    one, other = draw("one.mp4"), draw("other.mp4")
    shares = [(one, 0, 12), None, (other, 6, 13)]
    segments = []
    for at, share in enumerate(shares):
        into = tmp_path / f"{at}.mp4"
        if share is None:
            sides = Side(one, 12), Side(other, 0)
            await dissolve(*sides, into, ffmpeg=ffmpeg, frame_count=6, shape=SHAPE)
            segments.append(Segment(into, 6))
        else:
            clip, skip, count = share
            await normalise(Side(clip, skip), into, ffmpeg=ffmpeg, frame_count=count, shape=SHAPE)
            segments.append(Segment(into, count))
    facts = await assemble(segments, tmp_path / "film.mp4", ffmpeg=ffmpeg, fps=16)
    assert facts.frame_count == 31
    found = codes(facts.path)
    assert found[:12] == list(range(12))
    assert found[18:] == list(range(6, 19))
    with av.open(str(facts.path)) as container:
        times = [frame.pts * frame.time_base for frame in container.decode(video=0)]
    assert times == [Fraction(index, 16) for index in range(31)]


async def test_a_dissolve_has_the_coding_parameters_of_every_segment(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    clip, small = draw(), draw("small.mp4", width=176, height=96)
    segment = await normalise(
        Side(clip, 0), tmp_path / "s.mp4", ffmpeg=ffmpeg, frame_count=4, shape=SHAPE
    )
    mixed = await dissolve(
        Side(clip, 0), Side(small, 0), tmp_path / "d.mp4", ffmpeg=ffmpeg, frame_count=4, shape=SHAPE
    )
    headers = set()
    for path in (segment, mixed):
        with av.open(str(path)) as container:
            stream = container.streams.video[0]
            headers.add((stream.codec_context.extradata, stream.time_base))
    assert len(headers) == 1
    facts = await inspect_clip(mixed, ffmpeg=ffmpeg)
    assert (facts.color_matrix, facts.color_range) == ("bt709", "tv")


async def test_what_is_undone_in_a_clip_is_undone_in_its_dissolve_too(
    encode: Encode, ffmpeg: Ffmpeg, tmp_path: Path, pictures: Pictures
) -> None:
    clip = encode(tmp_path / "shifted.mp4", [flat(120)] * 9, crf="1")
    halved = Calibration(
        applied=True,
        reason="a test",
        transform=((0.5, 0, 0, 0), (0, 0.5, 0, 0), (0, 0, 0.5, 0)),
    )
    side = Side(clip, 0, calibration=halved)
    made = await dissolve(side, side, tmp_path / "d.mp4", ffmpeg=ffmpeg, frame_count=3, shape=SHAPE)
    assert [picture.mean() for picture in pictures(made)] == pytest.approx([60] * 3, abs=2)


async def test_a_clip_that_is_too_short_is_named_and_nothing_is_left(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    into = tmp_path / "segments" / "d.mp4"
    with pytest.raises(DamagedClip, match=r"short\.mp4 has 21 frames, but 22 are needed"):
        await dissolve(
            Side(draw("long.mp4", 40), 18),
            Side(draw("short.mp4"), 18),
            into,
            ffmpeg=ffmpeg,
            frame_count=4,
            shape=SHAPE,
        )
    assert list(into.parent.iterdir()) == []


def film_plan() -> Plan:
    shots = [
        {"prompt": "a", "seconds": 2},
        {"prompt": "b", "seconds": 2, "start": {"dissolve": 1}},
        {"prompt": "c", "seconds": 1, "start": {"dissolve": 0.5}},
    ]
    data = {"title": "T", "scenes": [{"name": "One", "shots": shots}]}
    return build_plan(Storyboard.model_validate(data), base_seed=1)


async def test_the_segments_of_a_plan_make_the_film_of_the_plan(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    plan = film_plan()
    clips = {clip.id: draw(f"{clip.id[-3:]}.mp4", clip.frame_count) for clip in plan.clips}
    segments = []
    for number, part in enumerate(plan.segments):
        into = tmp_path / f"part-{number}.mp4"
        sides = [Side(clips[source.clip_id], source.skip_frames) for source in part.sources]
        if part.kind == "dissolve":
            await dissolve(*sides, into, ffmpeg=ffmpeg, frame_count=part.frame_count, shape=SHAPE)
        else:
            (side,) = sides
            await normalise(side, into, ffmpeg=ffmpeg, frame_count=part.frame_count, shape=SHAPE)
        segments.append(Segment(into, part.frame_count))
    facts = await assemble(segments, tmp_path / "film.mp4", ffmpeg=ffmpeg, fps=plan.fps)
    assert facts.frame_count == plan.frame_count == 80
    found = codes(facts.path)
    for part in plan.segments:
        if part.kind == "clip":
            first, count = part.first_frame_index, part.frame_count
            skipped = part.sources[0].skip_frames
            assert found[first : first + count] == list(range(skipped, skipped + count))
