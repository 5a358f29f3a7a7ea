"""ffmpeg command lines that make a film: its segments, and their join. Pure, as in ``commands``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import ffmpeg

from longtake.media.commands import ACCURATE, CLIP_FORMATS, address, command_line, guarded, keeping
from longtake.media.grade_filters import Grades, curved, graded, move_planes_apart, planes_graded
from longtake.media.shape import PRESET_PARAMS, FilmShape, tail_frame_count

TIMESCALE_PER_FPS = 1024
"""Ticks per frame in every segment and film: every whole fps has exact timestamps."""

MATRIX_ALONE = {
    "ispace": "smpte170m",
    "iprimaries": "bt709",
    "itrc": "bt709",
    "irange": "tv",
    "space": "bt709",
    "primaries": "bt709",
    "trc": "bt709",
    "range": "tv",
    "format": "yuv420p",
    "fast": 1,
}
"""The matrix without a way through RGB, as exact as ``scale`` and far cheaper (decision 0009)."""

_ENCODER_THREADS = 2


def normalise(
    program: str,
    clip: Path,
    into: Path,
    *,
    skip_frames: int,
    frame_count: int,
    shape: FilmShape,
    same_size: bool,
    colour: Mapping[str, str],
    grades: Grades = (),
    luma_curves: Sequence[Sequence[float]] = (),
    matrix_alone: bool = False,
    words: tuple[Path, Path] | None = None,
) -> list[str]:
    """Encode frames ``skip_frames`` … ``skip_frames + frame_count - 1`` as a film segment.

    Frames are kept one to one and given even timestamps at the film's rate. Where ``same_size`` is
    false the picture is scaled into the film's size and padded, never stretched or cut.
    ``luma_curves``: for the clip's frames 0, 1, 2 … what is added to luma (shares of the range) at
    evenly spaced points from black to white. ``grades``: what is done to RGB after the curves, as
    lines or as a .cube file, each from that frame of the clip on until the next one's, the first
    from frame 0.
    ``matrix_alone``: nothing but BT.601's matrix keeps a picture of that size from the film's form.
    ``words``: an ASS file that is drawn into the picture, and the folder of its font.
    """
    fps = shape.fps
    # Reading at a stated rate numbers the decoded frames evenly: what the clip's own timestamps
    # say (24 fps, gaps, a late start) is not kept, every frame is.
    stream = curved(guarded(clip, r=fps)["V:0"], luma_curves)
    stream = stream.filter("trim", start_frame=skip_frames, end_frame=skip_frames + frame_count)
    stream = stream.filter("settb", f"1/{fps}").filter("setpts", "N")
    if matrix_alone and same_size and move_planes_apart(grades):
        stream = planes_graded(stream, grades, skip_frames).filter("colorspace", **MATRIX_ALONE)
    else:
        stream = graded(stream, grades, colour, skip_frames)
        size = {"w": shape.width, "h": shape.height}
        fit = {} if same_size else size | keeping("decrease")
        unsaid = {} if grades else colour
        stream = stream.filter(
            "scale", **fit, **unsaid, out_color_matrix="bt709", out_range="tv", flags=ACCURATE
        ).filter("format", "yuv420p")
    if not same_size:
        stream = stream.filter("pad", *shape.size, "(ow-iw)/2", "(oh-ih)/2")
    return segment(program, lettered(stream, words), into, shape, frame_count)


def fit_own(
    program: str,
    clip: Path,
    into: Path,
    *,
    frame_count: int,
    shape: FilmShape,
    colour: Mapping[str, str],
) -> list[str]:
    """Encode a clip of any rate and size as ``frame_count`` frames of the film, in time.

    What is too short by a rounding is filled up with its last frame, at most two of them.
    """
    stream = guarded(clip)["V:0"].filter("fps", fps=shape.fps)
    stream = stream.filter("tpad", stop=2, stop_mode="clone").filter("trim", end_frame=frame_count)
    stream = stream.filter("settb", f"1/{shape.fps}").filter("setpts", "N")
    stream = stream.filter(
        "scale",
        w=shape.width,
        h=shape.height,
        **keeping("increase"),
        **colour,
        out_color_matrix="bt709",
        out_range="tv",
        flags=ACCURATE,
    )
    stream = stream.filter("crop", *shape.size).filter("format", "yuv420p")
    return segment(program, stream, into, shape, frame_count)


def segment(program: str, stream: Any, into: Path, shape: FilmShape, frame_count: int) -> list[str]:
    """The command that writes ``stream`` as a segment, with the film's pixels and colours named."""
    last_key_frame = max(0, frame_count - tail_frame_count(shape.fps))
    bt709 = dict.fromkeys(("color_primaries", "color_trc", "colorspace"), "bt709")
    stream = stream.filter("setsar", 1).filter("setparams", range="tv", **bt709)
    options = {"force_key_frames": f"expr:eq(n,{last_key_frame})", **segment_options(shape)}
    return command_line(program, stream.output(address(into), **options))


