"""Where an MP4's packets lie, by the file's own tables (ISO/IEC 14496-12, 8.5 to 8.7).

To walk through a long film packet by packet costs more than the packets' digests do; its tables
are read as rows of numbers. Only files that are plain are read so: not in fragments, nothing cut
off by an edit list. Of any other, and of a damaged one, nothing is said: libav decides.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np

from longtake.errors import DamagedClip
from longtake.media.boxes import outer_boxes

KINDS = {b"vide": "video", b"soun": "audio", b"sbtl": "subtitle"}

_MOST_BYTES = 256 << 20
"""Of all tables together."""

Children = dict[bytes, bytes]


class NotPlain(Exception):
    """The file is not of the kind that is read here."""


@dataclass(frozen=True)
class TrackTable:
    """A track's packets in the order of the file's index."""

    kind: str
    """``video``, ``audio`` or ``subtitle``; chapters are texts, and left out."""
    codec: bytes
    """The sample entry's name, such as ``avc1``."""
    configuration: bytes
    """The content of an ``avcC`` box; empty for another codec."""
    size: tuple[int, int]
    """Width and height; (0, 0) for another codec."""
    begins: np.ndarray
    """Each packet's first byte in the file."""
    sizes: np.ndarray
    shown: np.ndarray
    """When each is shown, in ticks."""
    tick: Fraction
    """Seconds."""

    def packets(self, file: BinaryIO) -> Iterator[bytes]:
        """Each packet, out of a file that is open."""
        for begin, size in zip(self.begins.tolist(), self.sizes.tolist(), strict=True):
            file.seek(begin)
            yield file.read(size)

    def runs(self, file: BinaryIO) -> Iterator[bytes]:
        """The same bytes, those that lie together at once."""
        ends = self.begins + self.sizes
        breaks = np.flatnonzero(self.begins[1:] != ends[:-1]) + 1
        firsts = [0, *breaks.tolist()]
        for first, after in zip(firsts, [*firsts[1:], len(ends)], strict=True):
            file.seek(int(self.begins[first]))
            yield file.read(int(ends[after - 1] - self.begins[first]))


def tables_of(path: Path) -> list[TrackTable] | None:
    """The tables of a file's tracks, None for one that is not plain, or is damaged."""
    try:
        outer = list(outer_boxes(path))
        (place,) = [(begin, size) for kind, begin, size in outer if kind == b"moov"]
        if any(kind == b"moof" for kind, _, _ in outer) or place[1] > _MOST_BYTES:
            return None
        with path.open("rb") as file:
            file.seek(place[0])
            movie = file.read(place[1])
        length = path.stat().st_size
        if b"mvex" in dict(_children(movie)):
            return None
        ticks = _timescale(dict(_children(movie))[b"mvhd"])
        tracks = [_table(box, ticks, length) for kind, box in _children(movie) if kind == b"trak"]
    except (NotPlain, DamagedClip, ValueError, KeyError, IndexError, struct.error, OverflowError):
        return None
    return [track for track in tracks if track is not None]


def _children(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, at)
        if size < 8 or at + size > len(content):
            raise NotPlain
        yield kind, content[at + 8 : at + size]
        at += size


def _table(track: bytes, movie_ticks: int, length: int) -> TrackTable | None:
    boxes = dict(_children(track))
    media = dict(_children(boxes[b"mdia"]))
    kind = KINDS.get(media[b"hdlr"][8:12])
    if kind is None:
        return None
    samples = dict(_children(dict(_children(media[b"minf"]))[b"stbl"]))
    codec, configuration, size = _entry(samples[b"stsd"])
    sizes = _sizes(samples[b"stsz"])
    begins = _begins(samples, sizes)
    ticks = _timescale(media[b"mdhd"])
    decoded = _runs(samples[b"stts"], ">u4", len(sizes))
    starts = np.concatenate([[0], np.cumsum(decoded)[:-1]]) if len(sizes) else decoded
    if b"ctts" in samples:
        starts = starts + _runs(samples[b"ctts"], ">i4", len(sizes))
    first, end = _edit(boxes.get(b"edts"), movie_ticks, ticks)
    there = starts < end
    if kind == "video" and not (there & (starts >= first)).all():
        raise NotPlain
    if len(sizes) and int((begins + sizes).max()) > length:
        raise NotPlain
    return TrackTable(
        kind,
        codec,
        configuration,
        size,
        begins[there],
        sizes[there],
        starts[there] - first,
        Fraction(1, ticks),
    )


