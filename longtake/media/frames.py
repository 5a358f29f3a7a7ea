"""Pictures for the service: exact frames of clips, and stills, as PNG of the right size."""

from __future__ import annotations

from pathlib import Path

from longtake.errors import DamagedClip, MediaError
from longtake.media import commands
from longtake.media.binary import Ffmpeg
from longtake.media.files import whole_file
from longtake.media.probe import ClipFacts, read_header
from longtake.media.run import Limits, run

_STILL_LIMITS = Limits(wall_seconds=120.0, cpu_seconds=60)


async def extract_frame(
    clip: Path,
    frame_index: int,
    into: Path,
    *,
    ffmpeg: Ffmpeg,
    width: int | None = None,
    height: int | None = None,
    untagged_matrix: commands.Matrix = "bt601",
    limits: Limits | None = None,
) -> Path:
    """Write frame ``frame_index`` (0-based, as shown) of ``clip`` as a lossless PNG at ``into``.

    With ``width`` and ``height`` a frame of another size is scaled and cropped about its centre,
    never stretched. ``untagged_matrix`` applies to clips that do not name their own. The clip must
    have passed ``inspect_clip``. Raises DamagedClip when the clip is shorter than that.
    """
    if frame_index < 0:
        raise ValueError(f"frame_index counts from 0, not {frame_index}")
    if (width is None) != (height is None):
        raise ValueError("give both width and height, or neither")
    facts = await read_header(clip)
    size = None if width is None or height is None else (width, height)
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
    limits: Limits = _STILL_LIMITS,
) -> Path:
    """Write a still as a PNG of ``width`` x ``height``: scaled, cropped about its centre.

    PNG, JPEG, WebP and BMP are told by their content, not by their name; transparency is
    dropped. Raises MediaError for anything else and for a damaged picture.
    """
    demuxer = _image_demuxer(image)
    with whole_file(into) as part:
        command = commands.fit_still(
            ffmpeg.path, image, part, demuxer=demuxer, width=width, height=height
        )
        subject = f"{image} cannot be used as a still (mend or replace the picture)"
        finished = await run(command, subject=subject, limits=limits, failure=MediaError)
        if finished.frame_count != 1:
            raise MediaError(f"{image} holds no picture; replace it")
    return into


def unsaid_colour(facts: ClipFacts, untagged_matrix: commands.Matrix) -> dict[str, str]:
    """What must be told about a clip's colours, because the clip does not: scale's options."""
    colour: dict[str, str] = {}
    if facts.color_matrix is None:
        colour["in_color_matrix"] = untagged_matrix
    if facts.color_range is None:
        colour["in_range"] = "tv"
    return colour


def _image_demuxer(image: Path) -> str:
    """The one demuxer that may open this picture, by its first bytes."""
    try:
        with image.open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise MediaError(f"{image} cannot be read: {error}") from error
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "webp_pipe"
    signatures = {
        b"\x89PNG\r\n\x1a\n": "png_pipe",
        b"\xff\xd8\xff": "jpeg_pipe",
        b"BM": "bmp_pipe",
    }
    for signature, demuxer in signatures.items():
        if head.startswith(signature):
            return demuxer
    raise MediaError(f"{image} is no PNG, JPEG, WebP or BMP picture; convert it to one")
