"""Frames and pictures as arrays, with exact colours; for measuring, never for the film itself.

Decoding happens in-process by PyAV, so a clip must have passed ``inspect_clip``, which decodes all
of it in a limited process first. Conversion runs through a filter graph with accurate flags: the
quick ways (``to_ndarray(format="rgb24")``) darken by one level at every hop.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import av
import numpy as np
import numpy.typing as npt
from av.filter import Graph
from av.video.stream import VideoStream

from longtake.errors import DamagedClip, MediaError
from longtake.media.commands import ACCURATE, MAX_PIXELS, STILL_MAX_PIXELS
from longtake.media.measure.kept import ClipFile, Decoded, path_of
from longtake.media.probe import MAX_FRAMES
from longtake.media.shape import Matrix

Rgb = npt.NDArray[np.uint8]
"""Shape (height, width, 3), or (frame_count, height, width, 3); full range, sRGB."""

Luma = npt.NDArray[np.uint8]
"""Shape (height, width), or (frame_count, height, width); full range: black is 0, white 255."""

Picture = Path | Rgb
"""A PNG, or what was read of it."""

Floats = npt.NDArray[np.float32]

_PNG = {"compression_level": "1"}
"""A next clip waits for its start image: a sixth of the default level's time for a fifth more."""

# ITU-T H.273 numbers of the matrices that scale takes.
_MATRICES = {1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}
_PC_RANGE = 2
_UNSPECIFIED = 2


def decode_rgb(
    clip: ClipFile,
    *,
    first: int = 0,
    count: int | None = None,
    size: tuple[int, int] | None = None,
    untagged_matrix: Matrix = "bt601",
) -> Rgb:
    """Frames ``first`` … ``first + count - 1`` (0-based) of a clip, (frames, height, width, 3).

    ``count`` None: to the end; fewer come back where the clip is shorter. ``size`` (width, height)
    scales them. Raises DamagedClip when the clip does not decode or has none of these frames.
    """
    if isinstance(clip, Decoded):
        kept = clip.rgb(first, count, size, untagged_matrix)
        if kept is not None:
            return kept
    path = path_of(clip)
    frames = list(
        iterate_rgb(path, first=first, count=count, size=size, untagged_matrix=untagged_matrix)
    )
    if not frames:
        raise DamagedClip(f"{path} has no frame {first}; generate the clip again")
    return np.stack(frames)


def size_of(clip: ClipFile, untagged_matrix: Matrix) -> tuple[int, int]:
    """Width and height of a clip's frames; raises as ``decode_rgb`` does."""
    if isinstance(clip, Decoded):
        return clip.size
    height, width = decode_rgb(clip, count=1, untagged_matrix=untagged_matrix).shape[1:3]
    return width, height


def iterate_rgb(
    path: Path,
    *,
    first: int = 0,
    count: int | None = None,
    size: tuple[int, int] | None = None,
    untagged_matrix: Matrix = "bt601",
) -> Iterator[Rgb]:
    """As ``decode_rgb``, one frame at a time: holds one in memory."""
    return _decoded(path, "rgb24", first, count, size, untagged_matrix)


def film_frame(path: Path, frame_index: int, *, fps: int, most_wide: int) -> Rgb:
    """One frame of a file that longtake encoded itself, at most so many pixels wide.

    Each is shown at index / fps there, so it is decoded from the key frame before. Raises
    DamagedClip where the file has none at that time.
    """
    try:
        with path.open("rb") as file, av.open(file, "r", format="mov") as container:
            stream = _video(container.streams.video)
            _harden(stream, MAX_PIXELS)
            at = round(Fraction(frame_index, fps) / (stream.time_base or 1))
            container.seek(at, stream=stream)
            for frame in container.decode(stream):
                if frame.pts is not None and frame.pts >= at:
                    width = min(frame.width, most_wide)
                    size = (width, 2 * round(frame.height * width / frame.width / 2))
                    return Converter(frame, "rgb24", size, "bt709")(frame)
            raise ValueError(f"it has no frame {frame_index}")
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise DamagedClip(f"{path} does not decode: {error}; make it again") from error


