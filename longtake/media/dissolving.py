"""A dissolve: the end of one clip and the beginning of another become a segment of their own.

Both sides are first brought into the film's shape without loss, by the same encode that makes the
segments next to them, so that size, colours and corrections go on without a step. Only then they
are mixed. The segment is joined like any other: nothing outside the dissolve is encoded for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import ffmpeg as graph

from longtake.errors import DamagedClip
from longtake.files import whole_file
from longtake.media import commands, film_commands
from longtake.media.binary import Ffmpeg
from longtake.media.lettering import Lettering, on_disk
from longtake.media.run import STANDING_BACK, Limits, run
from longtake.media.segments import Side, normalise
from longtake.media.shape import FilmShape


async def dissolve(
    left: Side,
    right: Side,
    into: Path,
    *,
    ffmpeg: Ffmpeg,
    frame_count: int,
    shape: FilmShape,
    limits: Limits = STANDING_BACK,
    lettering: Lettering | None = None,
) -> Path:
    """Encode ``frame_count`` frames that go over from ``left`` to ``right``, as a segment.

    Frame k (from 0) is ``right`` by (k + 1) / (frame_count + 1): the first is still a little of
    the one, the last already a little of the other, so that no frame repeats its neighbour outside
    the dissolve. What is equal on both sides stays exactly as it is. The segment has the size,
    rate, tags and encoding settings of those that ``normalise`` makes. Raises DamagedClip when a
    clip has too few frames.
    """
    with (
        whole_file(into) as part,
        TemporaryDirectory(dir=into.parent, prefix=".mix-") as folder,
        on_disk(lettering) as words,
    ):
        sides = [Path(folder, "left.mp4"), Path(folder, "right.mp4")]
        for side, brought in zip((left, right), sides, strict=True):
            await normalise(
                side,
                brought,
                ffmpeg=ffmpeg,
                frame_count=frame_count,
                shape=replace(shape, crf=0, preset="ultrafast"),
                limits=limits,
            )
        command = mix(ffmpeg.path, sides, part, frame_count=frame_count, shape=shape, words=words)
        subject = f"dissolving {left.clip} into {right.clip}"
        finished = await run(command, subject=subject, limits=limits)
        if finished.frame_count != frame_count:
            raise DamagedClip(
                f"{subject} gave {finished.frame_count} frames instead of {frame_count}; render "
                "again: what was paid for is kept"
            )
    return into


def mix(
    program: str,
    sides: Sequence[Path],
    into: Path,
    *,
    frame_count: int,
    shape: FilmShape,
    words: tuple[Path, Path] | None = None,
) -> list[str]:
    """The command: two normalised files of ``frame_count`` frames become one segment.

    xfade would be faster, but it has no 4:2:0, so that colours would be resampled twice, and it
    rounds down. The expression goes by the time of a frame, since blend counts frames from 1.
    """
    fps = shape.fps
    goes, comes = (
        commands.guarded(path, r=fps)["V:0"].filter("settb", f"1/{fps}").filter("setpts", "N")
        for path in sides
    )
    weight = f"(T*{fps}+1)/{frame_count + 1}"
    mixed = graph.filter([goes, comes], "blend", all_expr=f"A+(B-A)*{weight}+0.5", shortest=1)
    mixed = film_commands.lettered(mixed.filter("format", "yuv420p"), words)
    return film_commands.segment(program, mixed, into, shape, frame_count)
