"""A camera over a picture that is larger than the frame: it pans, tilts, nears and passes.

Frames are sampled from the picture at three times its size, at the nearest third of a pixel: an odd
factor leaves every pixel of the picture itself among the samples, so that a camera that has not
moved shows exactly the picture. The plain pan needs no samples, only views.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import Interpolation, VideoReformatter

from longtake.emulator.drawing.moves import CameraPath
from longtake.emulator.drawing.pictures import Picture, Plane, Planes, to_planes

FINE = 3
"""Samples for each pixel of the picture, each way."""

SKY_ENDS, GROUND_BEGINS = 0.2, 0.78
"""Shares of the height between which all passes at one speed, so that what stands does not lean."""


@dataclass(frozen=True)
class Margins:
    """Pixels of a picture beyond the frame, even on every side."""

    left: int = 0
    right: int = 0
    top: int = 0
    bottom: int = 0

    @classmethod
    def around(cls, path: CameraPath, width: int, height: int) -> Margins:
        """What a camera sees beyond a frame of that size on its way."""
        spread = np.exp(-path.closer)
        nearby, above = (spread - 1) * width / 2, (spread - 1) * height / 2
        # The sweep is spread over the ground's rows: none less than nothing, none more than all.
        near = path.right + path.sweep
        return cls(
            left=_even(np.max(nearby - np.minimum(path.right, near))),
            right=_even(np.max(nearby + np.maximum(path.right, near))),
            top=_even(np.max(above - path.down)),
            bottom=_even(np.max(above + path.down)),
        )


def _even(pixels: float) -> int:
    return 2 * int(np.ceil(max(float(pixels), 0.0) / 2))


class Canvas:
    """A picture with ``margins`` around the frame that the camera starts from."""

    def __init__(self, picture: Picture, margins: Margins) -> None:
        self._planes = to_planes(picture)
        self._margins = margins
        height, width = picture.shape[:2]
        self._width = width - margins.left - margins.right
        self._height = height - margins.top - margins.bottom

    def frames(self, path: CameraPath) -> Iterator[Planes]:
        """What the camera sees at each moment of ``path``."""
        plain = not (path.down.any() or path.closer.any() or path.sweep.any())
        whole = bool(np.all(path.right == np.round(path.right)))
        for right, down, closer, sweep in zip(
            path.right, path.down, path.closer, path.sweep, strict=True
        ):
            if plain and whole:
                left = self._margins.left + 2 * round(right / 2)
                yield self._planes.view(left, self._width)
            else:
                yield self._seen(right, down, float(np.exp(-closer)), sweep)

    def _seen(self, right: float, down: float, spread: float, sweep: float) -> Planes:
        lumas, blues, reds = self._fine
        place = (self._margins.left + right, self._margins.top + down, spread, sweep)
        return Planes(
            self._sampled(lumas, place, 1),
            self._sampled(blues, place, 2),
            self._sampled(reds, place, 2),
        )

    def _sampled(self, fine: Plane, place: tuple[float, float, float, float], part: int) -> Plane:
        """One plane's frame; ``part`` is 2 for chroma, which has half the pixels."""
        left, top, spread, sweep = place
        width, height = self._width // part, self._height // part
        columns = _samples(left / part, width, spread, fine.shape[1])
        rows = _samples(top / part, height, spread, fine.shape[0])
        if round(sweep * FINE):
            pushed = np.rint(_nearness(height) * sweep / part * FINE).astype(np.intp)
            return _swept(fine, rows, columns, pushed)
        if spread == 1.0:
            return np.ascontiguousarray(
                fine[rows[0] : rows[-1] + 1 : FINE, columns[0] : columns[-1] + 1 : FINE]
            )
        return np.asarray(fine.take(rows, axis=0).take(columns, axis=1))

    @cached_property
    def _fine(self) -> tuple[Plane, Plane, Plane]:
        planes = self._planes
        return _enlarged(planes.luma), _enlarged(planes.blue), _enlarged(planes.red)


def _samples(first: float, count: int, spread: float, samples: int) -> npt.NDArray[np.intp]:
    """Which fine samples ``count`` pixels take that begin at pixel ``first`` of the picture."""
    if spread == 1.0:
        middles = np.arange(count) * FINE + round(first * FINE) + FINE // 2
    else:
        places = first + count / 2 + (np.arange(count) + 0.5 - count / 2) * spread
        middles = np.floor(places * FINE)
    return np.clip(middles, 0, samples - 1).astype(np.intp)


def _swept(
    fine: Plane,
    rows: npt.NDArray[np.intp],
    columns: npt.NDArray[np.intp],
    pushed: npt.NDArray[np.intp],
) -> Plane:
    """The samples at ``rows`` and ``columns``, each row ``pushed`` to the side by so many."""
    seen = np.empty((len(rows), len(columns)), np.uint8)
    turns = [0, *(np.flatnonzero(np.diff(pushed)) + 1), len(rows)]
    even = bool((np.diff(columns) == FINE).all())
    for first, end in pairwise(turns):  # rows that go together
        band, along = fine[rows[first:end]], columns + pushed[first]
        if even and along[0] >= 0 and along[-1] < fine.shape[1]:
            seen[first:end] = band[:, along[0] : along[-1] + 1 : FINE]
        else:
            seen[first:end] = band.take(np.clip(along, 0, fine.shape[1] - 1), axis=1)
    return seen


def _nearness(height: int) -> npt.NDArray[np.float64]:
    """How much of a sweep each row takes: the sky lags behind, the nearest ground runs ahead."""
    down = np.arange(height) / height
    sky = np.clip((SKY_ENDS - down) / SKY_ENDS, 0, 1)
    ground = np.clip((down - GROUND_BEGINS) / (1 - GROUND_BEGINS), 0, 1)
    return np.asarray(ground - 0.4 * sky)


def _enlarged(plane: Plane) -> Plane:
    height, width = plane.shape
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(plane), format="gray")
    large = VideoReformatter().reformat(
        frame,
        width=width * FINE,
        height=height * FINE,
        interpolation=Interpolation.BICUBIC | Interpolation.ACCURATE_RND,
    )
    return np.asarray(large.to_ndarray(), np.uint8)
