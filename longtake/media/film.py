"""Assembly: segments become the film by copying, so that its length costs almost nothing.

Only segments made by ``normalise`` with the same size and fps may be joined so. That the film is
their sum is proven by the digest of every frame's packet (``packets.py``), without decoding.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import anyio.to_thread

from longtake.errors import MediaError
from longtake.files import whole_file
from longtake.media import film_commands
from longtake.media.binary import Ffmpeg
from longtake.media.packets import Packets, joined, read_packets, read_tracks
from longtake.media.probe import read_header
from longtake.media.run import Limits, run
from longtake.record.proof import ProvenTrack

_CHAPTER_TITLE_BYTES = 255
"""What the MP4 chapter list holds; a longer title would be cut inside a character."""

_FIX = "normalise the clips again and repeat the assembly"


@dataclass(frozen=True)
class Segment:
    """A normalised clip and the frames that it holds."""

    path: Path
    frame_count: int
    packets: Packets | None = None
    """What was in it when it was made; None: what is in it when it is joined."""


@dataclass(frozen=True)
class Chapter:
    """A mark in the film; frame indexes count from 0 over the whole film."""

    title: str
    first_frame_index: int
    frame_count: int


@dataclass(frozen=True)
class CaptionTrack:
    """A caption track for the film: an SRT file, and its language (ISO 639-2, ``eng``)."""

    path: Path
    language: str = "und"


@dataclass(frozen=True)
class FilmFacts:
    """The film as it was verified after the join."""

    path: Path
    width: int
    height: int
    frame_count: int
    fps: int
    seconds: float
    size_bytes: int
    packets: tuple[Packets, ...] = field(default=(), repr=False)
    """What each segment was found to hold; the film is exactly that."""
    tracks: tuple[ProvenTrack, ...] = ()
    """Sound and captions."""


async def assemble(
    segments: Sequence[Segment],
    into: Path,
    *,
    ffmpeg: Ffmpeg,
    fps: int,
    chapters: Sequence[Chapter] = (),
    title: str = "",
    comment: str = "",
    sound: Path | None = None,
    captions: CaptionTrack | None = None,
    seal: Callable[[FilmFacts], bytes] | None = None,
) -> FilmFacts:
    """Join the segments in order into an MP4 at ``into`` and verify it before it appears there.

    The film has chapters, title and comment, and its index stands first (faststart). ``sound`` (an
    MP4 of AAC) and ``captions`` become tracks. Every frame's packet and timestamp is compared
    afterwards; ``seal`` then makes of the facts what is put behind the film. Raises MediaError, and
    leaves no file, for segments that do not fit together and for a film that is not exactly their
    sum.
    """
    if not segments:
        raise ValueError("a film needs at least one segment")
    packets = await anyio.to_thread.run_sync(_packets_of, segments)
    _check(segments, packets)
    frame_count = sum(segment.frame_count for segment in segments)
    limits = _limits([*(one.path for one in segments), *([sound] if sound else [])], frame_count)
    with whole_file(into) as part:
        with tempfile.TemporaryDirectory(dir=into.parent, prefix=".join-") as folder:
            listing, texts = Path(folder, "segments.ffconcat"), Path(folder, "texts.ffmetadata")
            _write(listing, join_list(segments, fps=fps))
            _write(texts, film_texts(title, comment, chapters, fps=fps).encode("utf-8"))
            command = film_commands.assemble(
                ffmpeg.path,
                listing,
                texts,
                part,
                fps=fps,
                sound=sound,
                captions=(captions.path, captions.language) if captions else None,
            )
            await run(command, subject=f"assembling {into}", limits=limits)
        facts = await _verified(part, into, fps, packets, limits)
        return await anyio.to_thread.run_sync(_sealed, part, facts, seal) if seal else facts


def join_list(segments: Sequence[Segment], *, fps: int) -> bytes:
    """The concat demuxer's list; exact durations, without which every join is half a tick late."""
    lines = [b"ffconcat version 1.0"]
    for segment in segments:
        path = os.fsencode(segment.path.absolute())
        if b"\n" in path:
            raise MediaError(f"{segment.path!r} has a line break in its path; rename the folder")
        microseconds = Fraction(segment.frame_count * 1_000_000, fps)
        lines.append(b"file '" + path.replace(b"'", b"'\\''") + b"'")
        lines.append(f"duration {float(microseconds) / 1e6:.6f}".encode())
    return b"\n".join(lines) + b"\n"