def last_rgb(path: Path, *, untagged_matrix: Matrix = "bt601") -> tuple[Rgb, int]:
    """The last frame as RGB, and its index; raises as ``decode_rgb`` does."""
    frames = deque(enumerate(iterate_rgb(path, untagged_matrix=untagged_matrix)), maxlen=1)
    if not frames:
        raise DamagedClip(f"{path.name} has no frames")
    index, last = frames[0]
    return last, index


def iterate_luma(
    path: Path, *, first: int = 0, count: int | None = None, size: tuple[int, int] | None = None
) -> Iterator[Luma]:
    """As ``iterate_rgb``, but the luma plane alone, (height, width), in levels 0 to 255."""
    return _decoded(path, "gray", first, count, size, "bt601")


def read_png(picture: Picture, *, size: tuple[int, int] | None = None) -> Rgb:
    """A PNG, or what was read of one, as RGB, (height, width, 3); MediaError where it is none."""
    if not isinstance(picture, Path):
        shown = av.VideoFrame.from_ndarray(picture, format="rgb24")
        return picture if size is None else Converter(shown, "rgb24", size, "bt601")(shown)
    path = picture
    try:
        with path.open("rb") as file, av.open(file, "r", format="png_pipe") as container:
            stream = container.streams.video[0]
            _harden(stream, STILL_MAX_PIXELS)
            frame = next(container.decode(stream))
            if size is None and frame.format.name == "rgb24":
                return np.asarray(frame.to_ndarray())  # as it is: no conversion at all
            return Converter(frame, "rgb24", size, "bt601")(frame)
    except (OSError, av.error.FFmpegError, StopIteration, ValueError, IndexError) as error:
        raise MediaError(f"{path} cannot be read as a PNG: {error}; make it again") from error


def write_png(picture: Rgb, into: Path) -> None:
    """Write (height, width, 3) as a lossless PNG that says nothing of gamma or primaries."""
    with av.open(str(into), "w", format="image2pipe") as container:
        stream = container.add_stream("png", rate=1, options=_PNG)
        stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "rgb24"
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        container.mux(stream.encode(frame))
        container.mux(stream.encode())


def lab(rgb: npt.NDArray[Any]) -> Floats:
    """sRGB levels (…, 3), 0 to 255, uint8 or floats, as CIE Lab with the white of D65."""
    x, y, z = np.moveaxis(_curved(rgb), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e(one: npt.NDArray[Any], other: npt.NDArray[Any]) -> Floats:
    """ΔE (CIE76), pixel by pixel, between two RGB arrays of the same shape."""
    first, second = one.reshape(-1, 3), other.reshape(-1, 3)
    apart = np.empty(len(first), np.float32)
    for at in range(0, len(first), _AT_ONCE):
        part = slice(at, at + _AT_ONCE)
        x, y, z = (_curved(first[part]) - _curved(second[part])).T
        apart[part] = np.sqrt((116 * y) ** 2 + (500 * (x - y)) ** 2 + (200 * (y - z)) ** 2)
    return apart.reshape(one.shape[:-1])


def _curved(rgb: npt.NDArray[Any]) -> Floats:
    """X, Y and Z by those of white, and the curve of Lab over them."""
    if rgb.dtype == np.uint8:
        linear = _LINEAR.take(rgb)
    else:
        linear = _to_linear(np.clip(np.asarray(rgb) / 255, 0, 1).astype(np.float32))
    white = linear @ _TO_XYZ
    curved = np.maximum(white, _KNEE)
    np.log(curved, out=curved)  # a third of the time that cbrt takes, and as good in float32
    curved *= np.float32(1 / 3)
    np.exp(curved, out=curved)
    white -= _KNEE
    curved += np.minimum(white, 0, out=white) * _SLOPE  # straight in the dark
    return np.asarray(curved, np.float32)


def _to_linear(share: Floats) -> Floats:
    curve = ((share + np.float32(0.055)) / np.float32(1.055)) ** np.float32(2.4)
    return np.asarray(np.where(share <= 0.04045, share / np.float32(12.92), curve), np.float32)


_LINEAR = _to_linear((np.arange(256) / 255).astype(np.float32))
_AT_ONCE = 1 << 15  # pixels: what a processor's cache holds is worked on faster
_KNEE, _SLOPE = np.float32(216 / 24389), np.float32(24389 / 27 / 116)
# IEC 61966-2-1's matrix, its rows divided by the white point, turned to multiply from the right.
_TO_XYZ = (
    np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
         [0.0193339, 0.1191920, 0.9503041]]
    ) / np.array([[0.95047], [1.0], [1.08883]])
).T.astype(np.float32)  # fmt: skip


