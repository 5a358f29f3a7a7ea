"""A clip becomes a segment: these frames, evenly, in the film's shape."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from longtake.errors import DamagedClip
from longtake.media import Ffmpeg, inspect_clip, normalise
from tests.media.recording import RecordedProgram

Draw = Callable[..., Path]
Make = Callable[..., Awaitable[Path]]
Codes = Callable[[Path], list[int]]

SHAPE: dict[str, Any] = {"width": 192, "height": 112, "fps": 16}


def seconds_shown(clip: Path) -> list[float]:
    with av.open(str(clip)) as container:
        return [float(frame.time) for frame in container.decode(video=0)]


def evenly(frame_count: int, fps: int) -> list[float]:
    return [index / fps for index in range(frame_count)]


async def test_a_segment_holds_exactly_the_frames_that_were_asked_for(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    segment = await normalise(
        draw(), tmp_path / "s.mp4", ffmpeg=ffmpeg, skip_frames=1, frame_count=17, **SHAPE
    )
    assert codes(segment) == list(range(1, 18))
    assert seconds_shown(segment) == evenly(17, 16)


async def test_every_frame_is_kept_whatever_the_clips_own_rate(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    for fps in (8, 24, 30):
        clip = draw(f"{fps}.mp4", fps=fps)
        segment = await normalise(
            clip, tmp_path / "s.mp4", ffmpeg=ffmpeg, skip_frames=1, frame_count=20, **SHAPE
        )
        assert codes(segment) == list(range(1, 21))
        assert seconds_shown(segment) == evenly(20, 16)


async def test_gaps_and_a_late_start_are_not_kept(
    draw: Draw, make: Make, ffmpeg: Ffmpeg, tmp_path: Path, codes: Codes
) -> None:
    uneven = ("-vf", "setpts='(N+40*gt(N,9))/16/TB+3/TB'", "-fps_mode", "passthrough")
    clip = await make("uneven.mp4", "-i", draw(), *uneven)
    segment = await normalise(
        clip, tmp_path / "s.mp4", ffmpeg=ffmpeg, skip_frames=0, frame_count=21, **SHAPE
    )
    assert codes(segment) == list(range(21))
    assert seconds_shown(segment) == evenly(21, 16)


async def test_a_segment_is_tagged_and_silent(
    draw: Draw, make: Make, ffmpeg: Ffmpeg, tmp_path: Path
) -> None:
    sound = ("-f", "lavfi", "-i", "sine=d=5", "-c:a", "aac")
    clip = await make("loud.mp4", "-i", draw(), *sound, "-c:v", "copy")
    segment = await normalise(
        clip, tmp_path / "s.mp4", ffmpeg=ffmpeg, skip_frames=0, frame_count=21, **SHAPE
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
        await normalise(draw(), into, ffmpeg=ffmpeg, skip_frames=1, frame_count=21, **SHAPE)
    assert list(into.parent.iterdir()) == []


async def test_another_shape_is_padded_not_stretched(
    ffmpeg: Ffmpeg,
    tmp_path: Path,
    encode: Callable[..., Path],
    pictures: Callable[[Path], list[np.ndarray]],
) -> None:
    clip = encode(tmp_path / "square.mp4", [np.full((128, 128, 3), 180, np.uint8)] * 2)
    segment = await normalise(
        clip, tmp_path / "s.mp4", ffmpeg=ffmpeg, skip_frames=0, frame_count=2, **SHAPE
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
            clip, tmp_path / "s.mp4", ffmpeg=ffmpeg, skip_frames=1, frame_count=9, **SHAPE
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
        await normalise(
            clip, tmp_path / name, ffmpeg=ffmpeg, skip_frames=1, frame_count=20, **SHAPE
        )
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
            clip,
            into,
            ffmpeg=replace(ffmpeg, path=recorded.path),
            skip_frames=0,
            frame_count=300,
            width=1280,
            height=720,
            fps=16,
            preset="placebo",
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


@pytest.mark.parametrize(
    "wrong", [{"skip_frames": -1}, {"frame_count": 0}, {"fps": 0}, {"width": 191}], ids=str
)
async def test_a_senseless_request_is_a_mistake(
    draw: Draw, ffmpeg: Ffmpeg, tmp_path: Path, wrong: dict[str, int]
) -> None:
    wanted = {"skip_frames": 0, "frame_count": 9} | SHAPE | wrong
    with pytest.raises(ValueError, match=r"cannot take|needs even sizes"):
        await normalise(draw(), tmp_path / "s.mp4", ffmpeg=ffmpeg, **wanted)
