"""A film's frames by the digest of their packets: whether two files show the same, undecoded.

A join by copying changes no coded picture. It does put parameter sets in front of a segment's first
packet, so a digest is taken over the packet's other units; the parameter sets are digested one by
one and must be among those of the segments. To read a film so takes about a hundredth of the time
in which it is decoded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.video.stream import VideoStream

from longtake.errors import DamagedClip
from longtake.media.probe import first_video

DIGEST_BYTES = 8
"""Of a frame's SHA-256: enough to tell a million frames apart, short enough to keep for each."""

_SPS, _PPS, _DELIMITER = 7, 8, 9  # kinds of NAL unit, ITU-T H.264 table 7-1
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Track:
    """A sound or caption track: its packets as one digest, and how many there are."""

    kind: str
    """``audio`` or ``subtitle``."""
    digest: str
    packets: int


@dataclass(frozen=True)
class Packets:
    """What a file shows, frame by frame."""

    digests: tuple[bytes, ...]
    """One for each frame in the order of the file, which is that of time: there are no B-frames."""
    parameter_sets: frozenset[str]
    """Digests of what tells a decoder how to read the pictures, wherever in the file it stands."""
    times: tuple[Fraction | None, ...]
    """When each frame is shown, in seconds; None for one that is not."""

    def uneven(self, fps: int) -> list[int]:
        """Indexes of frames that are not shown exactly at index / fps."""
        return [
            index for index, at in enumerate(self.times) if at is None or at != Fraction(index, fps)
        ]


def read_packets(path: Path) -> Packets:
    """Every frame's digest and time, without decoding; blocking.

    Raises DamagedClip for what is not an MP4 of H.264 as longtake writes it.
    """
    digests: list[bytes] = []
    times: list[Fraction | None] = []
    sets: set[str] = set()
    try:
        with (
            path.open("rb") as file,
            av.open(file, mode="r", format="mov", buffer_size=_READ_BYTES) as container,
        ):
            stream = first_video(container.streams.video, path)
            length_bytes = _length_bytes(stream, path)
            base = stream.time_base or Fraction(0)
            sets.update(_sets_of_header(stream.codec_context.extradata or b""))
            for packet in container.demux(stream):
                if packet.size == 0:
                    continue  # the end of the stream
                shown = packet.pts is not None and not packet.is_discard
                times.append(packet.pts * base if shown and packet.pts is not None else None)
                digests.append(_digest(memoryview(packet), length_bytes, sets))
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise DamagedClip(f"{path} cannot be read to its end: {error}") from error
    return Packets(tuple(digests), frozenset(sets), tuple(times))


def read_tracks(path: Path) -> tuple[Track, ...]:
    """The file's sound and caption tracks, each by one digest over its packets; blocking."""
    try:
        with path.open("rb") as file, av.open(file, mode="r", format="mov") as container:
            streams = [*container.streams.audio, *container.streams.subtitles]
            sums = {stream.index: hashlib.sha256() for stream in streams}
            counts = dict.fromkeys(sums, 0)
            for packet in container.demux(streams) if streams else ():
                if packet.size:
                    sums[packet.stream.index].update(memoryview(packet))
                    counts[packet.stream.index] += 1
            return tuple(
                Track(stream.type, sums[stream.index].hexdigest(), counts[stream.index])
                for stream in streams
            )
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise DamagedClip(f"{path} cannot be read to its end: {error}") from error


def joined(parts: Sequence[Packets]) -> tuple[bytes, ...]:
    """The digests that a film has which is nothing but these files, in order."""
    return tuple(digest for part in parts for digest in part.digests)


def _length_bytes(stream: VideoStream, path: Path) -> int:
    """How many bytes tell a unit's length, from the decoder's configuration in the header."""
    extradata = stream.codec_context.extradata or b""
    if stream.codec_context.name != "h264" or len(extradata) < 7 or extradata[0] != 1:
        raise DamagedClip(f"{path} is no film of longtake's: not H.264 in an MP4")
    return (extradata[4] & 3) + 1


def _sets_of_header(extradata: bytes) -> Iterator[str]:
    """Digests of the parameter sets in an avcC box (ISO/IEC 14496-15, 5.3.3.1)."""
    at = 5
    for mask in (0x1F, 0xFF):
        count = extradata[at] & mask if at < len(extradata) else 0
        at += 1
        for _ in range(count):
            size = int.from_bytes(extradata[at : at + 2], "big")
            yield _name(extradata[at + 2 : at + 2 + size])
            at += 2 + size


def _digest(packet: memoryview, length_bytes: int, sets: set[str]) -> bytes:
    """The packet's digest; its parameter sets, which are no part of it, are added to ``sets``."""
    summed, at, size = hashlib.sha256(), 0, len(packet)
    while at + length_bytes < size:
        begin = at + length_bytes
        at = begin + int.from_bytes(packet[at:begin], "big")
        kind = packet[begin] & 0x1F
        if kind in (_SPS, _PPS):
            sets.add(_name(packet[begin:at]))
        elif kind != _DELIMITER:
            summed.update(packet[begin:at])
    return summed.digest()[:DIGEST_BYTES]


def _name(unit: bytes | memoryview) -> str:
    return hashlib.sha256(unit).hexdigest()[: 2 * DIGEST_BYTES]
