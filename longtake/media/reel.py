"""The seam reel: the moments around every seam, one after another, and the frames that meet there.

A part of the reel is cut from the film (or, while there is none, from segments): copied where it
begins with a key frame, else encoded with the settings of every segment. So the parts are joined by
copying and verified like a film.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import anyio
import anyio.to_thread
import ffmpeg as graph

from longtake.errors import MediaError
from longtake.media import commands, film_commands
from longtake.media.binary import Ffmpeg
from longtake.media.cutting import copy_from_key_frame
from longtake.media.film import Chapter, Segment, assemble
from longtake.media.packets import read_packets
from longtake.media.run import LAST, run
from longtake.media.segments import Side, normalise
from longtake.media.shape import FilmShape
from longtake.media.thumbnails import frame_as_jpeg

FfmpegSlots = Callable[[], AbstractAsyncContextManager[Any]]
"""Bounds how many ffmpeg runs there are at once: a place to be entered for each run."""


@dataclass(frozen=True)
class Stretch:
    """Frames in a row of a file: the film or a segment, or a clip as the service made it."""

    path: Path
    first_frame_index: int
    frame_count: int
    as_it_came: bool = False
    """Whether it is the service's own file: its timestamps prove nothing, its size may differ."""
    pictures: tuple[int, ...] = ()
    """Which of the stretch's frames, from 0, are wanted as JPEG; not of a file as it came."""


@dataclass(frozen=True)
class ReelPart:
    """One moment: stretches that follow each other, and what a caption says of them."""

    caption: str
    stretches: tuple[Stretch, ...]

    @property
    def frame_count(self) -> int:
        """Frames of all its stretches."""
        return sum(stretch.frame_count for stretch in self.stretches)


NOTHING: Mapping[Stretch, Segment] = MappingProxyType({})
"""No stretch was cut before."""


@dataclass(frozen=True)
class Piece:
    """A part that was cut, and the frames that were wanted of it, as JPEG."""

    part: ReelPart
    segments: tuple[Segment, ...]
    jpegs: tuple[bytes, ...]

    @property
    def cut(self) -> dict[Stretch, Segment]:
        """What each of its stretches became."""
        bare = (replace(stretch, pictures=()) for stretch in self.part.stretches)
        return dict(zip(bare, self.segments, strict=True))


async def cut_part(
    part: ReelPart,
    folder: Path,
    *,
    ffmpeg: Ffmpeg,
    shape: FilmShape,
    ffmpeg_slots: FfmpegSlots = nullcontext,
    known: Mapping[Stretch, Segment] = NOTHING,
) -> Piece:
    """Cut a part's stretches into ``folder``, which is made and must hold no other part.

    What is ``known`` of another part's is not cut again, unless pictures are wanted of it.
    Raises MediaError when a stretch cannot be read or has too few frames.
    """
    await anyio.Path(folder).mkdir(parents=True, exist_ok=True)
    cuts = {
        stretch: ReelCut(stretch, folder / f"{number}.mp4")
        for number, stretch in enumerate(part.stretches)
        if stretch not in known
    }
    jpegs: list[bytes] = []
    if own := [cut for cut in cuts.values() if not cut.stretch.as_it_came]:
        async with ffmpeg_slots():
            jpegs = await _cut(own, ffmpeg, shape)
    for cut in cuts.values():
        if cut.stretch.as_it_came:
            async with ffmpeg_slots():
                await _as_it_came(cut, ffmpeg, shape)
    made = await anyio.to_thread.run_sync(_segments, list(cuts.values()))
    segments = [known.get(stretch) or made[stretch] for stretch in part.stretches]
    return Piece(part, tuple(segments), tuple(jpegs))


async def join_reel(
    pieces: Sequence[Piece], into: Path, *, ffmpeg: Ffmpeg, shape: FilmShape, title: str = ""
) -> Path:
    """Join the pieces in order into an MP4 with a chapter each, and a caption track next to it.

    The captions have the MP4's name and ``.vtt``: a player that finds them there shows them.
    """
    parts = [piece.part for piece in pieces]
    await assemble(
        [segment for piece in pieces for segment in piece.segments],
        into,
        ffmpeg=ffmpeg,
        fps=shape.fps,
        chapters=[
            Chapter(part.caption, start, part.frame_count)
            for part, start in zip(parts, beginnings(parts), strict=True)
        ],
        title=title,
    )
    captions = captions_of(parts, fps=shape.fps)
    await anyio.Path(into.with_suffix(".vtt")).write_text(captions, encoding="utf-8")
    return into


