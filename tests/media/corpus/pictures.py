"""Pictures that carry their own index, and clips of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]

WIDTH, HEIGHT, FPS, FRAME_COUNT = 192, 112, 16, 33
CELL, BITS = 16, 10
"""Side of a cell in pixels, and how many spell an index: black 0, white 1, the lowest first."""

_TEXTURE = np.random.default_rng(11).integers(-28, 28, (HEIGHT, 2 * WIDTH, 1), np.int16)


def draw(index: int, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """A picture with ``index`` in its top row of cells, over light and a texture that moves."""
    y, x = np.mgrid[:height, :width]
    light = np.stack([40 + 160 * x / width, 50 + 130 * y / height, 120 + 0 * x], axis=-1)
    columns = (np.arange(width) + 3 * index) % _TEXTURE.shape[1]
    texture = _TEXTURE[np.arange(height) % HEIGHT][:, columns]
    picture = np.clip(light + texture, 0, 255).astype(np.uint8)
    for bit in range(BITS):
        picture[:CELL, bit * CELL : (bit + 1) * CELL] = 235 if index >> bit & 1 else 16
    return picture


def read_index(picture: Picture) -> int:
    """The index that a picture carries, decoded or not."""
    middle = CELL // 2
    cells = (picture[middle, bit * CELL + middle].mean() > 126 for bit in range(BITS))
    return sum(lit << bit for bit, lit in enumerate(cells))


def write(
    into: Path,
    indexes: Iterable[int] = range(FRAME_COUNT),
    *,
    width: int = WIDTH,
    height: int = HEIGHT,
    codec: str = "libx264",
    pixels: str = "yuv420p",
    times: Sequence[int] | None = None,
    matrix: str | None = None,
    full_range: bool = False,
    index_first: bool = True,
    **options: str,
) -> Path:
    """Encode pictures with those indexes as MP4, untagged unless ``matrix`` is given.

    ``times``: presentation times of the frames in 1/1000 s, for a rate that varies.
    """
    flags = {"movflags": "+faststart"} if index_first else {}
    with av.open(str(into), "w", format="mp4", options=flags) as container:
        stream: Any = container.add_stream(codec, rate=FPS, options={"crf": "18"} | options)
        stream.width, stream.height, stream.pix_fmt = width, height, pixels
        if times is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        if matrix is not None:
            stream.codec_context.colorspace = {"bt709": 1, "bt601": 6}[matrix]
        if full_range:
            stream.codec_context.color_range = 2
        for at, index in enumerate(indexes):
            frame = _frame(draw(index, width, height), pixels, matrix or "bt601", full_range)
            if times is not None:
                frame.pts, frame.time_base = times[at], Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return into


def _frame(picture: Picture, pixels: str, matrix: str, full_range: bool) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
    return frame.reformat(
        format=pixels,
        dst_colorspace={"bt709": "ITU709", "bt601": "ITU601"}[matrix],
        dst_color_range="JPEG" if full_range else "MPEG",
        interpolation="BICUBIC",
    )
