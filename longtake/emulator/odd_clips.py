"""Clips that no film can be made of, although each is a file that some player opens."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import av
import numpy as np

FPS = 16
FRAMES = 81
WIDE_PIXELS = 16_384


def _encode(codec: str, width: int, height: int, count: int = FRAMES) -> bytes:
    """A grey clip of ``count`` frames in an MP4."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream: Any = container.add_stream(codec, rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for packet in _packets(stream, width, height, count):
            packet.stream = stream
            container.mux(packet)
    return file.getvalue()


def _packets(encoder: Any, width: int, height: int, count: int, first: int = 0) -> list[Any]:
    """``count`` grey frames from index ``first`` on, by a stream or a codec context of PyAV."""
    grey = np.full((height * 3 // 2, width), 128, np.uint8)
    packets: list[Any] = []
    for index in range(first, first + count):
        frame = av.VideoFrame.from_ndarray(grey, format="yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, FPS)
        packets += encoder.encode(frame)
    packets += encoder.encode(None)
    return packets


def _size_change() -> bytes:
    """H.264 whose second half has another size: its parameter sets come in the middle of a file."""
    file = io.BytesIO()
    half = FRAMES // 2
    with av.open(file, "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = 832, 480, "yuv420p"
        packets = _packets(stream, 832, 480, half)
        packets += _packets(_context(416, 240), 416, 240, FRAMES - half, half)
        for packet in packets:
            packet.stream = stream
            container.mux(packet)
    return file.getvalue()


def _context(width: int, height: int) -> Any:
    context: Any = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = width, height, "yuv420p"
    context.time_base, context.framerate = Fraction(1, FPS), Fraction(FPS)
    return context


def _sound_alone() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=48_000)
        silence = np.zeros((1, 48_000), np.float32)
        frame = av.AudioFrame.from_ndarray(silence, format="fltp", layout="mono")
        frame.sample_rate = 48_000
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return file.getvalue()


CLIPS: Mapping[str, Callable[[], bytes]] = {
    "codec": lambda: _encode("mpeg4", 832, 480),
    "size_change": _size_change,
    "wide": lambda: _encode("libx264", WIDE_PIXELS, 16),
    "tiny": lambda: _encode("libx264", 16, 16),
    "one_frame": lambda: _encode("libx264", 832, 480, 1),
    "sound_alone": _sound_alone,
    "no_video": lambda: b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2mp41\0\0\0\x08free",
}
"""What a finished job's address serves, by the fault's ``shape``."""


@functools.lru_cache(maxsize=16)
def odd_clip(shape: str) -> bytes:
    """The file of that shape; the same bytes every time."""
    return CLIPS[shape]()
