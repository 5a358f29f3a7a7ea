"""The clips themselves: real H.264 files with the real ones' traps.

yuv420p in BT.601 limited range without colour tags, B-frames, the index at the end of the file (no
faststart), no audio.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain, islice

import av
import numpy as np

from longtake.emulator.drawing import motion
from longtake.emulator.drawing.captions import captioned, without_band
from longtake.emulator.drawing.dials import FAULTLESS, Dials
from longtake.emulator.drawing.ground import extended
from longtake.emulator.drawing.landscape import draw_landscape
from longtake.emulator.drawing.moves import CameraPath, move_of
from longtake.emulator.drawing.notes import ClipNotes
from longtake.emulator.drawing.pictures import Picture, Planes, stretch, to_planes
from longtake.emulator.drawing.scenery import Scenery, scenery
from longtake.emulator.drawing.stage import Canvas, Margins
from longtake.emulator.validation import Parameters

X264 = {
    "preset": "superfast",
    "profile": "high",
    "crf": "19",
    "threads": "1",
    "x264-params": "no-mbtree=1:aq-mode=0:subme=1:me=dia:weightp=0",
}
"""Quick, and the same bytes every time: x264's macroblock tree gave other bytes on each run, even
with one thread, so it is off."""


BT709 = 1
"""In ITU-T H.273: primaries, transfer and matrix alike."""


def encode(
    frames: Iterator[Planes], width: int, height: int, fps: int, *, tags: str = "none"
) -> bytes:
    """An MP4 of ``frames`` at a constant ``fps``; ``tags``: what it says of its colours."""
    target = io.BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=fps, options=dict(X264))
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        if tags == "bt709":
            context = stream.codec_context
            context.colorspace = context.color_primaries = context.color_trc = BT709
        both = np.empty((height * 3 // 2, width), np.uint8)
        chroma = both[height:].reshape(2, height // 2, width // 2)
        for frame_index, planes in enumerate(frames):
            both[:height], chroma[0], chroma[1] = planes.luma, planes.blue, planes.red
            frame = av.VideoFrame.from_ndarray(both, format="yuv420p")
            frame.pts, frame.time_base = frame_index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return target.getvalue()


def text_to_video(
    parameters: Parameters,
    seed: int,
    dials: Dials = FAULTLESS,
    notes: ClipNotes | None = None,
    *,
    captions: bool = False,
) -> bytes:
    """The landscape that the words name, seen as they say, as good as ``dials`` let it be.

    ``notes`` are the prompt's parts, if they are known; with ``captions`` they are in the picture.
    """
    notes, parameters = notes or ClipNotes.of_prompt(parameters.prompt), _made(parameters, dials)
    size = _lower(parameters.text_to_video_size, dials)
    only = dials.model_copy(update={"duplicate_frames": 0, "standstill_frames": 0})
    times = only.times(parameters.frame_count)
    frames = _place(parameters, seed, size, times, notes)
    frames = _cut(frames, parameters, seed, size, dials, notes)
    frames = motion.live(frames, times, seed)
    if captions:
        frames = captioned(frames, notes, parameters.prompt, *size)
    return encode(frames, *size, parameters.frames_per_second, tags=dials.colour_tags)


def image_to_video(
    parameters: Parameters,
    seed: int,
    image: Picture,
    last_image: Picture | None = None,
    dials: Dials = FAULTLESS,
    notes: ClipNotes | None = None,
    *,
    captions: bool = False,
) -> bytes:
    """A move that begins at ``image``, frame 0; it ends at ``last_image`` when that is given.

    ``dials`` say what is wrong with it, ``notes`` which words are whose; with ``captions``
    they are in the picture, too.
    """
    notes, parameters = notes or ClipNotes.of_prompt(parameters.prompt), _made(parameters, dials)
    size = _lower(parameters.image_to_video_size(image.shape[1], image.shape[0]), dials)
    width, height = size
    shown = stretch(image, width, height)
    count, times = parameters.frame_count, dials.times(parameters.frame_count)
    arrives = last_image is not None and not dials.ignores_last_image
    path = _path(parameters, notes, from_start=False, arrives=arrives)
    scene = scenery(notes, unsaid="plain")
    if dials.wrong_start:
        frames = _place(parameters, seed + 1, size, times, notes)
    else:
        frames = _beyond(shown, path.at(times), scene, seed)
    if last_image is not None and arrives:
        end = stretch(last_image, width, height)
        frames = motion.morph(frames, _beyond(end, path, scene, seed + 3), count)
    frames = motion.live(_cut(frames, parameters, seed, size, dials, notes), times, seed)
    frames = _spoilt(frames, dials, seed)
    if captions:
        frames = captioned(frames, notes, parameters.prompt, width, height, first=1)
    return encode(frames, *size, parameters.frames_per_second, tags=dials.colour_tags)


def _made(parameters: Parameters, dials: Dials) -> Parameters:
    """What is made in the place of what was asked for."""
    num_frames = parameters.num_frames + dials.more_frames
    fps = parameters.frames_per_second + dials.more_fps
    return parameters.model_copy(update={"num_frames": num_frames, "frames_per_second": fps})


def _lower(size: tuple[int, int], dials: Dials) -> tuple[int, int]:
    return size[0], size[1] - dials.lower_by


def _path(
    parameters: Parameters, notes: ClipNotes, *, from_start: bool, arrives: bool = False
) -> CameraPath:
    """The camera's way through a clip; one that ``arrives`` at a picture is not free to go."""
    step = 2.0 if parameters.resolution == "480p" else 4.0
    if arrives:
        return CameraPath.between(parameters.frame_count, step)
    return CameraPath.of(move_of(notes), parameters.frame_count, step, from_start=from_start)


