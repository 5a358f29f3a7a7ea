"""A clip decoded once and kept small: what all readings of it are made from.

Every frame is averaged down to about 208 pixels across, which is enough for steps, brightness,
motion and colour, and takes noise and coding off. Detail would be lost by that, so sharpness is
taken from the full luma, of the frames at the two ends.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, Colorspace, Interpolation

from longtake.errors import DamagedClip, MediaError
from longtake.media.commands import MAX_PIXELS
from longtake.media.measure.pixels import Floats, Luma, Rgb
from longtake.media.measure.registering import luma_of
from longtake.media.probe import MAX_FRAMES, first_video
from longtake.media.shape import Matrix

ACROSS = 208
"""Pixels across a small picture, about: a quarter of a clip at 480p."""

END_SHARE = 0.15
"""Share of the frames that belongs to each end of a clip (FramePack, arXiv 2504.12626)."""

TAIL_FRAMES = 13
"""Frames at each end, at least, whose sharpness is known: a handover window and one more."""

WALL_SECONDS = 60.0
"""How long the walk through one clip may take."""

_MATRICES = {"bt601": Colorspace.ITU601, "bt709": Colorspace.ITU709}
_UNSPECIFIED = 2
_PLANAR_8_BIT = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"})


@dataclass(frozen=True)
class Samples:
    """Some frames in a row of one clip.

    ``rgb``: uint8 (n, h, w, 3), full range; ``luma``: float32 (n, h, w) in levels, BT.601 of it;
    ``sharpness``: float64 (n,), variance of the Laplacian of the full luma, NaN where it was not
    measured; ``scale``: pixels of the clip for each of a small picture; ``first_frame_index``: the
    clip's frame that is the first of these.
    """

    rgb: Rgb
    luma: Floats
    sharpness: npt.NDArray[np.float64]
    scale: float
    first_frame_index: int = 0

    def __len__(self) -> int:
        return len(self.rgb)

    def part(self, first: int, last: int) -> Samples:
        """The frames ``first`` … ``last - 1`` of these, counted from 0; a view of all of them."""
        chosen = slice(first, last)
        return replace(
            self,
            rgb=self.rgb[chosen],
            luma=self.luma[chosen],
            sharpness=self.sharpness[chosen],
            first_frame_index=self.first_frame_index + first,
        )

    def copied(self) -> Samples:
        """A copy of these frames, so that the memory of the whole clip can be freed."""
        return replace(
            self, rgb=self.rgb.copy(), luma=self.luma.copy(), sharpness=self.sharpness.copy()
        )

    def steps(self) -> npt.NDArray[np.float64]:
        """Mean difference of each frame from the one before it, in levels over RGB; (n - 1,)."""
        changes = (np.abs(now.astype(np.int16) - before) for before, now in pairwise(self.rgb))
        return np.array([change.mean() for change in changes])


def sample_clip(
    clip: Path,
    *,
    first: int = 0,
    count: int | None = None,
    untagged_matrix: Matrix = "bt601",
    sharpness: bool = True,
    wall_seconds: float = WALL_SECONDS,
) -> Samples:
    """Frames ``first`` … ``first + count - 1`` of ``clip`` (0-based; None: to the end), small.

    The clip must have passed ``inspect_clip``: decoding happens in this process. Synchronous; call
    it in a worker thread. Raises DamagedClip when the clip does not decode or has no such frame,
    MediaError when the walk takes longer than ``wall_seconds``.
    """
    last = MAX_FRAMES if count is None else min(first + count, MAX_FRAMES)
    pictures: list[Rgb] = []
    head: list[float] = []
    tail: deque[Luma] = deque(maxlen=TAIL_FRAMES)
    scale = 1.0
    try:
        for frame, claimed in _frames(clip, first, last, wall_seconds):
            width = min(ACROSS, frame.width)
            scale = frame.width / width
            pictures.append(_small(frame, width, untagged_matrix))
            if sharpness:
                ends = end_frame_count(claimed or len(pictures))
                if tail.maxlen != max(TAIL_FRAMES, ends):
                    tail = deque(tail, maxlen=max(TAIL_FRAMES, ends))
                luma = _full_luma(frame)
                tail.append(luma)
                if len(head) < max(TAIL_FRAMES, ends):
                    head.append(laplacian_variance(luma))
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise DamagedClip(f"{clip} does not decode: {error}; fetch it again") from error
    if not pictures:
        raise DamagedClip(f"{clip} has no frame {first}; generate the clip again")
    rgb = np.stack(pictures)
    return Samples(rgb, _luma(rgb), _sharpness(len(rgb), head, tail), scale, first)


def end_frame_count(frame_count: int) -> int:
    """How many frames belong to each end of a clip."""
    return max(1, math.ceil(END_SHARE * frame_count))


def laplacian_variance(luma: npt.NDArray[np.generic]) -> float:
    """Sharpness of (height, width) levels: the variance of the 4-neighbour Laplacian."""
    levels = luma.astype(np.int16)
    around = levels[1:-1, 1:-1] * np.int16(4)
    for nearby in (levels[:-2, 1:-1], levels[2:, 1:-1], levels[1:-1, :-2], levels[1:-1, 2:]):
        around -= nearby
    flat = around.ravel().astype(np.float32)
    mean = float(flat.mean())
    return float(flat @ flat) / flat.size - mean * mean


def _frames(
    clip: Path, first: int, last: int, wall_seconds: float
) -> Iterator[tuple[av.VideoFrame, int]]:
    """Frames and the count that the header claims (0 where it says none)."""
    until = time.monotonic() + wall_seconds
    # An open file instead of a name, and one demuxer: a playlist cannot lead elsewhere.
    with clip.open("rb") as file, av.open(file, "r", format="mov") as container:
        stream = first_video(container.streams.video, clip)
        context = stream.codec_context
        if not 0 < context.width * context.height <= MAX_PIXELS:
            raise ValueError(f"a picture of {context.width}x{context.height} pixels is too large")
        context.options = {"max_pixels": str(MAX_PIXELS), "err_detect": "explode"}
        # One thread, as everywhere: with more, a decoder's error can be lost.
        context.thread_type, context.thread_count = "NONE", 1
        for frame in islice(container.decode(stream), first, last):
            if time.monotonic() > until:
                raise MediaError(
                    f"{clip} took longer than {wall_seconds:g} s to read; "
                    "run again on a less busy machine, or look at the file"
                )
            yield frame, stream.frames


def _small(frame: av.VideoFrame, width: int, untagged_matrix: Matrix) -> Rgb:
    untagged = int(frame.colorspace) == _UNSPECIFIED
    picture = frame.reformat(
        width=width,
        height=max(2, round(frame.height * width / frame.width)),
        format="rgb24",
        src_colorspace=_MATRICES[untagged_matrix] if untagged else None,
        interpolation=Interpolation.AREA,
        threads=1,
    )
    return np.asarray(picture.to_ndarray(), np.uint8)


def _full_luma(frame: av.VideoFrame) -> Luma:
    if frame.format.name in _PLANAR_8_BIT:
        plane = frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)
        return np.array(rows[:, : frame.width])  # a copy: the frame's memory is the decoder's
    grey = frame.reformat(format="gray", dst_color_range=ColorRange.MPEG, threads=1)
    return np.asarray(grey.to_ndarray(), np.uint8)


def _luma(rgb: Rgb) -> Floats:
    return np.stack([luma_of(picture) for picture in rgb])


def _sharpness(count: int, head: list[float], tail: deque[Luma]) -> npt.NDArray[np.float64]:
    known = np.full(count, np.nan)
    known[: len(head)] = head[:count]
    for at, luma in zip(range(count - len(tail), count), tail, strict=True):
        if np.isnan(known[at]):
            known[at] = laplacian_variance(luma)
    return known
