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
from typing import Any

import av
import numpy as np

from longtake.errors import DamagedClip
from longtake.media.probe import first_video
from longtake.media.tables import TrackTable, tables_of
from longtake.record.proof import DIGEST_BYTES, ProvenTrack

_SPS, _PPS, _DELIMITER = 7, 8, 9  # kinds of NAL unit, ITU-T H.264 table 7-1
_APART = frozenset({_SPS, _PPS, _DELIMITER})
_READ_BYTES = 1 << 20


@dataclass(frozen=True)
class Packets:
    """What a file shows, frame by frame."""

    digests: tuple[bytes, ...]
    """One for each frame in the order of the file, which is that of time: there are no B-frames."""
    parameter_sets: frozenset[str]
    """Digests of what tells a decoder how to read the pictures, wherever in the file it stands."""
    shown: tuple[int | None, ...]
    """When each frame is shown, in ticks; None for one that is not."""
    tick: Fraction
    """Seconds."""
    size: tuple[int, int]
    """Width and height of the picture."""

    def uneven(self, fps: int) -> list[int]:
        """Indexes of frames that are not shown exactly at index / fps."""
        above, below = self.tick.numerator * fps, self.tick.denominator
        return [
            index
            for index, at in enumerate(self.shown)
            if at is None or at * above != index * below
        ]


def read_packets(path: Path) -> Packets:
    """Every frame's digest and time, without decoding; blocking.

    Raises DamagedClip for what is not an MP4 of H.264 as longtake writes it.
    """
    try:
        tables = [table for table in tables_of(path) or () if table.kind == "video"]
        if len(tables) == 1 and tables[0].codec == b"avc1":
            return _by_table(path, tables[0])
        return _by_libav(path)
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise DamagedClip(f"{path} cannot be read to its end: {error}") from error


def _by_table(path: Path, table: TrackTable) -> Packets:
    sets = set(_sets_of_header(table.configuration))
    length_bytes = _length_bytes(table.configuration, path)
    with path.open("rb") as file:
        digests = tuple(_digest(packet, length_bytes, sets) for packet in table.packets(file))
    shown = tuple(table.shown.tolist())
    return Packets(digests, frozenset(sets), shown, table.tick, table.size)


def _by_libav(path: Path) -> Packets:
    digests: list[bytes] = []
    shown: list[int | None] = []
    with (
        path.open("rb") as file,
        av.open(file, mode="r", format="mov", buffer_size=_READ_BYTES) as container,
    ):
        stream = first_video(container.streams.video, path)
        decoder: Any = stream.codec_context  # None where libav knows no such codec
        known = decoder is not None and decoder.name == "h264"
        extradata = decoder.extradata or b"" if known else b""
        length_bytes = _length_bytes(extradata, path)
        sets = set(_sets_of_header(extradata))
        for packet in container.demux(stream):
            if packet.size == 0:
                continue  # the end of the stream
            shown.append(None if packet.is_discard else packet.pts)
            digests.append(_digest(bytes(packet), length_bytes, sets))
        tick, size = stream.time_base or Fraction(0), (stream.width, stream.height)
    return Packets(tuple(digests), frozenset(sets), tuple(shown), tick, size)


def read_tracks(path: Path) -> tuple[ProvenTrack, ...]:
    """The file's sound and caption tracks, each by one digest over its packets; blocking."""
    try:
        tables = tables_of(path)
        return _tracks_by_libav(path) if tables is None else _tracks_by_table(path, tables)
    except (OSError, av.error.FFmpegError, ValueError) as error:
        raise DamagedClip(f"{path} cannot be read to its end: {error}") from error


def _tracks_by_table(path: Path, tables: Sequence[TrackTable]) -> tuple[ProvenTrack, ...]:
    tracks = []
    with path.open("rb") as file:
        for kind in ("audio", "subtitle"):
            for table in tables:
                if table.kind == kind:
                    summed = hashlib.sha256()
                    for run in table.runs(file):
                        summed.update(run)
                    count = int(np.count_nonzero(table.sizes))
                    digest = summed.hexdigest()
                    tracks.append(ProvenTrack(kind=kind, digest=digest, packets=count))
    return tuple(tracks)


def _tracks_by_libav(path: Path) -> tuple[ProvenTrack, ...]:
    with path.open("rb") as file, av.open(file, mode="r", format="mov") as container:
        streams = [*container.streams.audio, *container.streams.subtitles]
        sums = {stream.index: hashlib.sha256() for stream in streams}
        counts = dict.fromkeys(sums, 0)
        for packet in container.demux(streams) if streams else ():
            if packet.size:
                sums[packet.stream.index].update(memoryview(packet))
                counts[packet.stream.index] += 1
        return tuple(
            ProvenTrack(
                kind=each.type, digest=sums[each.index].hexdigest(), packets=counts[each.index]
            )
            for each in streams
        )


def joined(parts: Sequence[Packets]) -> tuple[bytes, ...]:
    """The digests that a film has which is nothing but these files, in order."""
    return tuple(digest for part in parts for digest in part.digests)


def _length_bytes(configuration: bytes, path: Path) -> int:
    """How many bytes tell a unit's length, from the decoder's configuration in the header."""
    if len(configuration) < 7 or configuration[0] != 1:
        raise DamagedClip(f"{path} is no film of longtake's: not H.264 in an MP4")
    return (configuration[4] & 3) + 1


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


def _digest(packet: bytes, length_bytes: int, sets: set[str]) -> bytes:
    """The packet's digest; its parameter sets, which are no part of it, are added to ``sets``."""
    size = len(packet)
    end = length_bytes + int.from_bytes(packet[:length_bytes], "big")
    view = memoryview(packet)
    if end >= size > length_bytes and packet[length_bytes] & 0x1F not in _APART:
        return hashlib.sha256(view[length_bytes:]).digest()[:DIGEST_BYTES]  # nearly every packet
    summed, at = hashlib.sha256(), 0
    while at + length_bytes < size:
        begin = at + length_bytes
        at = begin + int.from_bytes(packet[at:begin], "big")
        kind = packet[begin] & 0x1F
        if kind in (_SPS, _PPS):
            sets.add(_name(packet[begin:at]))
        elif kind != _DELIMITER:
            summed.update(view[begin:at])
    return summed.digest()[:DIGEST_BYTES]


def _name(unit: bytes) -> str:
    return hashlib.sha256(unit).hexdigest()[: 2 * DIGEST_BYTES]