def _beyond(picture: Picture, path: CameraPath, scene: Scenery, seed: int) -> Iterator[Planes]:
    """What a camera sees that sets out from ``picture`` and may leave it."""
    height, width = picture.shape[:2]
    margins = Margins.around(path, width, height)
    plain = without_band(picture)
    under = replace(margins, bottom=margins.bottom + height - plain.shape[0])
    frames = Canvas(extended(plain, under, scene, seed), margins).frames(path)
    if plain is picture:
        return frames
    return chain([to_planes(picture)], islice(frames, 1, None))


def _place(
    parameters: Parameters,
    seed: int,
    size: tuple[int, int],
    times: Sequence[float],
    notes: ClipNotes,
) -> Iterator[Planes]:
    """The notes' landscape as that seed draws it, with the camera on its way."""
    width, height = size
    path = _path(parameters, notes, from_start=True)
    margins = Margins.around(path, width, height)
    wide = draw_landscape(
        parameters.prompt,
        seed,
        margins.left + width + margins.right,
        height,
        width,
        frame_left=margins.left,
        notes=notes,
    )
    higher = Margins(top=margins.top, bottom=margins.bottom)
    picture = extended(wide, higher, scenery(notes), seed)
    return Canvas(picture, margins).frames(path.at(times))


def _cut(
    frames: Iterator[Planes],
    parameters: Parameters,
    seed: int,
    size: tuple[int, int],
    dials: Dials,
    notes: ClipNotes,
) -> Iterator[Planes]:
    """From ``dials.cut_frame_index`` on another place, unasked."""
    at = dials.cut_frame_index
    if at is None or at >= parameters.frame_count:
        return frames
    elsewhere = _place(parameters, seed + 2, size, range(parameters.frame_count - at), notes)
    return chain(islice(frames, at), elsewhere)


def _spoilt(frames: Iterator[Planes], dials: Dials, seed: int) -> Iterator[Planes]:
    """What the dials do to each frame by itself."""
    frames = motion.shift(frames, dials.shift_x, dials.shift_y)
    frames = motion.smooth(motion.drift(frames, dials.colour_drift), dials.texture_loss)
    frames = motion.flare(motion.lift(motion.soften(frames, dials.softness), dials), dials)
    return motion.grain(frames, dials.noise, seed)


def half_size(clip: bytes) -> bytes:
    """``clip`` again, sound, but at half its width and height."""
    with av.open(io.BytesIO(clip), "r", format="mov") as container:
        stream = container.streams.video[0]
        width, height = stream.width // 4 * 2, stream.height // 4 * 2
        fps = int(stream.average_rate or 16)
        smaller = (one.reformat(width, height, "rgb24") for one in container.decode(video=0))
        frames = (to_planes(np.asarray(one.to_ndarray(), np.uint8)) for one in smaller)
        return encode(frames, width, height, fps)
