"""Probing: what a clip really is, and whether it is complete.

A header is read in-process by PyAV (6 ms) from an open file, so that nothing inside it can name
another one. The frames are counted by ffmpeg in a limited process that decodes every one of them:
what the header claims is not what a truncated download holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import av
from av.video.stream import VideoStream

from longtake.errors import DamagedClip, FfmpegFailed, UnfitClip
from longtake.media import commands
from longtake.media.binary import Ffmpeg
from longtake.media.handing_out import PIXEL_FORMAT, Each, HandedOut
from longtake.media.run import Limits, Reader, run

MAX_FRAMES = 400
"""The longest clip that is taken in; the models make at most about 100 frames."""

MAX_CLIP_BYTES = 512 << 20
"""The largest clip that is taken in."""

CODECS = frozenset({"h264", "hevc", "vp9", "av1"})
"""Video codecs that are decoded; a service has no reason to send another."""

MIN_SIDE = 32
"""The least width and height of a picture that is worth enlarging to a film's."""

MOST_OBLONG = 4
"""So many times as long as the other may a side be: cropped to a film, less would be left."""

_FIX = "fetch it again; if it stays so, it counts as unusable"

# ITU-T H.273 numbers; absent or 2 means that the clip does not say.
_MATRICES = {0: "rgb", 1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020"}
_RANGES = {1: "tv", 2: "pc"}
_PRIMARIES = {1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 9: "bt2020"}
_TRANSFERS = {1: "bt709", 4: "gamma22", 5: "gamma28", 6: "smpte170m", 13: "srgb", 14: "bt2020"}


@dataclass(frozen=True)
class ClipFacts:
    """A clip as it was found. The four colour tags are None where the clip does not say."""

    width: int
    height: int
    frame_count: int
    """From ``inspect_clip``: frames decoded. From ``read_header``: frames claimed, 0 if unsaid."""
    fps: float
    codec: str
    size_bytes: int
    color_matrix: str | None = None
    color_range: str | None = None
    color_primaries: str | None = None
    color_transfer: str | None = None
    pixel_format: str | None = None
    """ffmpeg's name of it; ``yuv420p`` of every clip that was met so far."""


async def inspect_clip(
    path: Path,
    *,
    ffmpeg: Ffmpeg,
    max_bytes: int = MAX_CLIP_BYTES,
    max_frames: int = MAX_FRAMES,
    turned: bool = False,
    limits: Limits | None = None,
    each: Each | None = None,
) -> ClipFacts:
    """Decode every frame of a clip and say what it is.

    ``each`` gets the frames as they are decoded, of a clip in 8 bits and 4:2:0 (all that were met
    so far), of others none. It is called in a worker thread, before it is known whether the clip is
    whole.

    Raises DamagedClip when it is empty, too large, not an MP4, truncated or corrupt; UnfitClip when
    it is whole, and no film can be made of it: no video stream or one of another codec, a size that
    changes (by being ``turned``, too, unless that is right) or that no film can be cropped from,
    longer than ``max_frames``; FfmpegFailed when
    ffmpeg could not finish the check.
    H.264 has no checksum, so a few wrong bytes that still decode pass: of 60 random injuries
    (1 to 400 bytes) to a small synthetic clip, 2 did, both of 8 bytes.
    """
    facts = await read_header(path, max_bytes=max_bytes)
    if facts.frame_count > max_frames:
        raise _unfit(path, f"claims {facts.frame_count} frames, more than {max_frames}")
    size = facts.width, facts.height
    reader = None if each is None else _reader(facts, each)
    try:
        frame_count = await count_frames(
            path,
            ffmpeg=ffmpeg,
            max_frames=max_frames + 1,
            size=size,
            turned=turned,
            limits=limits,
            reader=reader,
        )
    except DamagedClip as error:
        if commands.SIZE_CHANGED in str(error):
            raise _unfit(path, "changes its size in the middle of a file") from error
        raise
    if reader is not None and reader.is_broken:
        raise FfmpegFailed(f"{path}: its frames were not handed out whole; run again")
    if frame_count == 0:
        raise _damaged(path, "has no frame that can be shown")
    if frame_count > max_frames:
        raise _unfit(path, f"has more than {max_frames} frames")
    return ClipFacts(**(vars(facts) | {"frame_count": frame_count}))


async def read_header(path: Path, *, max_bytes: int = MAX_CLIP_BYTES) -> ClipFacts:
    """What the container says, without decoding; ``frame_count`` is only claimed.

    Raises DamagedClip for everything that can be seen so: not an MP4, or shorter than it claims.
    """
    return await anyio.to_thread.run_sync(_read_header, path, max_bytes)


async def count_frames(
    path: Path,
    *,
    ffmpeg: Ffmpeg,
    max_frames: int,
    size: tuple[int, int] | None = None,
    turned: bool = False,
    limits: Limits | None = None,
    reader: Reader | None = None,
) -> int:
    """Frames of ``path``, by decoding all (at most ``max_frames``); DamagedClip at any damage.

    With ``size`` (width, height), a frame of another size is damage as well. A ``reader`` gets them
    as YUV4MPEG.
    """
    handed_out = reader is not None
    finished = await run(
        commands.count_frames(
            ffmpeg.path,
            path,
            max_frames=max_frames,
            size=size,
            turned=turned,
            handed_out=handed_out,
        ),
        subject=f"{path} is damaged ({_FIX})",
        limits=limits,
        reader=reader,
        failure=DamagedClip,
    )
    return finished.frame_count


def _reader(facts: ClipFacts, each: Each) -> HandedOut | None:
    if facts.pixel_format != PIXEL_FORMAT:
        return None
    colorspace = next((at for at, name in _MATRICES.items() if name == facts.color_matrix), 2)
    color_range = next((at for at, name in _RANGES.items() if name == facts.color_range), 0)
    return HandedOut(each, facts.frame_count, colorspace, color_range)


def _read_header(path: Path, max_bytes: int) -> ClipFacts:
    size_bytes = _size(path, max_bytes)
    try:
        # An open file instead of a name, and one demuxer: a playlist cannot lead elsewhere.
        with path.open("rb") as file, av.open(file, format="mov") as container:
            stream = first_video(container.streams.video, path)
            _check_complete(stream, size_bytes, path)
            return _facts(stream, size_bytes, path)
    except (av.error.FFmpegError, ValueError) as error:
        raise _damaged(path, f"is not a readable MP4: {error}") from error


def _size(path: Path, max_bytes: int) -> int:
    try:
        size_bytes = path.stat().st_size
    except OSError as error:
        raise _damaged(path, f"cannot be read: {error}") from error
    if size_bytes == 0:
        raise _damaged(path, "is empty")
    if size_bytes > max_bytes:
        raise _damaged(path, f"has {size_bytes} bytes, more than {max_bytes}")
    return size_bytes


def first_video(streams: tuple[VideoStream, ...], path: Path) -> VideoStream:
    """The stream that ffmpeg's ``0:V:0`` selects: cover art does not count; else DamagedClip."""
    for stream in streams:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    raise _unfit(path, "has no video stream")


def _check_complete(stream: VideoStream, size_bytes: int, path: Path) -> None:
    """Every frame that the index lists must lie within the file.

    A download cut exactly between two frames decodes without an error; its index shows it.
    """
    ends = [entry.pos + entry.size for entry in stream.index_entries]
    beyond = sum(end > size_bytes for end in ends)
    if beyond:
        kept = len(ends) - beyond
        raise _damaged(path, f"is truncated: it holds {kept} of {len(ends)} frames")


def _facts(stream: VideoStream, size_bytes: int, path: Path) -> ClipFacts:
    context = stream.codec_context
    codec = context.codec.canonical_name
    if codec not in CODECS:
        raise _unfit(path, f"is coded as {codec}, not as {' or '.join(sorted(CODECS))}")
    if not _has_fit_picture(context.width, context.height):
        raise _unfit(path, f"has a picture of {context.width}x{context.height} pixels")
    return ClipFacts(
        width=context.width,
        height=context.height,
        frame_count=stream.frames,
        fps=float(stream.average_rate or stream.guessed_rate or 0),
        codec=codec,
        size_bytes=size_bytes,
        color_matrix=_MATRICES.get(int(context.colorspace)),
        color_range=_RANGES.get(int(context.color_range)),
        color_primaries=_PRIMARIES.get(int(context.color_primaries)),
        color_transfer=_TRANSFERS.get(int(context.color_trc)),
        pixel_format=context.pix_fmt,
    )


def _has_fit_picture(width: int, height: int) -> bool:
    """Whether a film's picture can be cropped from one of that size."""
    short, long = sorted((width, height))
    fits = width * height <= commands.MAX_PIXELS
    return fits and short >= MIN_SIDE and long <= MOST_OBLONG * short


def _unfit(path: Path, what: str) -> UnfitClip:
    return UnfitClip(f"{path} {what}: no film can be made of it")


def _damaged(path: Path, what: str) -> DamagedClip:
    return DamagedClip(f"{path} {what}; {_FIX}")
