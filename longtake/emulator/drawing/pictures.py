"""Pictures in and out: decode what a request names, stretch it, turn RGB into video planes."""

from __future__ import annotations

import io
from dataclasses import dataclass

import av
import numpy as np
import numpy.typing as npt
from av.error import FFmpegError
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

Picture = npt.NDArray[np.uint8]
"""RGB, shape (height, width, 3)."""

Plane = npt.NDArray[np.uint8]

# The exact conversions of libswscale; without the flags every hop would darken a little.
_CAREFUL = (
    Interpolation.BICUBIC
    | Interpolation.ACCURATE_RND
    | Interpolation.FULL_CHR_H_INT
    | Interpolation.FULL_CHR_H_INP
)

_DECODERS = (
    (b"\x89PNG\r\n\x1a\n", "png_pipe"),
    (b"\xff\xd8\xff", "jpeg_pipe"),
    (b"RIFF", "webp_pipe"),
    (b"BM", "bmp_pipe"),
    (b"GIF8", "gif"),
)


class NotAPicture(ValueError):
    """The bytes are no picture that the service would read."""


@dataclass(frozen=True)
class Planes:
    """A picture as limited-range BT.601 4:2:0: ``luma`` (h, w), ``blue`` and ``red`` (h/2, w/2)."""

    luma: Plane
    blue: Plane
    red: Plane

    def view(self, left: int, width: int) -> Planes:
        """The columns from ``left`` (even) on; no copy is made."""
        half = slice(left // 2, (left + width) // 2)
        return Planes(self.luma[:, left : left + width], self.blue[:, half], self.red[:, half])


def decode_picture(content: bytes) -> Picture:
    """The picture in ``content`` (PNG, JPEG, WebP, BMP, GIF); raises NotAPicture."""
    decoder = next((name for magic, name in _DECODERS if content.startswith(magic)), None)
    if decoder is None:
        raise NotAPicture("cannot identify image file")
    try:
        with av.open(io.BytesIO(content), "r", format=decoder) as container:
            frame = next(container.decode(video=0))
            return np.asarray(_reformat(frame, "rgb24", frame.width, frame.height).to_ndarray())
    except (FFmpegError, StopIteration, ValueError) as error:
        raise NotAPicture(f"cannot identify image file: {error}") from error


def _reformat(frame: av.VideoFrame, pixels: str, width: int, height: int) -> av.VideoFrame:
    return VideoReformatter().reformat(
        frame,
        width=width,
        height=height,
        format=pixels,
        dst_colorspace=Colorspace.ITU601,
        dst_color_range=ColorRange.MPEG if pixels == "yuv420p" else ColorRange.JPEG,
        interpolation=_CAREFUL,
    )


def stretch(picture: Picture, width: int, height: int) -> Picture:
    """``picture`` at ``width`` x ``height``: stretched, never cropped, as the service does."""
    if picture.shape[:2] == (height, width):
        return picture
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return np.asarray(_reformat(frame, "rgb24", width, height).to_ndarray())


def to_planes(picture: Picture) -> Planes:
    """``picture`` (even sides) as BT.601 limited-range planes."""
    height, width = picture.shape[:2]
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    both: Plane = np.asarray(_reformat(frame, "yuv420p", width, height).to_ndarray(), np.uint8)
    chroma = both[height:].reshape(2, height // 2, width // 2)
    return Planes(both[:height], chroma[0], chroma[1])
