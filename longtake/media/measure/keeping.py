"""Keeping what a clip is asked for later, while it is decoded for the first time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import av

from longtake.media.measure.deflash import WATCHED_FRAMES
from longtake.media.measure.exposures import PAST_FRAMES
from longtake.media.measure.kept import Decoded
from longtake.media.measure.pixels import Converter, Rgb
from longtake.media.measure.samples import Sampler
from longtake.media.measure.tracking import small_size
from longtake.media.shape import Matrix

_Frames = tuple[dict[int, Rgb], dict[int, Rgb]]
"""Whole ones, and small ones."""

Begun = Callable[[Decoded], None]
"""Gets the first frames of a clip that are kept, as soon as the whole ones have come, and again as
soon as all have."""

PAIRED_FRAMES = 2
"""First frames that are compared with what was sent."""


class ToKeep(NamedTuple):
    """What will be asked of a clip that has come."""

    begin: bool
    """Whether it is compared with what was sent."""
    last_frame_index: int | None
    """The frame that is handed on; None where none is, or where it is yet to be chosen."""
    samples: bool
    """Whether the clip is read."""


class Keeper:
    """Takes the frames of one clip in order, and keeps what is ``to_keep`` of them.

    ``begun`` gets the first of them, of a file whose path is not known here.
    """

    def __init__(
        self, to_keep: ToKeep, untagged_matrix: Matrix, begun: Begun | None = None
    ) -> None:
        self._to_keep = to_keep
        self._tell = begun
        self._matrix: Matrix = untagged_matrix
        self._count = 0
        self._size = (0, 0)
        self._sampler: Sampler | None = None
        self._converters: tuple[Converter, Converter] | None = None
        self._begin: _Frames = ({}, {})
        self._end: _Frames = ({}, {})

    def add(self, frame: av.VideoFrame, claimed: int) -> None:
        """The next frame, of a clip that claims to have so many (0: it claims nothing)."""
        if self._converters is None:
            self._size = (frame.width, frame.height)
            self._converters = (
                Converter(frame, "rgb24", None, self._matrix),
                Converter(frame, "rgb24", small_size(*self._size), self._matrix),
            )
            if self._to_keep.samples:
                self._sampler = Sampler(claimed, self._matrix)
        whole, small = self._converters
        self._keep(frame, whole, 0, PAIRED_FRAMES, 0)
        self._keep(frame, small, 1, WATCHED_FRAMES, PAST_FRAMES)
        if self._sampler is not None:
            self._sampler.add(frame)
        self._count += 1
        if self._count in (PAIRED_FRAMES, WATCHED_FRAMES) and self._tell is not None:
            whole_ones, small_ones = (dict(frames) for frames in self._begin)
            came = Decoded(Path(), self._matrix, self._count, self._size, whole_ones, small_ones)
            self._tell(came)

    def kept(self, path: Path) -> Decoded:
        """All of it, of the clip whose file lies there."""
        return Decoded(
            path,
            self._matrix,
            self._count,
            self._size,
            *(*self._begin, *self._end),
            sampled=None if self._sampler is None else self._sampler.sampled(),
        )

    def _keep(
        self, frame: av.VideoFrame, convert: Converter, which: int, first: int, before_last: int
    ) -> None:
        """Keep it if it is one of the ``first``, or no more than so many ``before_last``."""
        last = self._to_keep.last_frame_index
        begins = self._to_keep.begin and self._count < first
        ends = last is not None and 0 <= last - self._count <= before_last
        if begins or ends:
            picture = convert(frame)
            if begins:
                self._begin[which][self._count] = picture
            if ends:
                self._end[which][self._count] = picture
