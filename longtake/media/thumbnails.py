"""Pictures of clips and films as JPEG, for pages that a person looks at."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import av
from av.video.frame import VideoFrame
from PIL import Image

from longtake.errors import DamagedClip
from longtake.media.measure.pixels import film_frame

JPEG_SCALE = 6
"""The encoder's quantiser, 2 (best) to 31: at 240 pixels' width a thumbnail is 3 to 8 KB."""

JPEG_QUALITY, JPEG_WIDTH = 90, 640
"""Pillow's quality, 1 to 95, and the greatest width of a film's frame, in pixels."""


def frame_as_jpeg(film: Path, frame_index: int, *, fps: int) -> bytes:
    """A frame of a film or segment of longtake's own, with exact colours; blocking.

    Raises DamagedClip where there is none.
    """
    buffer = io.BytesIO()
    picture = Image.fromarray(film_frame(film, frame_index, fps=fps, most_wide=JPEG_WIDTH))
    picture.save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    return buffer.getvalue()


def thumbnail(clip: Path, frame_index: int, *, width: int) -> bytes:
    """Frame ``frame_index`` (0-based) of a checked clip as a JPEG, ``width`` pixels wide.

    A clip that is shorter gives its last frame. Blocking, some 50 ms for the middle of a clip of
    five seconds at 480p. Raises DamagedClip where nothing can be decoded.
    """
    try:
        # One demuxer and one thread, as everywhere: the file cannot lead elsewhere.
        with clip.open("rb") as file, av.open(file, mode="r", format="mov") as container:
            container.streams.video[0].thread_type = "NONE"
            return _jpeg(_nth(container.decode(video=0), frame_index), width)
    except (av.error.FFmpegError, OSError, ValueError, IndexError) as error:
        raise DamagedClip(f"{clip} gives no thumbnail: {error}") from error


def _nth(frames: Iterator[VideoFrame], index: int) -> VideoFrame:
    """The frame at ``index``, or the last one before it."""
    found: VideoFrame | None = None
    for number, frame in enumerate(frames):
        found = frame
        if number >= index:
            break
    if found is None:
        raise ValueError("it has no frame that can be shown")
    return found


def _jpeg(frame: VideoFrame, width: int) -> bytes:
    height = max(2, round(frame.height * width / frame.width / 2) * 2)
    small = frame.reformat(
        width=width,
        height=height,
        format="yuvj420p",
        dst_colorspace="ITU601",  # what a JPEG means by its colours
        dst_color_range="JPEG",
    )
    buffer = io.BytesIO()
    with av.open(buffer, mode="w", format="mjpeg") as picture:
        stream = picture.add_stream("mjpeg", rate=1, options={"qmin": "2", "qmax": "31"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        stream.codec_context.qmin = stream.codec_context.qmax = JPEG_SCALE
        small.pts = None
        picture.mux(stream.encode(small))
        picture.mux(stream.encode(None))
    return buffer.getvalue()