def assemble(
    program: str,
    segment_list: Path,
    metadata: Path,
    into: Path,
    *,
    fps: int,
    sound: Path | None = None,
    captions: tuple[Path, str] | None = None,
) -> list[str]:
    """Copy the listed segments into one film, with the metadata file's chapters and texts.

    ``sound`` is an MP4 of AAC, which is copied; ``captions`` an SRT file and its language.
    """
    whitelist = {"protocol_whitelist": "file,pipe"}
    segments = ffmpeg.input(
        address(segment_list),
        format="concat",
        safe=0,
        format_whitelist=f"concat,{CLIP_FORMATS}",
        **whitelist,
    )
    texts = ffmpeg.input(address(metadata), format="ffmetadata", **whitelist)
    # No stream comes of the texts: to map none of them is how the graph builder takes the file in.
    streams, options = [segments["V:0"], texts["V?"]], {}
    if sound is not None:
        heard = ffmpeg.input(address(sound), format_whitelist=CLIP_FORMATS, **whitelist)
        streams.append(heard["a:0"])
        options["acodec"] = "copy"
    if captions is not None:
        path, language = captions
        read = ffmpeg.input(address(path), format="srt", format_whitelist="srt", **whitelist)
        streams.append(read["s:0"])
        options |= {"scodec": "mov_text", "metadata:s:s:0": f"language={language}"}
    output = ffmpeg.output(
        *streams,
        address(into),
        format="mp4",
        vcodec="copy",
        map_metadata=1,
        map_chapters=1,
        movflags="+faststart",
        video_track_timescale=fps * TIMESCALE_PER_FPS,
        **options,
    )
    return command_line(program, output)


def segment_options(shape: FilmShape) -> dict[str, object]:
    """Output options that are the same for every segment, on every machine."""
    params = PRESET_PARAMS.get(shape.preset)
    return {
        "format": "mp4",
        "vcodec": "libx264",
        "preset": shape.preset,
        "crf": shape.crf,
        **({"x264-params": params} if params else {}),
        # With B-frames a segment of one or two frames has another decoding delay than its
        # neighbours, and timestamps run backwards at the join.
        "bf": 0,
        "threads": _ENCODER_THREADS,
        "fps_mode": "passthrough",
        "enc_time_base": f"1:{shape.fps}",
        "video_track_timescale": shape.fps * TIMESCALE_PER_FPS,
        "color_range": "tv",
        "colorspace": "bt709",
        "color_primaries": "bt709",
        "color_trc": "bt709",
        "map_metadata": -1,
    }


def lettered(stream: Any, words: tuple[Path, Path] | None) -> Any:
    """The picture with an ASS file drawn into it; as it is where there is none."""
    if words is None:
        return stream
    return stream.filter("subtitles", filename=str(words[0]), fontsdir=str(words[1]))
