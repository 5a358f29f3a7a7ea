from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from longtake.errors import DamagedClip, MediaError
from longtake.media import Ffmpeg
from longtake.media.binary import find_every_ffmpeg
from longtake.media.frames import extract_frame
from longtake.media.measure import pixels
from tests.media.conftest import FRAME_COUNT, HEIGHT, WIDTH, Draw, read_barcode


def test_frames_come_by_their_index(draw: Draw) -> None:
    frames = pixels.decode_rgb(draw(), first=3, count=4)
    assert frames.shape == (4, HEIGHT, WIDTH, 3)
    assert [read_barcode(frame) for frame in frames] == [3, 4, 5, 6]


def test_without_a_count_all_frames_come(draw: Draw) -> None:
    assert len(list(pixels.iterate_luma(draw(), size=(96, 56)))) == FRAME_COUNT


def test_luma_is_full_range(encode: Callable[..., Path], tmp_path: Path) -> None:
    halves = np.zeros((64, 64, 3), np.uint8)
    halves[:, 32:] = 255
    luma = next(pixels.iterate_luma(encode(tmp_path / "clip.mp4", [halves] * 3, crf="4")))
    assert luma[:, :24].max() <= 2
    assert luma[:, 40:].min() >= 253


async def test_the_colours_are_those_of_the_frame_that_is_handed_over(
    draw: Draw, tmp_path: Path, ffmpeg: Ffmpeg
) -> None:
    clip = draw(crf="0")
    png = await extract_frame(clip, 5, tmp_path / "frame.png", ffmpeg=ffmpeg)
    apart = pixels.decode_rgb(clip, first=5, count=1)[0].astype(int) - pixels.read_png(png)
    assert np.abs(apart).max() <= 1


async def test_untagged_clips_may_be_read_as_bt709(draw: Draw, tmp_path: Path) -> None:
    clip, (ffmpeg, *_) = draw(crf="0"), find_every_ffmpeg()
    png = tmp_path / "frame.png"
    await extract_frame(clip, 2, png, ffmpeg=ffmpeg, untagged_matrix="bt709")
    read = pixels.decode_rgb(clip, first=2, count=1, untagged_matrix="bt709")[0]
    assert np.abs(read.astype(int) - pixels.read_png(png)).max() <= 1
    assert np.abs(read.astype(int) - pixels.decode_rgb(clip, first=2, count=1)[0]).max() > 5


def test_a_png_survives_writing_and_reading(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 256, (36, 50, 3), np.uint8)
    pixels.write_png(picture, tmp_path / "100%d.png")
    assert np.array_equal(pixels.read_png(tmp_path / "100%d.png"), picture)


def test_lab_agrees_with_known_colours() -> None:
    # The CIE Lab values of sRGB's own corners, as every colour table lists them.
    colours = np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0], [0, 0, 255]], np.uint8)
    known = [[100, 0, 0], [0, 0, 0], [53.24, 80.09, 67.20], [32.30, 79.19, -107.86]]
    assert np.allclose(pixels.lab(colours), known, atol=0.05)
    assert np.allclose(pixels.lab(colours.astype(np.float64)), known, atol=0.05)


def test_a_truncated_clip_is_refused(draw: Draw) -> None:
    clip = draw(crf="4")
    clip.write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    with pytest.raises(DamagedClip, match=r"clip\.mp4 does not decode"):
        pixels.decode_rgb(clip)


def test_a_frame_that_is_not_there_is_named(draw: Draw) -> None:
    with pytest.raises(DamagedClip, match="has no frame 21"):
        pixels.decode_rgb(draw(), first=FRAME_COUNT)


def test_a_file_that_is_no_png_is_refused(tmp_path: Path) -> None:
    (tmp_path / "frame.png").write_text("#EXTM3U\n")
    with pytest.raises(MediaError, match="cannot be read as a PNG"):
        pixels.read_png(tmp_path / "frame.png")
