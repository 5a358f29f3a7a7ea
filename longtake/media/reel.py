"""The seam reel: the moments around every seam, one after another, and the frames that meet there.

A part of the reel is cut from the film (or, while there is none, from segments) and encoded with
the settings of every segment, so that the parts are joined by copying and verified like a film.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Coroutine, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from longtake.errors import MediaError
from longtake.media import commands
from longtake.media.binary import Ffmpeg
from longtake.media.files import whole_file
from longtake.media.film import Chapter, Segment, assemble
from longtake.media.run import Limits, run
from longtake.media.segments import CRF, PRESET, normalise

JPEG_QUALITY = 3
"""mjpeg's ``q:v``, from 2 (best) to 31: at 640 pixels' width a frame takes some 20 to 60 kB."""

_LIMITS = Limits(wall_seconds=60.0, cpu_seconds=30)
_MEND = "render again: what was paid for is kept"

Benches = AbstractAsyncContextManager[Any]
"""Bounds how many ffmpeg runs there are at once; entered for each run."""


@dataclass(frozen=True)
class Shape:
    """The film's picture and pace, which every part of its reel has."""

    width: int
    height: int
    fps: int
    untagged_matrix: commands.Matrix = "bt601"
    """Of the service's files that do not say theirs."""


@dataclass(frozen=True)
class Stretch:
    """Frames in a row of a file: the film or a segment, or a clip as the service made it."""

    path: Path
    first_frame_index: int
    frame_count: int
    as_it_came: bool = False
    """Whether it is the service's own file: its timestamps prove nothing, its size may differ."""


@dataclass(frozen=True)
class ReelPart:
    """One moment: stretches that follow each other, and what a caption says of them."""

    caption: str
    stretches: tuple[Stretch, ...]

    @property
    def frame_count(self) -> int:
        """Frames of all its stretches."""
        return sum(stretch.frame_count for stretch in self.stretches)


async def make_reel(
    parts: Sequence[ReelPart],
    into: Path,
    *,
    ffmpeg: Ffmpeg,
    shape: Shape,
    title: str = "",
    benches: Benches | None = None,
) -> Path:
    """Write the parts in order into an MP4 with a chapter each, and a caption track beside it.

    The captions have the MP4's name and ``.vtt``: a player that finds them there shows them.
    Raises MediaError, and leaves no file, when a stretch cannot be read or has too few frames.
    """
    starts = beginnings(parts)
    into.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into.parent, prefix=".reel-") as folder:
        stretches = [stretch for part in parts for stretch in part.stretches]
        pieces = [Path(folder, f"{at}.mp4") for at in range(len(stretches))]

        async def cut_one(stretch: Stretch, piece: Path) -> Segment:
            async with benches or nullcontext():
                await cut(stretch, piece, ffmpeg=ffmpeg, shape=shape)
            return Segment(piece, stretch.frame_count)

        segments = await _all_of(map(cut_one, stretches, pieces))
        chapters = [
            Chapter(part.caption, start, part.frame_count)
            for part, start in zip(parts, starts, strict=True)
        ]
        async with benches or nullcontext():
            await assemble(
                segments, into, ffmpeg=ffmpeg, fps=shape.fps, chapters=chapters, title=title
            )
    captions = captions_of(parts, fps=shape.fps)
    await anyio.Path(into.with_suffix(".vtt")).write_text(captions, encoding="utf-8")
    return into


async def _all_of(work: Iterable[Coroutine[Any, Any, Segment]]) -> list[Segment]:
    """What all of it gives; the first error, but not before the rest has ended, too."""
    done = await asyncio.gather(*work, return_exceptions=True)
    for each in done:
        if isinstance(each, BaseException):
            raise each
    return [each for each in done if isinstance(each, Segment)]


def beginnings(parts: Sequence[ReelPart]) -> list[int]:
    """The reel's frame index at which each part begins."""
    return [sum(part.frame_count for part in parts[:number]) for number in range(len(parts))]