def film_texts(title: str, comment: str, chapters: Sequence[Chapter], *, fps: int) -> str:
    """The film's title, comment and chapters as an FFMETADATA file."""
    lines = [";FFMETADATA1"]
    lines += [f"{key}={_escaped(text)}" for key, text in (("title", title), ("comment", comment))]
    for chapter in chapters:
        short = chapter.title.encode("utf-8")[:_CHAPTER_TITLE_BYTES].decode("utf-8", "ignore")
        end = chapter.first_frame_index + chapter.frame_count
        lines += ["[CHAPTER]", f"TIMEBASE=1/{fps}", f"START={chapter.first_frame_index}"]
        lines += [f"END={end}", f"title={_escaped(short)}"]
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    # MP4 texts end at a NUL, and ffmpeg's reader at a lone carriage return.
    plain = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return re.sub(r"([=;#\\\n])", r"\\\1", plain)


def _limits(paths: Sequence[Path], frame_count: int) -> Limits:
    """What copying a film of this length may use."""
    size_bytes = sum(path.stat().st_size for path in paths)
    return Limits(
        wall_seconds=300.0 + frame_count / 10,
        cpu_seconds=120 + frame_count // 20,
        file_bytes=size_bytes * 2 + (64 << 20),
    )


def _packets_of(segments: Sequence[Segment]) -> list[Packets]:
    return [one.packets or read_packets(one.path) for one in segments]


def _check(segments: Sequence[Segment], packets: Sequence[Packets]) -> None:
    """Refuse segments that a copying join would silently spoil."""
    width, height = packets[0].size
    for segment, found in zip(segments, packets, strict=True):
        if len(found.digests) != segment.frame_count:
            raise MediaError(
                f"{segment.path} has {len(found.digests)} frames instead of "
                f"{segment.frame_count}; {_FIX}"
            )
        if found.size != (width, height):
            raise MediaError(
                f"{segment.path} is {found.size[0]}x{found.size[1]}, the film is "
                f"{width}x{height}; {_FIX}"
            )


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


async def _verified(
    part: Path, into: Path, fps: int, packets: Sequence[Packets], limits: Limits
) -> FilmFacts:
    header = await read_header(part, max_bytes=limits.file_bytes)
    found = await anyio.to_thread.run_sync(read_packets, part)
    _compare(into, found, packets, fps)
    frame_count = len(found.digests)
    return FilmFacts(
        path=into,
        width=header.width,
        height=header.height,
        frame_count=frame_count,
        fps=fps,
        seconds=frame_count / fps,
        size_bytes=header.size_bytes,
        packets=tuple(packets),
        tracks=await anyio.to_thread.run_sync(read_tracks, part),
    )


def _compare(into: Path, found: Packets, packets: Sequence[Packets], fps: int) -> None:
    """Raise MediaError where the film is not the sum of its segments, frame by frame."""
    wanted = joined(packets)
    if len(found.digests) != len(wanted):
        counts = f"{len(found.digests)} frames instead of {len(wanted)}"
        raise MediaError(f"{into} would have {counts}; {_FIX}")
    if uneven := found.uneven(fps):
        raise MediaError(f"{into} would not run evenly at frames {uneven[:5]}; {_FIX}")
    others = [
        at for at, (one, two) in enumerate(zip(found.digests, wanted, strict=True)) if one != two
    ]
    if others:
        raise MediaError(f"{into} would show other frames than its clips at {others[:5]}; {_FIX}")
    if not found.parameter_sets <= frozenset().union(*(one.parameter_sets for one in packets)):
        raise MediaError(f"{into} would be decoded otherwise than its clips; {_FIX}")


def _sealed(part: Path, facts: FilmFacts, seal: Callable[[FilmFacts], bytes]) -> FilmFacts:
    """Put what ``seal`` makes of the facts behind the film."""
    with part.open("ab") as file:
        file.write(seal(facts))
    return replace(facts, size_bytes=part.stat().st_size)
