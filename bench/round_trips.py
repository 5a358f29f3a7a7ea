"""Ten hops of our decoding and encoding alone: what they do to a photograph."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from longtake.media import Ffmpeg, FilmShape, Side, find_ffmpeg, normalise
from longtake.media.frames import extract_frame
from longtake.media.measure.pixels import lab, read_png, write_png

Rgb = npt.NDArray[np.uint8]

CRFS = {"lossless": 0, "CRF 18": 18}
ROUND_TRIP_LIMITS = {"lossless": 0.9, "CRF 18": 1.6}
"""Mean ΔE2000 after ten hops."""

WIDTH = 832
_FRAMES = 9


@dataclass(frozen=True)
class RoundTrips:
    """How far a photograph has moved; ``bias`` is the mean of each channel, in levels."""

    name: str
    quality: str
    delta_e_2000: float
    bias: tuple[float, float, float]

    def shortfalls(self) -> list[str]:
        """In words, what is beyond its limit."""
        found, limit = [], ROUND_TRIP_LIMITS[self.quality]
        if self.delta_e_2000 > limit:
            found.append(f"{self.name}, {self.quality}: ΔE2000 {self.delta_e_2000:.2f} > {limit}")
        if max(map(abs, self.bias)) >= 1:
            found.append(f"{self.name}, {self.quality}: bias {self.bias}, a level or more")
        return found


async def round_trips(
    name: str, picture: Rgb, quality: str, *, hops: int = 10, ffmpeg: Ffmpeg | None = None
) -> RoundTrips:
    """Picture → clip without loss → segment of that quality → its last frame → and again."""
    from skimage.color import deltaE_ciede2000  # it takes a second to import

    ffmpeg = ffmpeg or find_ffmpeg()
    first = _as_in_a_film(picture)
    height, width = first.shape[:2]
    with tempfile.TemporaryDirectory() as folder:
        png, clip, segment = (Path(folder) / name for name in ("f.png", "c.mp4", "s.mp4"))
        write_png(first, png)
        for _ in range(hops):
            _without_loss(read_png(png), clip)
            await normalise(
                Side(clip, 0),
                segment,
                ffmpeg=ffmpeg,
                frame_count=_FRAMES,
                shape=FilmShape(width, height, 16, crf=CRFS[quality]),
            )
            await extract_frame(segment, _FRAMES - 1, png, ffmpeg=ffmpeg)
        last = read_png(png)
    red, green, blue = (last.astype(float) - first).mean((0, 1))
    apart = float(deltaE_ciede2000(lab(first), lab(last)).mean())
    return RoundTrips(name, quality, apart, (float(red), float(green), float(blue)))


def _as_in_a_film(picture: Rgb) -> Rgb:
    """The photograph as wide as a 480p clip, since halving chroma costs more in smaller ones."""
    height = round(picture.shape[0] * WIDTH / picture.shape[1] / 2) * 2
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return np.asarray(frame.reformat(WIDTH, height, interpolation="BICUBIC").to_ndarray())


def _without_loss(picture: Rgb, into: Path) -> None:
    with av.open(str(into), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264rgb", rate=16, options={"crf": "0"})
        stream.width, stream.height, stream.pix_fmt = picture.shape[1], picture.shape[0], "rgb24"
        for _ in range(_FRAMES):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