def _timescale(header: bytes) -> int:
    """Ticks a second, of a movie's or a media header."""
    (ticks,) = struct.unpack_from(">I", header, 20 if header[0] == 1 else 12)
    if not ticks:
        raise NotPlain
    return int(ticks)


def _entry(box: bytes) -> tuple[bytes, bytes, tuple[int, int]]:
    """The one sample entry's name, and how to decode H.264 and how large its picture is."""
    (count,) = struct.unpack_from(">I", box, 4)
    if count != 1:
        raise NotPlain
    ((codec, entry),) = _children(box[8:])
    if codec != b"avc1":
        return codec, b"", (0, 0)
    width, height = struct.unpack_from(">HH", entry, 24)
    return codec, dict(_children(entry[78:]))[b"avcC"], (width, height)


def _sizes(box: bytes) -> np.ndarray:
    same, count = struct.unpack_from(">II", box, 4)
    if same:
        return np.full(count, same, np.int64)
    return np.frombuffer(box, ">u4", count, 12).astype(np.int64)


def _begins(samples: Children, sizes: np.ndarray) -> np.ndarray:
    """Each packet's place: chunks lie anywhere, a chunk's packets one after the other."""
    wide = b"co64" in samples
    box = samples[b"co64" if wide else b"stco"]
    (count,) = struct.unpack_from(">I", box, 4)
    chunks = np.frombuffer(box, ">u8" if wide else ">u4", count, 8).astype(np.int64)
    (rows,) = struct.unpack_from(">I", samples[b"stsc"], 4)
    runs = np.frombuffer(samples[b"stsc"], ">u4", rows * 3, 8).reshape(-1, 3).astype(np.int64)
    lengths = np.diff(np.append(runs[:, 0], count + 1))
    if (lengths < 0).any() or (rows and (runs[0, 0] != 1 or (runs[:, 2] != 1).any())):
        raise NotPlain
    each = np.repeat(runs[:, 1], lengths)
    if int(each.sum()) != len(sizes):
        raise NotPlain
    before = np.concatenate([[0], np.cumsum(sizes)])
    firsts = np.concatenate([[0], np.cumsum(each)[:-1]]) if count else each
    places: np.ndarray = np.repeat(chunks - before[firsts], each) + before[:-1]
    return places


def _runs(box: bytes, form: str, count: int) -> np.ndarray:
    """A table of (how many, value), written out."""
    (rows,) = struct.unpack_from(">I", box, 4)
    table = np.frombuffer(box, form, rows * 2, 8).reshape(-1, 2).astype(np.int64)
    if int(table[:, 0].sum()) != count or (table[:, 0] < 0).any():
        raise NotPlain
    return np.repeat(table[:, 1], table[:, 0])


def _edit(edits: bytes | None, movie_ticks: int, ticks: int) -> tuple[int, int]:
    """Where the track's one edit begins and ends, in ticks: what begins later is not played."""
    if edits is None:
        return 0, 1 << 62
    box = dict(_children(edits))[b"elst"]
    (count,) = struct.unpack_from(">I", box, 4)
    if count != 1:
        raise NotPlain
    length, begin, rate = struct.unpack_from(">QqI" if box[0] == 1 else ">IiI", box, 8)
    if rate != 0x10000 or begin < 0:
        raise NotPlain
    return begin, begin + round(Fraction(length * ticks, movie_ticks))
