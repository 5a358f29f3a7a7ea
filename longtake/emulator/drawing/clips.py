"""The clips themselves: real H.264 files with the real ones' traps.

yuv420p in BT.601 limited range without colour tags, B-frames, the index at the end of the file (no
faststart), no audio.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain, islice

import av
import numpy as np

from longtake.emulator.drawing import motion
from longtake.emulator.drawing.dials import FAULTLESS, Dials
from longtake.emulator.drawing.landscape import draw_landscape
from longtake.emulator.drawing.pictures import Picture, Planes, stretch, to_planes
from longtake.emulator.validation import (
    Parameters,
    image_to_video_size,
    text_to_video_size,
)

X264 = {
    "preset": "veryfast",
    "profile": "high",
    "crf": "19",
    "threads": "1",
    "x264-params": "no-mbtree=1:aq-mode=0:subme=1:me=dia:weightp=0",
}
"""Quick, and the same bytes every time: x264's macroblock tree gave other bytes on each run, even
with one thread, so it is off."""


def encode(frames: Iterator[Planes], width: int, height: int, fps: int) -> bytes:
    """An MP4 of ``frames`` at a constant ``fps``."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options=dict(X264))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        both = np.empty((height * 3 // 2, width), np.uint8)
        chroma = both[height:].reshape(2, height // 2, width // 2)
        for frame_index, planes in enumerate(frames):
            both[:height], chroma[0], chroma[1] = planes.luma, planes.blue, planes.red
            frame = av.VideoFrame.from_ndarray(both, format="yuv420p")
            frame.pts, frame.time_base = frame_index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def text_to_video(parameters: Parameters, seed: int, dials: Dials = FAULTLESS) -> bytes:
    """A pan across the landscape that the prompt names, as good as ``dials`` let it be."""
    size = text_to_video_size(parameters)
    only = dials.model_copy(update={"duplicate_frames": 0, "standstill_frames": 0})
    times = only.times(parameters.frame_count)
    frames = _cut(_pan(parameters, seed, size, times), parameters, seed, size, dials)
    frames = motion.live(frames, times, seed)
    return encode(frames, *size, parameters.frames_per_second)


def image_to_video(
    parameters: Parameters,
    seed: int,
    image: Picture,
    last_image: Picture | None = None,
    dials: Dials = FAULTLESS,
) -> bytes:
    """The same pan, from ``image`` as frame 0; it ends at ``last_image`` when that is given.

    ``dials`` say what is wrong with it.
    """
    resolution = parameters.resolution
    width, height = size = image_to_video_size(resolution, image.shape[1], image.shape[0])
    count, step = parameters.frame_count, motion.step_pixels(resolution)
    extra, times = step * (count - 1), dials.times(count)
    if dials.wrong_start:
        frames = _pan(parameters, seed + 1, size, times)
    else:
        start = motion.continue_right(stretch(image, width, height), extra)
        frames = motion.pan(to_planes(start), width, times, step)
    if last_image is not None and not dials.ignores_last_image:
        end = motion.continue_left(stretch(last_image, width, height), extra)
        frames = motion.morph(frames, motion.pan(to_planes(end), width, range(count), step), count)
    frames = motion.live(_cut(frames, parameters, seed, size, dials), times, seed)
    return encode(_spoilt(frames, dials, seed), width, height, parameters.frames_per_second)


def _pan(
    parameters: Parameters, seed: int, size: tuple[int, int], times: Sequence[float]
) -> Iterator[Planes]:
    """A pan over the prompt's landscape as that seed draws it."""
    (width, height), step = size, motion.step_pixels(parameters.resolution)
    wide = width + step * (parameters.frame_count - 1)
    picture = draw_landscape(parameters.prompt, seed, wide, height, width)
    return motion.pan(to_planes(picture), width, times, step)


def _cut(
    frames: Iterator[Planes],
    parameters: Parameters,
    seed: int,
    size: tuple[int, int],
    dials: Dials,
) -> Iterator[Planes]:
    """From ``dials.cut_frame_index`` on another place, unasked."""
    at = dials.cut_frame_index
    if at is None or at >= parameters.frame_count:
        return frames
    elsewhere = _pan(parameters, seed + 2, size, range(parameters.frame_count - at))
    return chain(islice(frames, at), elsewhere)


def _spoilt(frames: Iterator[Planes], dials: Dials, seed: int) -> Iterator[Planes]:
    """What the dials do to each frame by itself."""
    frames = motion.shift(frames, dials.shift_x, dials.shift_y)
    frames = motion.soften(motion.drift(frames, dials.colour_drift), dials.softness)
    return motion.grain(motion.flare(frames, dials), dials.noise, seed)


def half_size(clip: bytes) -> bytes:
    """``clip`` again, sound, but at half its width and height."""
    with av.open(io.BytesIO(clip), "r", format="mov") as container:
        stream = container.streams.video[0]
        width, height = stream.width // 4 * 2, stream.height // 4 * 2
        fps = int(stream.average_rate or 16)
        pictures = (frame.to_ndarray(format="rgb24") for frame in container.decode(video=0))
        frames = (to_planes(stretch(np.asarray(one), width, height)) for one in pictures)
        return encode(frames, width, height, fps)
