"""Pictures for the service: exact frames of clips, and stills, as PNG of the right size."""

from __future__ import annotations

from pathlib import Path

import anyio.to_thread

from longtake.errors import DamagedClip, MediaError
from longtake.files import whole_file
from longtake.media import commands
from longtake.media.binary import Ffmpeg
from longtake.media.measure.correcting import correct_frame, handed_on
from longtake.media.measure.kept import ClipFile, Decoded, path_of
from longtake.media.measure.pixels import decode_rgb, write_png
from longtake.media.probe import ClipFacts, read_header
from longtake.media.run import Limits, run
from longtake.media.shape import Matrix
from longtake.media.stills import still_as_png
from longtake.story.readings import Calibration

_STILL_LIMITS = Limits(wall_seconds=120.0, cpu_seconds=60)


async def take_frame(
    clip: ClipFile,
    frame_index: int,
    into: Path,
    *,
    ffmpeg: Ffmpeg,
    width: int,
    height: int,
    untagged_matrix: Matrix = "bt601",
    calibration: Calibration | None = None,
) -> Path:
    """``extract_frame`` without a process where the clip has that size already: half the time.

    Its levels are those of ``extract_frame``, to one, corrected by what ``calibration`` says before
    they are written. The next clip waits for it.
    """
    if await _size_of(clip) != (width, height):
        await extract_frame(
            path_of(clip),
            frame_index,
            into,
            ffmpeg=ffmpeg,
            size=(width, height),
            untagged_matrix=untagged_matrix,
        )
        if calibration is not None:
            await correct_frame(into, calibration, into, frame_index=frame_index)
        return into

    def work() -> None:
        (frame,) = decode_rgb(clip, first=frame_index, count=1, untagged_matrix=untagged_matrix)
        if calibration is not None:
            frame = handed_on(frame, calibration, frame_index)
        with whole_file(into) as part:
            write_png(frame, part)

    await anyio.to_thread.run_sync(work)
    return into


async def _size_of(clip: ClipFile) -> tuple[int, int]:
    if isinstance(clip, Decoded):
        return clip.size
    facts = await read_header(clip)
    return facts.width, facts.height


async def extract_frame(
    clip: Path,
    frame_index: int,
    into: Path,
    *,
    ffmpeg: Ffmpeg,
    size: tuple[int, int] | None = None,
    untagged_matrix: Matrix = "bt601",
    limits: Limits | None = None,
) -> Path:
    """Write frame ``frame_index`` (0-based, as shown) of ``clip`` as a lossless PNG at ``into``.

    A frame of another ``size`` (width and height) is scaled and cropped about its centre, never
    stretched. ``untagged_matrix`` applies to clips that do not name their own. The clip must have
    passed ``inspect_clip``. Raises DamagedClip when the clip is shorter than that.
    """
    if frame_index < 0:
        raise ValueError(f"frame_index counts from 0, not {frame_index}")
    facts = await read_header(clip)
    subject = f"taking frame {frame_index} of {clip}"
    with whole_file(into) as part:
        command = commands.extract_frame(
            ffmpeg.path,
            clip,
            part,
            frame_index=frame_index,
            colour=unsaid_colour(facts, untagged_matrix),
            size=None if size == (facts.width, facts.height) else size,
        )
        finished = await run(command, subject=subject, limits=limits)
        if finished.frame_count != 1:
            raise DamagedClip(f"{clip} has no frame {frame_index}; generate the clip again")
    return into


async def fit_still(
    image: Path,
    into: Path,
    width: int,
    height: int,
    *,
    ffmpeg: Ffmpeg,
) -> Path:
    """Write a still as a PNG of ``width`` x ``height``: scaled, cropped about its centre.

    Formats, colours and bounds are those of ``stills``. Raises MediaError for anything else and
    for a damaged picture.
    """
    with whole_file(into) as part:
        plain = part.with_suffix(".plain.png")
        try:
            await anyio.to_thread.run_sync(still_as_png, image, plain, width, height)
            command = commands.fit_still(ffmpeg.path, plain, part, width=width, height=height)
            finished = await run(command, subject=f"fitting {image}", limits=_STILL_LIMITS)
        finally:
            plain.unlink(missing_ok=True)
        if finished.frame_count != 1:
            raise MediaError(f"{image} holds no picture; replace it")
    return into


def unsaid_colour(facts: ClipFacts, untagged_matrix: Matrix) -> dict[str, str]:
    """What must be said about a clip's colours, because the clip does not: scale's options."""
    colour: dict[str, str] = {}
    if facts.color_matrix is None:
        colour["in_color_matrix"] = untagged_matrix
    if facts.color_range is None:
        colour["in_range"] = "tv"
    return colour
