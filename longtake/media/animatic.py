"""An animatic's picture: still pictures, cut and dissolved as the film will be, frame by frame.

Encoded in this process: pictures that stand still cost a millisecond or two a frame.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from longtake.files import whole_file
from longtake.media.film import Segment
from longtake.media.film_commands import TIMESCALE_PER_FPS
from longtake.media.packets import read_packets
from longtake.media.titles import Overlay
from longtake.story import SegmentPlan

_OPTIONS = {"preset": "ultrafast", "crf": "23", "bf": "0", "tune": "stillimage"}


def encode_stills(
    pieces: Sequence[SegmentPlan],
    pictures: Mapping[str, np.ndarray],
    into: Path,
    *,
    fps: int,
    titles: Sequence[Overlay] = (),
) -> Segment:
    """Encode every piece of a film from pictures (RGB, by clip) as one segment; blocking.

    A dissolve goes over as it will in the film: frame k of n is the second picture by
    (k + 1) / (n + 1). ``titles`` lie over all of it.
    """
    height, width = next(iter(pictures.values())).shape[:2]
    base = Fraction(1, fps * TIMESCALE_PER_FPS)
    options = {"video_track_timescale": str(base.denominator)}
    with (
        whole_file(into) as part,
        av.open(str(part), "w", format="mp4", options=options) as container,
    ):
        stream: Any = container.add_stream("libx264", rate=fps, options=_OPTIONS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        stream.codec_context.color_range = 1
        for name in ("colorspace", "color_primaries", "color_trc"):
            setattr(stream.codec_context, name, 1)  # BT.709
        count = 0
        for frame, begins in _frames(pieces, pictures, titles):
            frame.pts, frame.time_base = count, Fraction(1, fps)
            frame.pict_type = (
                av.video.frame.PictureType.I if begins else av.video.frame.PictureType.NONE
            )
            container.mux(stream.encode(frame))
            count += 1
        container.mux(stream.encode())
    return Segment(into, count, read_packets(into))


def _frames(
    pieces: Sequence[SegmentPlan], pictures: Mapping[str, np.ndarray], titles: Sequence[Overlay]
) -> Iterator[tuple[av.VideoFrame, bool]]:
    """Every frame, and whether a piece begins with it; a picture that stays is drawn once."""
    for piece in pieces:
        known: tuple[object, av.VideoFrame] | None = None
        shown = [pictures[clip_id] for clip_id in piece.clip_ids]
        for number in range(piece.frame_count):
            weight = (number + 1) / (piece.frame_count + 1) if len(shown) == 2 else 0.0
            at = piece.first_frame_index + number
            over = [(title, seen) for title in titles if (seen := title.seen(at)) is not None]
            key = weight, [seen for _, seen in over]
            if known is None or known[0] != key:
                mixed = _mixed(shown, weight)
                for title, seen in over:
                    mixed = title.over(mixed, seen)
                known = key, _frame(mixed)
            yield known[1], number == 0


def _mixed(shown: Sequence[np.ndarray], weight: float) -> np.ndarray:
    """The first picture, or as much of the second."""
    if not weight:
        return shown[0]
    mixed: np.ndarray = shown[0] + (shown[1].astype(np.float32) - shown[0]) * weight
    return (mixed + 0.5).astype(np.uint8)


def _frame(picture: np.ndarray) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return frame.reformat(format="yuv420p", dst_colorspace="ITU709")
