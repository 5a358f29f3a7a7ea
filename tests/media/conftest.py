"""Clips whose every frame carries its own index, and every ffmpeg that is here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from longtake.media import Ffmpeg
from longtake.media.binary import find_every_ffmpeg
from longtake.media.run import run

WIDTH, HEIGHT, FRAME_COUNT, FPS = 192, 112, 21, 16
_CELL, _BITS = 16, 10

Draw = Callable[..., Path]
Make = Callable[..., Awaitable[Path]]


@pytest.fixture(
    params=[
        pytest.param(
            found,
            id=found.origin,
            marks=() if found.origin == "wheel" else pytest.mark.thorough,
        )
        for found in find_every_ffmpeg()
    ]
)
def ffmpeg(request: pytest.FixtureRequest) -> Ffmpeg:
    """Each able ffmpeg of this machine in turn; the wheel's is always among them."""
    found: Ffmpeg = request.param
    return found


def barcode(index: int, width: int, height: int) -> np.ndarray:
    """A picture with a gradient below a row of cells that spell ``index`` in binary."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[..., 0] = np.linspace(30, 220, width)[None]
    picture[..., 1] = np.linspace(40, 200, height)[:, None]
    picture[..., 2] = 60 + index % 128
    for bit in range(_BITS):
        picture[:_CELL, bit * _CELL : (bit + 1) * _CELL] = 235 if index >> bit & 1 else 16
    return picture


def read_barcode(picture: np.ndarray) -> int:
    middle = _CELL // 2
    cells = (picture[middle, bit * _CELL + middle].mean() > 126 for bit in range(_BITS))
    return sum(lit << bit for bit, lit in enumerate(cells))


def write_clip(
    into: Path,
    pictures: list[np.ndarray],
    *,
    fps: int = FPS,
    codec: str = "libx264",
    faststart: bool = True,
    **options: str,
) -> Path:
    height, width = pictures[0].shape[:2]
    flags = {"movflags": "+faststart"} if faststart else {}
    with av.open(str(into), "w", format="mp4", options=flags) as container:
        stream: Any = container.add_stream(codec, rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return into


def read_pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.fixture
def draw(tmp_path: Path) -> Draw:
    """Draw a clip of barcodes: untagged H.264 with B-frames, as the service sends them."""

    def draw_clip(
        name: str = "clip.mp4",
        frame_count: int = FRAME_COUNT,
        *,
        width: int = WIDTH,
        height: int = HEIGHT,
        **options: Any,
    ) -> Path:
        pictures = [barcode(index, width, height) for index in range(frame_count)]
        return write_clip(tmp_path / name, pictures, **({"crf": "18"} | options))

    return draw_clip


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Make a file with ffmpeg's own words."""
    program = find_every_ffmpeg()[0].path

    async def make_file(name: str, *words: str | Path) -> Path:
        into = tmp_path / name
        await run([program, "-v", "error", "-y", *map(str, words), str(into)], subject=name)
        return into

    return make_file


@pytest.fixture
def codes() -> Callable[[Path], list[int]]:
    """Read the indexes that the frames of a clip or a picture carry."""
    return lambda path: [read_barcode(picture) for picture in read_pictures(path)]


@pytest.fixture
def pictures() -> Callable[[Path], list[np.ndarray]]:
    """Read the frames of a clip or a picture as RGB arrays, height x width x 3."""
    return read_pictures


@pytest.fixture
def encode() -> Callable[..., Path]:
    """Write pictures as an untagged BT.601 clip."""
    return write_clip
