"""A clip becomes a segment: these frames, evenly, in the film's shape."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest

from longtake.errors import DamagedClip
from longtake.media import Ffmpeg, FilmShape, Side, inspect_clip, normalise
from tests.media.recording import RecordedProgram

Draw = Callable[..., Path]
Make = Callable[..., Awaitable[Path]]
Codes = Callable[[Path], list[int]]

SHAPE = FilmShape(192, 112, 16)


def seconds_shown(clip: Path) -> list[float]:
    with av.open(str(clip)) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


def evenly(frame_count: int, fps: int) -> list[float]:
    return [index / fps for index in range(frame_count)]


async def test_a_segment_holds_exactly_the_frames_that_were_asked_for(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    segment = await normalise(
        Side(draw(), 1), tmp_path / "s.mp4", ffmpeg=ffmpeg, frame_count=17, shape=SHAPE
    )
    assert codes(segment) == list(range(1, 18))
    assert seconds_shown(segment) == evenly(17, 16)


async def test_every_frame_is_kept_whatever_the_clips_own_rate(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    for fps in (8, 24, 30):
        clip = draw(f"{fps}.mp4", fps=fps)
        segment = await normalise(
            Side(clip, 1), tmp_path / "s.mp4", ffmpeg=ffmpeg, frame_count=20, shape=SHAPE
        )
        assert codes(segment) == list(range(1, 21))
        assert seconds_shown(segment) == evenly(20, 16)


async def test_gaps_and_a_late_start_are_not_kept(
    draw: Draw, make: Make, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    uneven = ("-vf", "setpts='(N+40*gt(N,9))/16/TB+3/TB'", "-fps_mode", "passthrough")
    clip = await make("uneven.mp4", "-i", draw(), *uneven)
    segment = await normalise(
        Side(clip, 0), tmp_path / "s.mp4", ffmpeg=ffmpeg, frame_count=21, shape=SHAPE
    )
    assert codes(segment) == list(range(21))
    assert seconds_shown(segment) == evenly(21, 16)


async def test_a_segment_is_tagged_and_silent(
    draw: Draw, make: Make, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    sound = ("-f", "lavfi", "-i", "sine=d=5", "-c:a", "aac")
    clip = await make("loud.mp4", "-i", draw(), *sound, "-c:v", "copy")
    segment = await normalise(
        Side(clip, 0), tmp_path / "s.mp4", ffmpeg=ffmpeg, frame_count=21, shape=SHAPE
    )
    facts = await inspect_clip(segment, ffmpeg=ffmpeg)
    tags = (facts.color_matrix, facts.color_primaries, facts.color_transfer, facts.color_range)
    assert tags == ("bt709", "bt709", "bt709", "tv")
    with av.open(str(segment)) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"


async def test_a_clip_that_is_too_short_is_refused_and_leaves_nothing(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    into = tmp_path / "segments" / "s.mp4"
    with pytest.raises(DamagedClip, match=r"clip\.mp4 has 21 frames, but 22 are needed"):
        await normalise(Side(draw(), 1), into, ffmpeg=ffmpeg, frame_count=21, shape=SHAPE)
    assert list(into.parent.iterdir()) == []


async def test_another_shape_is_padded_not_stretched(
    ffmpeg: Ffmpeg,
    tmp_path: Path,
    encode: Callable[..., Path],
    pictures: Callable[[Path], list[np.ndarray]],
) -> None:
    clip = encode(tmp_path / "square.mp4", [np.full((128, 128, 3), 180, np.uint8)] * 2)
    segment = await normalise(
        Side(clip, 0), tmp_path / "s.mp4", ffmpeg=ffmpeg, frame_count=2, shape=SHAPE
    )
    picture = pictures(segment)[1]
    assert picture.shape == (112, 192, 3)
    assert picture[:, 4:36].max() < 20
    assert picture[:, -36:-4].max() < 20
    assert np.abs(picture[4:-4, 44:-44].astype(int) - 180).max() < 6


async def test_segments_of_all_kinds_of_clips_share_their_coding_parameters(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    clips = [
        draw("plain.mp4"),
        draw("fast.mp4", fps=24, bf="0"),
        draw("small.mp4", width=176, height=96),
        draw("hevc.mp4", codec="libx265", **{"x265-params": "log-level=none"}),
    ]
    headers = set()
    for clip in clips:
        segment = await normalise(
            Side(clip, 1), tmp_path / "s.mp4", ffmpeg=ffmpeg, frame_count=9, shape=SHAPE
        )
        with av.open(str(segment)) as container:
            stream = container.streams.video[0]
            headers.add((stream.codec_context.extradata, stream.time_base))
    assert len(headers) == 1


async def test_the_same_clip_gives_the_same_bytes(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    clip = draw()
    made = [
        await normalise(Side(clip, 1), tmp_path / name, ffmpeg=ffmpeg, frame_count=20, shape=SHAPE)
        for name in ("one.mp4", "two.mp4")
    ]
    assert made[0].read_bytes() == made[1].read_bytes()


async def test_a_cancelled_encode_leaves_neither_process_nor_file(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    clip, into = draw(frame_count=300), tmp_path / "segments" / "s.mp4"
    recorded = RecordedProgram(ffmpeg.path, tmp_path)
    started = asyncio.create_task(recorded.wait_until_started())
    await asyncio.sleep(0)  # the gate is there
    work = asyncio.create_task(
        normalise(
            Side(clip, 0),
            into,
            ffmpeg=replace(ffmpeg, path=recorded.path),
            frame_count=300,
            shape=FilmShape(1280, 720, 16, preset="placebo"),
        )
    )
    await started
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    (pid,) = recorded.pids
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert list(into.parent.iterdir()) == []


@pytest.mark.parametrize(("skip_frames", "frame_count"), [(-1, 9), (0, 0)])
async def test_a_senseless_request_is_a_mistake(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, skip_frames: int, frame_count: int
) -> None:
    side, into = Side(draw(), skip_frames), tmp_path / "s.mp4"
    with pytest.raises(ValueError, match="cannot take"):
        await normalise(side, into, ffmpeg=ffmpeg, frame_count=frame_count, shape=SHAPE)


@pytest.mark.parametrize("wrong", [{"fps": 0}, {"width": 191}, {"height": 3}], ids=str)
def test_no_film_has_an_odd_size_or_no_rate(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"needs even sizes|has a rate"):
        replace(SHAPE, **wrong)