class Converter:
    """One filter graph: frames of one shape in, arrays out.

    ``size`` (width, height) scales them; ``untagged_matrix`` is that of frames that name none.
    """

    def __init__(
        self,
        frame: av.VideoFrame,
        pixels: Literal["rgb24", "gray"],
        size: tuple[int, int] | None,
        untagged_matrix: Matrix,
    ) -> None:
        self._shape = (frame.width, frame.height, frame.format.name)
        self._graph = Graph()
        self._graph.threads = 1
        width, height = size or (frame.width, frame.height)
        matrix = _MATRICES.get(int(frame.colorspace), untagged_matrix)
        in_range = "pc" if int(frame.color_range) == _PC_RANGE else "tv"
        input_tags = (
            f":in_color_matrix={matrix}:in_range={in_range}"
            if frame.format.name[:3] == "yuv"
            else ""
        )
        nodes = [
            self._graph.add_buffer(
                width=frame.width,
                height=frame.height,
                format=frame.format,
                time_base=frame.time_base or Fraction(1),
            ),
            # Scale gets the tags instead: a buffer that was opened without them would
            # drop what the frames say.
            self._graph.add("setparams", "colorspace=unknown:range=unknown"),
            self._graph.add("scale", f"{width}:{height}{input_tags}:out_range=pc:flags={ACCURATE}"),
            self._graph.add("format", pixels),
            self._graph.add("buffersink"),
        ]
        self._graph.link_nodes(*nodes).configure()

    def __call__(self, frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
        """The frame's pixels, of 8 bits; ValueError for one of another shape than the first."""
        if (frame.width, frame.height, frame.format.name) != self._shape:
            raise ValueError("the picture changes its size or format within the clip")
        self._graph.vpush(frame)
        return np.asarray(self._graph.vpull().to_ndarray(), np.uint8)


def _decoded(
    path: Path,
    pixels: Literal["rgb24", "gray"],
    first: int,
    count: int | None,
    size: tuple[int, int] | None,
    untagged_matrix: Matrix,
) -> Iterator[npt.NDArray[np.uint8]]:
    last = MAX_FRAMES if count is None else min(first + count, MAX_FRAMES)
    try:
        # An open file instead of a name, and one demuxer: a playlist cannot lead elsewhere.
        with path.open("rb") as file, av.open(file, "r", format="mov") as container:
            stream = _video(container.streams.video)
            _harden(stream, MAX_PIXELS)
            convert: Converter | None = None
            for frame in islice(container.decode(stream), first, last):
                convert = convert or Converter(frame, pixels, size, untagged_matrix)
                yield convert(frame)
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise DamagedClip(f"{path} does not decode: {error}; fetch it again") from error


def _video(streams: tuple[VideoStream, ...]) -> VideoStream:
    """The first stream that is not cover art: what ffmpeg calls ``0:V:0``."""
    for stream in streams:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    raise ValueError("it has no video stream")


def _harden(stream: VideoStream, max_pixels: int) -> None:
    context = stream.codec_context
    if not 0 < context.width * context.height <= max_pixels:
        raise ValueError(f"a picture of {context.width}x{context.height} pixels is too large")
    context.options = {"max_pixels": str(max_pixels), "err_detect": "explode"}
    # One thread, as everywhere: with more, a decoder's error can be lost.
    context.thread_type = "NONE"
    context.thread_count = 1
