"""The corpus: every kind of MP4 that a service may send, good and damaged, small and our own."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from tests.media.corpus.pictures import FPS, FRAME_COUNT, write

ALL = tuple(range(FRAME_COUNT))


@dataclass(frozen=True)
class Sample:
    """A file of the corpus."""

    name: str
    path: Path
    shown: tuple[int, ...]
    """The index that each frame carries, in the order shown; empty where the file is damaged."""

    @property
    def damaged(self) -> bool:
        """Whether the only right answer is an error."""
        return not self.shown


Maker = Callable[["Builder", Path], tuple[int, ...]]
"""Makes a file at the path, and says what it shows; nothing where it is damaged."""


class Builder:
    """Makes the files of one corpus in ``folder``, with ``program`` as ffmpeg for the odd ones."""

    def __init__(self, folder: Path, program: str) -> None:
        self.folder = folder
        self.program = program
        self.plain = write(folder / "_plain.mp4")

    def build(self, names: tuple[str, ...]) -> list[Sample]:
        """The files of those names; see ``GOOD`` and ``DAMAGED``."""
        makers = GOOD | DAMAGED
        samples = []
        for name in names:
            path = self.folder / f"{name.replace(' ', '-')}.mp4"
            samples.append(Sample(name, path, makers[name](self, path)))
        return samples

    def ffmpeg(self, *words: str | Path) -> None:
        """Run ffmpeg with these words; the last one is what it writes."""
        command = [self.program, "-nostdin", "-v", "error", "-y", *map(str, words)]
        subprocess.run(command, check=True, timeout=120)

    def copied(self, *before: str | Path, into: Path, after: tuple[str, ...] = ()) -> None:
        """Copy the plain clip into another container, with options on either side."""
        self.ffmpeg(*before, "-i", self.plain, "-c", "copy", *after, into)


def _written(**options: Any) -> Maker:
    def make(_: Builder, into: Path) -> tuple[int, ...]:
        write(into, **options)
        return ALL

    return make


def _varying(_: Builder, into: Path) -> tuple[int, ...]:
    gaps = np.random.default_rng(2).integers(20, 140, FRAME_COUNT)
    write(into, times=[int(time) for time in np.cumsum(gaps)])
    return ALL


def _gap_before_the_last(_: Builder, into: Path) -> tuple[int, ...]:
    times = [round(1000 * at / FPS) for at in ALL]
    write(into, times=[*times[:-1], times[-1] + 3000])
    return ALL


def _cut_at_the_start(builder: Builder, into: Path) -> tuple[int, ...]:
    write(source := builder.folder / "_no_b.mp4", bf="0")
    builder.ffmpeg("-ss", str(7 / FPS), "-i", source, "-c", "copy", into)
    return ALL[7:]


def _cut_at_the_end(builder: Builder, into: Path) -> tuple[int, ...]:
    """All packets are there, and the edit list shows six frames fewer."""
    builder.copied(into=into, after=("-movie_timescale", str(1000 * FPS)))
    content = bytearray(into.read_bytes())
    # An elst box: size, name, version and flags, count, then duration, media time, rate.
    at = content.index(b"elst") + 12
    (ticks,) = struct.unpack(">I", content[at : at + 4])
    content[at : at + 4] = struct.pack(">I", ticks - 6 * 1000)
    into.write_bytes(content)
    return ALL[:-6]


def _late(builder: Builder, into: Path) -> tuple[int, ...]:
    builder.copied("-itsoffset", "3.7", into=into)
    return ALL


def _with_sound(seconds: float) -> Maker:
    def make(builder: Builder, into: Path) -> tuple[int, ...]:
        sound = ("-f", "lavfi", "-i", f"sine=d={seconds}")
        builder.copied(*sound, into=into, after=("-c:a", "aac"))
        return ALL

    return make


def _fragmented(flags: str) -> Maker:
    def make(builder: Builder, into: Path) -> tuple[int, ...]:
        builder.copied(into=into, after=("-movflags", flags))
        return ALL

    return make


def _cover_art(builder: Builder, into: Path) -> tuple[int, ...]:
    cover = builder.folder / "_cover.png"
    builder.ffmpeg("-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", cover)
    maps = ("-map", "0:v", "-map", "1:v", "-c", "copy", "-disposition:v:0", "attached_pic")
    builder.ffmpeg("-i", cover, "-i", builder.plain, *maps, into)
    return ALL


def _one_frame(_: Builder, into: Path) -> tuple[int, ...]:
    write(into, [5])
    return (5,)


GOOD: dict[str, Maker] = {
    "one key frame with B-frames": _written(g="250", bf="3"),
    "without B-frames": _written(bf="0"),
    "short groups": _written(g="8"),
    "open groups": _written(g="8", bf="3", **{"x264-params": "open-gop=1:scenecut=0"}),
    "index at the end": _written(index_first=False),
    "one frame": _one_frame,
    "edit list cuts the start": _cut_at_the_start,
    "edit list cuts the end": _cut_at_the_end,
    "rate that varies": _varying,
    "gap before the last frame": _gap_before_the_last,
    "late start": _late,
    "sound that lasts longer": _with_sound(8),
    "sound that ends sooner": _with_sound(0.5),
    "fragmented": _fragmented("frag_keyframe+empty_moov"),
    "a fragment for each frame": _fragmented("frag_every_frame+empty_moov+default_base_moof"),
    "cover art": _cover_art,
    "full range": _written(full_range=True),
    "bt709": _written(matrix="bt709"),
    "bt601": _written(matrix="bt601"),
    "4-4-4": _written(pixels="yuv444p"),
    "10 bits": _written(pixels="yuv420p10le"),
    "hevc": _written(codec="libx265", **{"x265-params": "log-level=none"}),
    "hevc 10 bits": _written(
        codec="libx265", pixels="yuv420p10le", **{"x265-params": "log-level=none"}
    ),
    "vp9": _written(codec="libvpx-vp9", deadline="realtime", **{"cpu-used": "8"}),
}
"""Files of which every frame can be had; what each shows comes from its maker."""


def _truncated(share: float, **options: Any) -> Maker:
    def make(_: Builder, into: Path) -> tuple[int, ...]:
        content = write(into, **options).read_bytes()
        into.write_bytes(content[: int(len(content) * share)])
        return ()

    return make


def _between_two_frames(_: Builder, into: Path) -> tuple[int, ...]:
    write(into, bf="0")
    with av.open(str(into)) as container:
        # Read while it is open: an index entry points into the container's own memory.
        end = container.streams.video[0].index_entries[20].pos
    into.write_bytes(into.read_bytes()[:end])
    return ()


def _torn_fragment(builder: Builder, into: Path) -> tuple[int, ...]:
    _fragmented("frag_every_frame+empty_moov+default_base_moof")(builder, into)
    content = into.read_bytes()
    into.write_bytes(content[: content.rindex(b"mdat") + 40])
    return ()


def _corrupt(share: float) -> Maker:
    """Noise over 500 bytes of the pictures, ``share`` of the way through them."""

    def make(_: Builder, into: Path) -> tuple[int, ...]:
        content = bytearray(write(into, crf="8").read_bytes())
        first = content.index(b"mdat") + 4
        start = min(first + int((len(content) - first) * share), len(content) - 500)
        content[start : start + 500] = np.random.default_rng(7).bytes(500)
        into.write_bytes(content)
        return ()

    return make


def _sound_only(builder: Builder, into: Path) -> tuple[int, ...]:
    builder.ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", into)
    return ()


def _holding(content: bytes) -> Maker:
    def make(_: Builder, into: Path) -> tuple[int, ...]:
        into.write_bytes(content)
        return ()

    return make


DAMAGED: dict[str, Maker] = {
    "truncated": _truncated(0.6),
    "truncated in the last frame": _truncated(0.995),
    "truncated between two frames": _between_two_frames,
    "truncated before its index": _truncated(0.7, index_first=False),
    "torn fragment": _torn_fragment,
    "corrupt in the middle": _corrupt(0.4),
    "corrupt at the tail": _corrupt(1.0),
    "sound only": _sound_only,
    "an error page": _holding(b"<!doctype html><title>403 Forbidden</title>"),
    "empty": _holding(b""),
}
"""Files to which the only right answer is an error."""

QUICK = (
    "one key frame with B-frames",
    "open groups",
    "edit list cuts the start",
    "edit list cuts the end",
    "rate that varies",
    "late start",
    "fragmented",
    "cover art",
    "truncated",
    "truncated between two frames",
    "corrupt at the tail",
)
"""Enough of both for every run of the tests; the rest is for the slow ones."""
