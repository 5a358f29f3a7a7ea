"""A clip decoded once and kept small: what all readings of it are made from.

Every frame is averaged down to about 208 pixels across, which is enough for steps, brightness,
motion and colour, and takes noise and coding off. Detail would be lost by that, so sharpness is
taken from the full luma, of the frames at the two ends.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.container import InputContainer
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter
from av.video.stream import VideoStream

from longtake.errors import DamagedClip, MediaError
from longtake.media.commands import MAX_PIXELS
from longtake.media.measure.kept import ClipFile, Decoded, Sampled, path_of
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

USUAL_FRAMES = 100
"""As many frames as the models make at most, about."""

WALL_SECONDS = 60.0
"""How long the walk through one clip may take."""

_LINES = 64  # at once: what a processor's cache holds is worked on faster
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
    clip: ClipFile,
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
    if isinstance(clip, Decoded) and (kept := _kept(clip, first, count, untagged_matrix)):
        return kept
    path = path_of(clip)
    last = MAX_FRAMES if count is None else min(first + count, MAX_FRAMES)
    sampler: Sampler | None = None
    try:
        for frame, claimed in _frames(path, first, last, wall_seconds):
            sampler = sampler or Sampler(claimed, untagged_matrix, sharpness=sharpness)
            sampler.add(frame)
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise DamagedClip(f"{path} does not decode: {error}; fetch it again") from error
    if sampler is None:
        raise DamagedClip(f"{path} has no frame {first}; generate the clip again")
    return _samples(sampler.sampled(), first)


class Sampler:
    """Takes frames in a row and keeps them small, of a clip that claims to have so many, or 0.

    In memory that is asked for once: piece by piece, between a decoder's, it would take much more.
    """

    def __init__(self, claimed: int, untagged_matrix: Matrix, *, sharpness: bool = True) -> None:
        self._matrix: Matrix = untagged_matrix
        self._with_sharpness = sharpness
        self._expected = claimed or USUAL_FRAMES
        self._at_ends = max(TAIL_FRAMES, end_frame_count(self._expected))
        self._count = 0
        self._scale = 1.0
        self._head: list[float] = []
        self._pictures: Rgb = np.empty((0, 0, 0, 3), np.uint8)
        self._lumas: Luma = np.empty((0, 0, 0), np.uint8)
        # One for all frames: each frame's own would be made anew.
        self._reformatter = VideoReformatter()

    def add(self, frame: av.VideoFrame) -> None:
        """The next frame."""
        width = min(ACROSS, frame.width)
        picture = _small(frame, width, self._matrix, self._reformatter)
        if not self._count:
            self._scale = frame.width / width
            self._pictures = np.empty((self._expected, *picture.shape), np.uint8)
        if self._count == len(self._pictures):
            more = np.empty((USUAL_FRAMES, *picture.shape), np.uint8)
            self._pictures = np.concatenate([self._pictures, more])
        self._pictures[self._count] = picture
        if self._with_sharpness:
            self._look_at(_full_luma(frame))
        self._count += 1

    def sampled(self) -> Sampled:
        """All frames that were added; there must be one."""
        known = np.full(self._count, np.nan)
        known[: len(self._head)] = self._head
        if self._with_sharpness:
            for at in range(max(0, self._count - self._at_ends), self._count):
                if np.isnan(known[at]):
                    known[at] = laplacian_variance(self._lumas[at % self._at_ends])
        return Sampled(self._pictures[: self._count], known, self._scale)

    def _look_at(self, luma: Luma) -> None:
        """Sharpness of the first frames; of the last ones once it is known which they are."""
        if not self._count:
            self._lumas = np.empty((self._at_ends, *luma.shape), np.uint8)
        if len(self._head) < self._at_ends:
            self._head.append(laplacian_variance(luma))
        self._lumas[self._count % self._at_ends] = luma


def _kept(clip: Decoded, first: int, count: int | None, untagged_matrix: Matrix) -> Samples | None:
    """All samples of a clip that were kept of it; None where others are asked for."""
    whole = first == 0 and (count is None or count >= clip.frame_count)
    if clip.sampled is None or not whole or untagged_matrix != clip.untagged_matrix:
        return None
    return _samples(clip.sampled, 0)


def _samples(sampled: Sampled, first: int) -> Samples:
    luma = np.empty(sampled.rgb.shape[:3], np.float32)
    for at, picture in enumerate(sampled.rgb):
        luma[at] = luma_of(picture)
    return Samples(sampled.rgb, luma, sampled.sharpness, sampled.scale, first)


def end_frame_count(frame_count: int) -> int:
    """How many frames belong to each end of a clip."""
    return max(1, math.ceil(END_SHARE * frame_count))


def laplacian_variance(luma: npt.NDArray[np.generic]) -> float:
    """Sharpness of (height, width) levels: the variance of the 4-neighbour Laplacian."""
    total, squares = 0.0, 0.0
    for top in range(0, luma.shape[0] - 2, _LINES):
        levels = luma[top : top + _LINES + 2].astype(np.int16)
        around = levels[1:-1, 1:-1] * np.int16(4)
        for nearby in (levels[:-2, 1:-1], levels[2:, 1:-1], levels[1:-1, :-2], levels[1:-1, 2:]):
            around -= nearby
        flat = around.ravel().astype(np.float32)
        total, squares = total + float(flat.sum()), squares + float(flat @ flat)
    count = float((luma.shape[0] - 2) * (luma.shape[1] - 2))
    return squares / count - (total / count) ** 2


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
        passed = _seek(container, stream, first)
        for frame in islice(container.decode(stream), first - passed, last - passed):
            if time.monotonic() > until:
                raise MediaError(
                    f"{clip} took longer than {wall_seconds:g} s to read; "
                    "run again on a less busy machine, or look at the file"
                )
            yield frame, stream.frames


def _seek(container: InputContainer, stream: VideoStream, first: int) -> int:
    """Go to the last key frame up to frame ``first``, as the index has it; returns its index.

    Where frames are not shown in the order of the index, decoding begins at frame 0.
    """
    if not first or stream.codec_context.has_b_frames:
        return 0
    entries = list(islice(stream.index_entries, first + 1))
    keys = [at for at, entry in enumerate(entries) if entry.is_keyframe]
    if not keys or keys[-1] == 0:
        return 0
    container.seek(entries[keys[-1]].timestamp, stream=stream, backward=True)
    return keys[-1]


def _small(
    frame: av.VideoFrame, width: int, untagged_matrix: Matrix, reformatter: VideoReformatter
) -> Rgb:
    untagged = int(frame.colorspace) == _UNSPECIFIED
    picture = reformatter.reformat(
        frame,
        width=width,
        height=max(2, round(frame.height * width / frame.width)),
        format="rgb24",
        src_colorspace=_MATRICES[untagged_matrix] if untagged else None,
        interpolation=Interpolation.AREA,
        threads=1,
    )
    return np.asarray(picture.to_ndarray(), np.uint8)


def _full_luma(frame: av.VideoFrame) -> Luma:
    """In the frame's own memory, where it is of 8 bits."""
    if frame.format.name in _PLANAR_8_BIT:
        plane = frame.planes[0]
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(frame.height, plane.line_size)
        return np.asarray(rows[:, : frame.width])
    grey = frame.reformat(format="gray", dst_color_range=ColorRange.MPEG, threads=1)
    return np.asarray(grey.to_ndarray(), np.uint8)