def captions_of(parts: Sequence[ReelPart], *, fps: int) -> str:
    """The reel's captions as WebVTT: each part's own for as long as it lasts."""
    lines = ["WEBVTT", ""]
    for part, start in zip(parts, beginnings(parts), strict=True):
        end = start + part.frame_count
        plain = " ".join(part.caption.split())
        for sign, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            plain = plain.replace(sign, entity)
        lines += [f"{_clock(start / fps)} --> {_clock(end / fps)} line:90%", plain, ""]
    return "\n".join(lines)


async def cut(stretch: Stretch, into: Path, *, ffmpeg: Ffmpeg, shape: Shape) -> Path:
    """Encode a stretch as a segment; MediaError when the file has fewer frames than that."""
    if stretch.as_it_came:
        return await normalise(
            stretch.path,
            into,
            ffmpeg=ffmpeg,
            skip_frames=stretch.first_frame_index,
            frame_count=stretch.frame_count,
            **vars(shape),
        )
    with whole_file(into) as part:
        command = cut_command(ffmpeg.path, stretch, part, fps=shape.fps)
        finished = await run(command, subject=f"cutting {stretch.path}", limits=_LIMITS)
        if finished.frame_count != stretch.frame_count:
            end = stretch.first_frame_index + stretch.frame_count
            raise MediaError(f"{stretch.path} has no frame {end - 1}; {_MEND}")
    return into


async def jpeg_of(
    film: Path, frame_index: int, *, ffmpeg: Ffmpeg, fps: int, max_width: int = 640
) -> bytes:
    """A frame of the film or of a segment as JPEG, at most ``max_width`` pixels wide.

    Raises MediaError when there is no such frame.
    """
    with tempfile.TemporaryDirectory(prefix="longtake-") as folder:
        picture = Path(folder, "frame.jpg")
        command = jpeg_command(
            ffmpeg.path, film, picture, frame_index=frame_index, fps=fps, max_width=max_width
        )
        finished = await run(
            command, subject=f"taking frame {frame_index} of {film}", limits=_LIMITS
        )
        if finished.frame_count != 1:
            raise MediaError(f"{film} has no frame {frame_index}; {_MEND}")
        return await anyio.Path(picture).read_bytes()


def cut_command(program: str, stretch: Stretch, into: Path, *, fps: int) -> list[str]:
    """The ffmpeg run that encodes a stretch of a file which longtake encoded itself."""
    stream = _frames_from(stretch.path, stretch.first_frame_index, stretch.frame_count, fps)
    stream = stream.filter("settb", f"1/{fps}").filter("setpts", "N").filter("setsar", 1)
    output = stream.output(
        commands._address(into),
        **commands._segment(fps, CRF, PRESET),
    )
    return commands._compile(program, output)


def jpeg_command(
    program: str, film: Path, into: Path, *, frame_index: int, fps: int, max_width: int
) -> list[str]:
    """The ffmpeg run that writes one frame as JPEG, which is BT.601 by definition."""
    stream = _frames_from(film, frame_index, 1, fps)
    stream = stream.filter(
        "scale",
        f"min({max_width},iw)",
        -2,
        out_color_matrix="bt601",
        out_range="pc",
        flags=commands.ACCURATE,
    ).filter("format", "yuvj444p")
    output = stream.output(
        commands._address(into),
        format="image2pipe",
        vcodec="mjpeg",
        fps_mode="passthrough",
        **{"frames:v": 1, "q:v": JPEG_QUALITY},
    )
    return commands._compile(program, output)


def _frames_from(path: Path, first_frame_index: int, frame_count: int, fps: int) -> Any:
    # Seeking decodes from the key frame before, at most one segment. It goes half a frame before
    # the first one that is wanted, since what longtake encodes is shown exactly at index / fps.
    seconds = max(first_frame_index - 0.5, 0) / fps
    film = commands._guarded(path, ss=f"{seconds:.6f}")
    return film["V:0"].filter("trim", start_frame=0, end_frame=frame_count)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{int(minutes // 60):02}:{int(minutes % 60):02}:{rest:06.3f}"
