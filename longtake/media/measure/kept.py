"""What is kept of a clip that was decoded: who needs one of these frames decodes nothing again.

A clip is decoded whole when it comes, by the check that it is whole. Whatever is measured of it
takes a path or a ``Decoded``; of the latter it takes what was kept, and decodes its file for the
rest, with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from longtake.media.shape import Matrix

Frames = Mapping[int, npt.NDArray[np.uint8]]
"""RGB frames of one size (height, width, 3), by their index in the clip."""


class Sampled(NamedTuple):
    """All frames as ``sample_clip`` takes them, but for luma, which is made of them."""

    rgb: npt.NDArray[np.uint8]
    sharpness: npt.NDArray[np.float64]
    scale: float


@dataclass(frozen=True)
class Decoded:
    """A clip's file, and what is kept of its frames: ``begin`` and ``end`` are a few whole ones.

    ``begin_small`` and ``end_small``: the first and last ones as small as light is followed on.
    """

    path: Path
    untagged_matrix: Matrix
    frame_count: int
    size: tuple[int, int]
    begin: Frames = field(default_factory=dict)
    begin_small: Frames = field(default_factory=dict)
    end: Frames = field(default_factory=dict)
    end_small: Frames = field(default_factory=dict)
    sampled: Sampled | None = None
    averaged: npt.NDArray[np.bool_] | None = None
    """What ``averaged_frames`` says of all frames; None: the file tells."""

    def rgb(
        self, first: int, count: int | None, size: tuple[int, int] | None, untagged_matrix: Matrix
    ) -> npt.NDArray[np.uint8] | None:
        """What ``decode_rgb`` would give; None where not all of it was kept."""
        last = self.frame_count if count is None else min(first + count, self.frame_count)
        found = [self._frame(at, size or self.size) for at in range(first, last)]
        frames = [frame for frame in found if frame is not None]
        if not frames or len(frames) < len(found) or untagged_matrix != self.untagged_matrix:
            return None
        return np.stack(frames)

    def _frame(self, at: int, size: tuple[int, int]) -> npt.NDArray[np.uint8] | None:
        parts = (self.begin, self.end, self.begin_small, self.end_small)
        found = (part[at] for part in parts if at in part)
        return next((frame for frame in found if frame.shape[1::-1] == size), None)

    def without_small(self) -> Decoded:
        """Its whole frames alone, for who follows no light."""
        return replace(self, begin_small={}, end_small={})

    def without_whole(self) -> Decoded:
        """Its small frames alone, for who follows light."""
        return replace(self, begin={}, end={})

    def without_begin(self) -> Decoded:
        """The clip has been compared with what was sent."""
        return replace(self, begin={}, begin_small={})

    def without_end(self) -> Decoded:
        """Its frame has been handed on. The small ones stay: they tell the light before a seam."""
        return replace(self, end={})

    def without_past(self) -> Decoded:
        """The light before the seam behind it is known."""
        return replace(self, end_small={})

    def without_samples(self) -> Decoded:
        """It has been read."""
        return replace(self, sampled=None)

    @property
    def size_bytes(self) -> int:
        """How much memory the frames take."""
        parts = (self.begin, self.begin_small, self.end, self.end_small)
        frames = sum(frame.nbytes for part in parts for frame in part.values())
        return frames + (self.sampled.rgb.nbytes if self.sampled else 0)


ClipFile = Path | Decoded
"""A clip: its file alone, or with what was kept of it."""


def less_of(clip: ClipFile, less: Callable[[Decoded], Decoded]) -> ClipFile:
    """The same without what ``less`` leaves out: so much less is carried to another process."""
    return less(clip) if isinstance(clip, Decoded) else clip


def path_of(clip: ClipFile) -> Path:
    """Where the file lies."""
    return clip.path if isinstance(clip, Decoded) else clip
