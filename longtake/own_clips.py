"""Clips of one's own as they are found on disk: how long they are, by what their head says.

Only the head is read here, from an open file and by one demuxer, so that nothing inside can name
another file. Whether all of it can be decoded is the media room's to find out, before anything is
paid for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from av.video.stream import VideoStream

MAX_SECONDS = 60.0
"""The longest clip of one's own: a longer one has to be cut up."""

MAX_RATE = 120
"""Frames a second, at most."""

_HDR_TRANSFERS = (16, 18)  # ITU-T H.273: PQ and HLG


@dataclass(frozen=True)
class OwnHead:
    """What the head of a clip of one's own says; ``trouble`` says why it must not be used."""

    seconds: float = 0.0
    trouble: str | None = None


def read_own_head(path: Path) -> OwnHead:
    """How long a clip is; what is wrong with it is returned, not raised."""
    import av

    try:
        file = path.open("rb")
    except OSError as error:
        return OwnHead(trouble=f"cannot be read: {error.strerror or error}")
    try:
        with file, av.open(file, format="mov") as container:
            pictured = av.stream.Disposition.attached_pic
            streams = [each for each in container.streams.video if not each.disposition & pictured]
            if not streams:
                return OwnHead(trouble="has no picture in it")
            return _head(streams[0])
    except (av.error.FFmpegError, OSError, ValueError) as error:
        return OwnHead(trouble=f"is not a readable MP4 or MOV: {error}")


def _head(stream: VideoStream) -> OwnHead:
    rate = float(stream.average_rate or stream.guessed_rate or 0)
    base = stream.time_base
    seconds = float(stream.duration * base) if stream.duration and base else 0.0
    if rate > MAX_RATE:
        return OwnHead(
            trouble=f"has {rate:g} frames a second, {MAX_RATE} at most: export it slower"
        )
    if rate <= 0 or seconds <= 0:
        says = f"says that it has {rate:g} frames a second for {seconds:g} seconds"
        return OwnHead(trouble=f"{says}: export it as an MP4 with H.264")
    if seconds > MAX_SECONDS:
        return OwnHead(seconds, f"is {seconds:.1f} seconds long, {MAX_SECONDS:g} at most: cut it")
    if int(stream.codec_context.color_trc) in _HDR_TRANSFERS:
        return OwnHead(seconds, "is HDR: export it in SDR (BT.709)")
    return OwnHead(seconds)
