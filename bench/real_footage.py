"""Clips that a model made, out of a folder, as longtake would have been given them.

A folder holds ``NAME.mp4`` or ``NAME.webp``, and where it is known ``NAME.start.png`` or ``.jpg``:
the image that the clip was started from. An image of another shape is cropped at its middle and
scaled, as the services do that do not stretch. Nothing of such a folder belongs to this
repository.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image

from longtake.media.measure.pixels import decode_rgb, write_png

Frames = npt.NDArray[np.uint8]
"""Shape (n, height, width, 3)."""

CLIP_NAMES, START_NAMES = (".mp4", ".webp"), (".start.png", ".start.jpg", ".start.webp")


@dataclass(frozen=True)
class RealClip:
    """One clip as an MP4 file, and the image that it was started from as a PNG of its size."""

    name: str
    path: Path
    sent: Path | None

    def frames(self) -> Frames:
        """All of it, as accurate RGB."""
        return decode_rgb(self.path)


def clips_in(folder: Path, into: Path) -> list[RealClip]:
    """Every clip of ``folder``, in order of name; what is converted is written to ``into``."""
    found = []
    for path in sorted(folder.iterdir()):
        if path.suffix not in CLIP_NAMES or any(path.name.endswith(one) for one in START_NAMES):
            continue
        clip = path
        if path.suffix == ".webp":
            clip = into / f"{path.stem}.mp4"
            write_clip(_animation(path), clip, crf=12)
        found.append(RealClip(path.stem, clip, _start(path, clip, into)))
    return found


def write_clip(frames: Frames, into: Path, *, crf: int = 17, fps: int = 16) -> Path:
    """Encode as a film's segments are; an odd row or column is dropped."""
    height, width = (side // 2 * 2 for side in frames.shape[1:3])
    options = {"crf": str(crf), "preset": "veryfast", "bf": "0", "threads": "1"}
    options["x264-params"] = "mbtree=0"  # else the same frames give other bytes on each run
    with av.open(str(into), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=fps, options=options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for picture in frames[:, :height, :width]:
            shown = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
            container.mux(stream.encode(shown))
        container.mux(stream.encode())
    return into


def fitted(frames: Frames, shape: tuple[int, ...]) -> Frames:
    """Frames (n, h, w, 3) as rows and columns of that many, the nearest ones."""
    rows = np.linspace(0, frames.shape[1] - 1, shape[0]).astype(int)
    columns = np.linspace(0, frames.shape[2] - 1, shape[1]).astype(int)
    return frames[:, rows][:, :, columns]


def _start(path: Path, clip: Path, into: Path) -> Path | None:
    named = (path.with_name(path.stem + ending) for ending in START_NAMES)
    found = next((one for one in named if one.is_file()), None)
    if found is None:
        return None
    height, width = decode_rgb(clip, count=1).shape[1:3]
    png = into / f"{path.stem}.start.png"
    write_png(_filling(Image.open(found).convert("RGB"), width, height), png)
    return png


def _filling(picture: Image.Image, width: int, height: int) -> Frames:
    """The middle of ``picture`` in that shape, scaled to that size."""
    scale = max(width / picture.width, height / picture.height)
    across, down = width / scale, height / scale
    left, top = max(0.0, (picture.width - across) / 2), max(0.0, (picture.height - down) / 2)
    box = (left, top, min(left + across, picture.width), min(top + down, picture.height))
    return np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS, box=box))


def _animation(path: Path) -> Frames:
    with Image.open(path) as picture:
        frames = []
        for at in range(getattr(picture, "n_frames", 1)):
            picture.seek(at)
            frames.append(np.asarray(picture.convert("RGB")))
        return np.stack(frames)
