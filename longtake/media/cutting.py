"""Pieces of a film that was made before, cut out by copying: what did not change stays encoded."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
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
            copied = _copy(film, part, first_frame_index, len(digests), fps)
            packets = read_packets(part) if copied else None
        except (OSError, av.error.FFmpegError, ValueError, IndexError) as error:
            raise DamagedClip(f"{film} cannot be read: {error}") from error
        if packets is None or packets.digests != tuple(digests) or packets.uneven(fps):
            raise MediaError(f"{film}: frames {first_frame_index} on are not as they were made")
    return Segment(into, len(digests), packets)


def copy_from_key_frame(
    film: Path, into: Path, *, first_frame_index: int, frame_count: int, fps: int
) -> bool:
    """Copy frames of a film or segment, if the first of them is a key frame; else False; blocking.

    Of a file that ends before that fewer frames are copied. Raises DamagedClip for one that cannot
    be read.
    """
    try:
        return _copy(film, into, first_frame_index, frame_count, fps)
    except (OSError, av.error.FFmpegError, ValueError, IndexError) as error:
        raise DamagedClip(f"{film} cannot be read: {error}") from error


def _copy(film: Path, into: Path, first: int, count: int, fps: int) -> bool:
    """Whether the first of these frames is a key frame, from which they can be copied."""
    ticks = TIMESCALE_PER_FPS
    base = Fraction(1, fps * ticks)
    options = {"video_track_timescale": str(fps * ticks)}
    with film.open("rb") as file, av.open(file, "r", format="mov") as source:
        stream = first_video(source.streams.video, film)
        last = stream.index_entries[-1]
        if last.pos + last.size > film.stat().st_size:
            raise ValueError("it is truncated")
        source.seek(first * ticks, stream=stream, backward=True)
        packets = (
            packet
            for packet in source.demux(stream)
            if packet.pts is not None
            and packet.time_base is not None
            and packet.pts * packet.time_base * fps >= first
        )
        wanted = list(islice(packets, count))
        if not wanted or not wanted[0].is_keyframe:
            return False
        with av.open(str(into), "w", format="mp4", options=options) as target:
            out = target.add_stream_from_template(stream)
            out.time_base = base
            for index, packet in enumerate(wanted):
                packet.time_base = base
                packet.pts = packet.dts = index * ticks
                packet.duration = ticks
                packet.stream = out
                target.mux(packet)
    return True
