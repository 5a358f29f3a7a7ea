"""Pieces of a film that was made before, cut out by copying: what did not change stays encoded."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av

from longtake.errors import DamagedClip, MediaError
from longtake.files import whole_file
from longtake.media.film import Segment
from longtake.media.film_commands import TIMESCALE_PER_FPS
from longtake.media.packets import read_packets
from longtake.media.probe import first_video


def cut_out(
    film: Path, into: Path, *, first_frame_index: int, digests: Sequence[bytes], fps: int
) -> Segment:
    """Copy frames of a film, from a piece's first one on, into a segment; blocking.

    ``digests`` are what the frames must be. Raises MediaError where they are not, and DamagedClip
    where the film cannot be read.
    """
    with whole_file(into) as part:
        try:
            _copy(film, part, first_frame_index, len(digests), fps)
            packets = read_packets(part)
        except (OSError, av.error.FFmpegError, ValueError) as error:
            raise DamagedClip(f"{film} cannot be read: {error}") from error
        if packets.digests != tuple(digests) or packets.uneven(fps):
            raise MediaError(f"{film}: frames {first_frame_index} on are not as they were made")
    return Segment(into, len(digests), packets)


def _copy(film: Path, into: Path, first: int, count: int, fps: int) -> None:
    ticks = TIMESCALE_PER_FPS
    base = Fraction(1, fps * ticks)
    options = {"video_track_timescale": str(fps * ticks)}
    with (
        film.open("rb") as file,
        av.open(file, "r", format="mov") as source,
        av.open(str(into), "w", format="mp4", options=options) as target,
    ):
        stream = first_video(source.streams.video, film)
        out = target.add_stream_from_template(stream)
        out.time_base = base
        source.seek(first * ticks, stream=stream, backward=True)
        written = 0
        for packet in source.demux(stream):
            if packet.pts is None or packet.time_base is None:
                continue
            index = packet.pts * packet.time_base * fps
            if index < first:
                continue
            if written == count:
                break
            packet.time_base = base
            packet.pts = packet.dts = written * ticks
            packet.duration = ticks
            packet.stream = out
            target.mux(packet)
            written += 1