def beginnings(parts: Sequence[ReelPart]) -> list[int]:
    """The reel's frame index at which each part begins."""
    return [sum(part.frame_count for part in parts[:number]) for number in range(len(parts))]


def captions_of(parts: Sequence[ReelPart], *, fps: int) -> str:
    """The reel's captions as WebVTT: each part's own for as long as it lasts."""
    lines = ["WEBVTT", ""]
    for part, start in zip(parts, beginnings(parts), strict=True):
        end = start + part.frame_count
        plain = html.escape(" ".join(part.caption.split()), quote=False)
        lines += [f"{_clock(start / fps)} --> {_clock(end / fps)} line:90%", plain, ""]
    return "\n".join(lines)


class ReelCut(NamedTuple):
    """A stretch that is to be a file of its own, and which."""

    stretch: Stretch
    into: Path


def cut_command(program: str, cuts: Sequence[ReelCut], *, shape: FilmShape) -> list[str]:
    """The one ffmpeg run that encodes stretches of files which longtake encoded itself.

    Most of what so short an encode takes is ffmpeg's own start.
    """
    outputs = [_output(cut, shape) for cut in cuts]
    return commands.command_line(program, graph.merge_outputs(*outputs))


def _output(cut: ReelCut, shape: FilmShape) -> Any:
    fps, (stretch, into) = shape.fps, cut
    # Seeking decodes from the key frame before, at most one segment. It goes half a frame before
    # the first one that is wanted, since what longtake encodes is shown exactly at index / fps.
    seconds = max(stretch.first_frame_index - 0.5, 0) / fps
    film = commands.guarded(stretch.path, ss=f"{seconds:.6f}")["V:0"]
    stream = film.filter("trim", start_frame=0, end_frame=stretch.frame_count)
    stream = stream.filter("settb", f"1/{fps}").filter("setpts", "N").filter("setsar", 1)
    return stream.output(commands.address(into), **film_commands.segment_options(shape))


async def _cut(cuts: Sequence[ReelCut], ffmpeg: Ffmpeg, shape: FilmShape) -> list[bytes]:
    """Copy these stretches, or encode them; the pictures that were wanted of them."""
    encoded = [cut for cut in cuts if not await anyio.to_thread.run_sync(_copied, cut, shape.fps)]
    if encoded:
        subject = f"cutting {' and '.join(dict.fromkeys(str(cut.stretch.path) for cut in encoded))}"
        command = cut_command(ffmpeg.path, encoded, shape=shape)
        await run(command, subject=subject, limits=LAST)
    return await anyio.to_thread.run_sync(_pictures, cuts, shape.fps)


def _copied(cut: ReelCut, fps: int) -> bool:
    stretch, into = cut
    return copy_from_key_frame(
        stretch.path,
        into,
        first_frame_index=stretch.first_frame_index,
        frame_count=stretch.frame_count,
        fps=fps,
    )


def _segments(cuts: Sequence[ReelCut]) -> dict[Stretch, Segment]:
    """What each stretch became; MediaError where it lacks a frame."""
    segments = {}
    for stretch, into in cuts:
        packets = read_packets(into)
        if len(packets.digests) != stretch.frame_count:
            last = stretch.first_frame_index + stretch.frame_count - 1
            raise MediaError(f"{stretch.path} has no frame {last}; render again to rebuild it")
        segments[stretch] = Segment(into, stretch.frame_count, packets)
    return segments


def _pictures(cuts: Sequence[ReelCut], fps: int) -> list[bytes]:
    """The wanted frames of all cuts as JPEG."""
    return [
        frame_as_jpeg(stretch.path, stretch.first_frame_index + index, fps=fps)
        for stretch, _ in cuts
        for index in stretch.pictures
    ]


async def _as_it_came(cut: ReelCut, ffmpeg: Ffmpeg, shape: FilmShape) -> None:
    """Encode a stretch of the service's own file."""
    stretch, into = cut
    await normalise(
        Side(stretch.path, stretch.first_frame_index),
        into,
        ffmpeg=ffmpeg,
        frame_count=stretch.frame_count,
        shape=shape,
        limits=LAST,
    )


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes // 60):02}:{int(minutes % 60):02}:{rest:06.3f}"
