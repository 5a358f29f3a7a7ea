"""ffmpeg command lines, built by ffmpeg-python; pure: text in, text out, nothing is run.

Why each flag stands here was measured on ffmpeg 5.1 and 9.0:

- Only the demuxer restriction (``format_whitelist``) keeps a playlist that is named ``clip.mp4``
  from reading other files; the protocol list alone does not. ``file:`` and an absolute path disarm
  names such as ``concat:x`` and ``-x``.
- Without ``-xerror -err_detect explode`` a truncated download ends with code 0.
- Without ``accurate_rnd+full_chroma_int`` a picture darkens by one level at every hop.
- Thread counts are fixed (one to decode, see below), so that neither the bytes nor the memory
  depend on the machine's cores.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ffmpeg

MAX_PIXELS = 3840 * 2160
"""The largest picture of a clip that is decoded: a guard against decompression bombs."""

STILL_MAX_PIXELS = 120_000_000
"""The largest still: a full-frame camera's picture with room to spare."""

ACCURATE = "accurate_rnd+full_chroma_int+full_chroma_inp+bicubic"
CLIP_FORMATS = "mov,mp4,m4a,3gp,3g2,mj2"
# One thread decodes: with frame threads ffmpeg 5.1 loses a decoder's error at random, so that the
# same corrupt clip is refused in one run and accepted in the next (9 of 40 with two threads).
_DECODER_THREADS = 1

SIZE_CHANGED = "Error reinitializing filters"
"""What ffmpeg 5.1 and 9.0 say where ``count_frames`` meets a picture of another size."""


def count_frames(
    program: str,
    clip: Path,
    *,
    max_frames: int,
    size: tuple[int, int] | None = None,
    turned: bool = False,
    handed_out: bool = False,
) -> list[str]:
    """Decode the whole of ``clip``, stop at the first damage, count frames (at most the limit).

    If they are ``handed_out``, they are written to standard output as they are, as YUV4MPEG, which
    takes 8 bits and 4:2:0 here.

    With ``size``, a frame of another size ends it as well; of a clip that may be ``turned`` (as
    telephones do) by its size as it is coded.
    """
    video = guarded(clip, **({"noautorotate": None} if turned else {}))["V:0"]
    if size is not None:
        # Cropped to what it is: only another size asks for a picture of no width, which is refused.
        same = f"eq(iw,{size[0]})*eq(ih,{size[1]})"
        video = video.filter("crop", w=f"if({same},iw,0)", h="ih", exact=1)
    how = {"frames:v": max_frames, "fps_mode": "passthrough"}
    if handed_out:
        # One an hour: times that go back are no damage where frames are counted, so none here.
        video = video.filter("settb", "1").filter("setpts", "3600*N")
        output = video.output("pipe:1", format="yuv4mpegpipe", avioflags="direct", **how)
        return command_line(program, output, progress=False)
    return command_line(program, video.output("-", format="null", **how))


def extract_frame(
    program: str,
    clip: Path,
    into: Path,
    *,
    frame_index: int,
    colour: Mapping[str, str],
    size: tuple[int, int] | None = None,
) -> list[str]:
    """Write the frame with that index as PNG; ``size`` fits it by scaling and centre crop.

    ``colour`` is what the clip leaves unsaid: ``in_color_matrix`` and ``in_range``.
    """
    # By its own index, not as the last of a reversed run: nothing at all where there is none.
    picked = guarded(clip)["V:0"].filter("trim", start_frame=frame_index, end_frame=frame_index + 1)
    return command_line(program, _picture(_fitted(picked, size, colour), into))


def fit_still(program: str, image: Path, into: Path, *, width: int, height: int) -> list[str]:
    """Write a plain RGB PNG as one of exactly that size, by scaling and centre crop."""
    source = ffmpeg.input(
        address(image),
        format="png_pipe",
        protocol_whitelist="file,pipe",
        format_whitelist="png_pipe",
        err_detect="explode",
        threads=_DECODER_THREADS,
    )
    fitted = _fitted(source["v:0"], (width, height), {})
    return command_line(program, _picture(fitted, into))


def guarded(clip: Path, **options: object) -> Any:
    """A clip as an input that is decoded strictly, reads no other file, and has a bounded size."""
    return ffmpeg.input(
        address(clip),
        protocol_whitelist="file,pipe",
        format_whitelist=CLIP_FORMATS,
        max_pixels=MAX_PIXELS,
        err_detect="explode",
        threads=_DECODER_THREADS,
        **options,
    )


def _fitted(stream: Any, size: tuple[int, int] | None, colour: Mapping[str, str]) -> Any:
    fit = {} if size is None else {"w": size[0], "h": size[1], **keeping("increase")}
    stream = stream.filter("scale", **fit, **colour, out_range="pc", flags=ACCURATE)
    if size is not None:
        stream = stream.filter("crop", size[0], size[1])
    # A picture that says nothing about itself: a reader that believes a PNG's gamma or primaries
    # would shift the colours at every hop.
    return (
        stream.filter("format", "rgb24")
        .filter("setsar", 1)
        .filter("setparams", color_primaries="unknown", color_trc="unknown")
    )


def _picture(stream: Any, into: Path) -> Any:
    # image2pipe, unlike image2, takes the name as it is: "%" is no pattern.
    return stream.output(
        address(into), format="image2pipe", vcodec="png", fps_mode="passthrough", **{"frames:v": 1}
    )


def keeping(how: str) -> dict[str, str]:
    """Scaling that keeps the picture's shape: ``decrease`` to fit inside, ``increase`` to cover."""
    return {"force_original_aspect_ratio": how}


def address(path: Path) -> str:
    """The path as a URL, so that no file's name is taken for an option or another protocol."""
    return f"file:{path.absolute()}"


def command_line(program: str, output: Any, *, progress: bool = True) -> list[str]:
    """The words that run a graph: quiet but for errors and progress, and an error ends it."""
    prologue = [program, "-nostdin", "-hide_banner", "-v", "error", "-y", "-xerror"]
    prologue += ["-filter_complex_threads", "2"]
    prologue += ["-progress", "pipe:1"] if progress else []
    return [str(word) for word in output.compile(cmd=prologue)]
