"""Clips of the author's own: decoded completely before anything is paid, and fitted to the film."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from longtake.blocking import wait_for
from longtake.errors import DamagedClip, MediaError
from longtake.files import whole_file
from longtake.media import film_commands
from longtake.media.binary import Ffmpeg, find_ffmpeg
from longtake.media.frames import unsaid_colour
from longtake.media.probe import inspect_clip, read_header
from longtake.media.run import run
from longtake.media.shape import FilmShape
from longtake.own_clips import MAX_RATE, MAX_SECONDS

MAX_OWN_FRAMES = int(MAX_SECONDS * MAX_RATE)
"""So many frames of a clip of one's own are decoded at most."""

CRF = 12
"""x264's quality of the fitted clip: it is encoded once more for the film."""


def trouble_with_clip(clip: Path, name: str) -> str:
    """What is wrong with a clip of one's own, "" if nothing is: all of it is decoded. Blocking."""
    look = inspect_clip(clip, ffmpeg=find_ffmpeg(None), max_frames=MAX_OWN_FRAMES, turned=True)
    try:
        wait_for(look)
    except MediaError as error:
        return str(error).replace(str(clip), name).partition(";")[0]
    return ""


async def fit_own(
    clip: Path,
    into: Path,
    *,
    ffmpeg: Ffmpeg,
    frame_count: int,
    shape: FilmShape,
) -> Path:
    """Write the clip as ``frame_count`` frames of the film's size and rate, without sound.

    Frames are dropped or repeated to keep its time; the picture is scaled and cropped about its
    centre, its colours are BT.709 and say so. Raises DamagedClip where the clip has fewer frames.
    """
    facts = await read_header(clip)
    with whole_file(into) as part:
        command = film_commands.fit_own(
            ffmpeg.path,
            clip,
            part,
            frame_count=frame_count,
            shape=replace(shape, crf=CRF),
            colour=unsaid_colour(facts, shape.untagged_matrix),
        )
        finished = await run(command, subject=f"fitting {clip} to the film")
        if finished.frame_count != frame_count:
            raise DamagedClip(
                f"{clip} has {finished.frame_count} of the {frame_count} frames that its head says"
            )
    return into
