"""The seam reel: the moments around every seam, one after another, and the frames that meet there.

A part of the reel is cut from the film (or, while there is none, from segments) and encoded with
the settings of every segment, so that the parts are joined by copying and verified like a film.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import anyio
import ffmpeg as graph

from longtake.errors import MediaError
from longtake.media import commands, film_commands
from longtake.media.binary import Ffmpeg
from longtake.media.film import Chapter, Segment, assemble
from longtake.media.run import Limits, run
from longtake.media.segments import Side, normalise
from longtake.media.shape import FilmShape

JPEG_QUALITY = 3
"""mjpeg's ``q:v``, from 2 (best) to 31: at 640 pixels' width a frame takes some 20 to 60 kB."""

JPEG_WIDTH = 640
"""The pictures' greatest width in pixels."""

_LIMITS = Limits(wall_seconds=60.0, cpu_seconds=30)

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
"""No stretch was encoded before."""


@dataclass(frozen=True)
class Piece:
    """A part that was cut, and the frames that were wanted of it, as JPEG."""

    part: ReelPart
    segments: tuple[Segment, ...]
    jpegs: tuple[bytes, ...]

    @property
    def cut(self) -> dict[Stretch, Segment]:
        """What each of its stretches was encoded to."""
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
    """Encode a part's stretches into ``folder``, which is made and must hold no other part.

    What is ``known`` of another part's is not encoded again, unless pictures are wanted of it.
    Raises MediaError when a stretch cannot be read or has too few frames.
    """
    await anyio.Path(folder).mkdir(parents=True, exist_ok=True)
    segments: list[Segment] = []
    jpegs: list[bytes] = []
    for number, stretch in enumerate(part.stretches):
        if stretch in known:
            segments.append(known[stretch])
            continue
        into = folder / f"{number}.mp4"
        async with ffmpeg_slots():
            jpegs += await _cut(stretch, into, ffmpeg, shape)
        segments.append(Segment(into, stretch.frame_count))
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


def cut_command(
    program: str, stretch: Stretch, into: Path, pictures: Sequence[Path], *, shape: FilmShape
) -> list[str]:
    """The ffmpeg run that encodes a stretch of a file which longtake encoded itself.

    Each of ``pictures`` becomes one frame of it as JPEG, which is BT.601 by definition.
    """
    fps = shape.fps
    # Seeking decodes from the key frame before, at most one segment. It goes half a frame before
    # the first one that is wanted, since what longtake encodes is shown exactly at index / fps.
    seconds = max(stretch.first_frame_index - 0.5, 0) / fps
    film = commands.guarded(stretch.path, ss=f"{seconds:.6f}")["V:0"]
    stream = film.filter("trim", start_frame=0, end_frame=stretch.frame_count)
    stream = stream.filter("settb", f"1/{fps}").filter("setpts", "N").filter("setsar", 1)
    copies = stream.filter_multi_output("split", 1 + len(pictures))
    outputs = [copies[0].output(commands.address(into), **film_commands.segment_options(shape))]
    for number, (frame_index, picture) in enumerate(
        zip(stretch.pictures, pictures, strict=True), start=1
    ):
        outputs.append(_picture(copies[number], frame_index, picture))
    return commands.command_line(program, graph.merge_outputs(*outputs))


def _picture(stream: Any, frame_index: int, into: Path) -> Any:
    fitted = (
        stream.filter("trim", start_frame=frame_index, end_frame=frame_index + 1)
        .filter(
            "scale",
            f"min({JPEG_WIDTH},iw)",
            -2,
            out_color_matrix="bt601",
            out_range="pc",
            flags=commands.ACCURATE,
        )
        .filter("format", "yuvj444p")
    )
    return fitted.output(
        commands.address(into),
        format="image2pipe",
        vcodec="mjpeg",
        fps_mode="passthrough",
        **{"frames:v": 1, "q:v": JPEG_QUALITY},
    )


async def _cut(stretch: Stretch, into: Path, ffmpeg: Ffmpeg, shape: FilmShape) -> list[bytes]:
    """Encode one stretch; the pictures that were wanted of it."""
    if stretch.as_it_came:
        await normalise(
            Side(stretch.path, stretch.first_frame_index),
            into,
            ffmpeg=ffmpeg,
            frame_count=stretch.frame_count,
            shape=shape,
        )
        return []
    pictures = [into.with_suffix(f".{frame_index}.jpg") for frame_index in stretch.pictures]
    command = cut_command(ffmpeg.path, stretch, into, pictures, shape=shape)
    finished = await run(command, subject=f"cutting {stretch.path}", limits=_LIMITS)
    if finished.frame_count != stretch.frame_count:
        last = stretch.first_frame_index + stretch.frame_count - 1
        raise MediaError(f"{stretch.path} has no frame {last}; render again to rebuild it")
    return [await anyio.Path(picture).read_bytes() for picture in pictures]


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes // 60):02}:{int(minutes % 60):02}:{rest:06.3f}"
