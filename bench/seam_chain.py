"""A chain of clips by a service with dials, made right by a treatment, against the truth.

Each clip is what a faultless service would show, seen through the errors of the image that it was
sent, and then through this hop's own: really encoded, really decoded. What the treatment leaves of
the errors, of colour, contrast and sharpness, is in the image that it hands on, as in a real chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np

from bench.seam_scenes import HEIGHT, WIDTH, Rgb, Scene
from bench.seam_treatments import FRAMES, Picture, Stage, Treatment, graded_levels
from longtake.emulator import PRESETS, ColourDrift, Dials
from longtake.emulator.drawing import motion
from longtake.emulator.drawing.pictures import Planes, to_planes
from longtake.media import Handed
from longtake.media.measure.fitting import Transform
from longtake.media.measure.grading import AT, FLAT, Grade, curved
from longtake.media.measure.pair import compare_pair
from longtake.media.measure.pixels import decode_rgb, delta_e, write_png
from longtake.media.measure.registering import luma_of, reduced
from longtake.media.measure.sharpening import blurred, sharpened

HOPS = 8
NOISE, SOFTNESS = 1.0, 0.5
"""Levels of grain and pixels of blur in every clip, whatever else is wrong with it."""

CRF = "12"
"""Of the service's clips: what coding does to a chain is measured apart (round_trips.py)."""

_TO_PLANES = np.array(
    [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
)
_SHIFT = {"gain": 0.01, "saturation": 0.03, "tint_blue": -0.5, "tint_red": 0.4}
DRIFTS = {
    "none": Dials(),
    "constant": Dials(colour_drift=ColourDrift(**_SHIFT)),
    "ramping": Dials(
        colour_drift=ColourDrift(**_SHIFT, from_frame_index=1, over_frames=FRAMES - 2)
    ),
    "flash": Dials(flash=22, flash_frames=9),
    "wan-fast": PRESETS["wan-fast"],
}


@dataclass(frozen=True)
class Score:
    """Mean ΔE to the truth of each hop's clip, and the greatest step of colour at a seam."""

    hops: tuple[float, ...]
    bias: tuple[float, ...]
    """Of each hop's last frame: levels of the channel that is farthest off."""
    sharpness: tuple[float, ...]
    """Of each hop's last frame, by the first hop's: 1 where nothing more is lost."""
    seam: float
    outputs: tuple[Rgb, ...]
    """Two frames of the last hop as shown, to compare treatments with one another."""


async def run_chain(
    scene: Scene, dials: Dials, treatment: Treatment, folder: Path, *, hops: int = HOPS
) -> Score:
    """Hop after hop: the opening clip has no error, every later one continues the last frame."""
    sent, clip, last = folder / "sent.png", folder / "clip.mp4", folder / "last.mp4"
    _shoot(scene, 0, Dials(), [], clip)
    opening = decode_rgb(clip)
    shown, seam = opening, 0.0
    errors: list[Stage] = []
    scores, bias, sharpness = [], [], []
    handed_on = scene.frame(_indexes(0)[-1])  # as sharp as hop 1 is shot from
    for hop in range(1, hops + 1):
        before = shown[-1]
        write_png(handed_on, sent)
        clip.replace(last)
        _shoot(scene, hop, dials, errors, clip)
        correction = await treatment(sent, clip, opening, Handed(last, FRAMES - 1))
        came = decode_rgb(clip)
        shown = np.stack([correction.shown(frame, index) for index, frame in enumerate(came)])
        handed_on = sharpened(shown[-1], correction.sharpening)
        scores.append(_unlike(scene, hop, shown))
        truth = scene.frame(_indexes(hop)[-1])
        bias.append(float(np.abs((shown[-1].astype(float) - truth).mean((0, 1))).max()))
        sharpness.append(compare_pair(truth, shown[-1]).detail or 1.0)
        seam = max(seam, _step(before, shown[1], scene, hop))
        texture = [] if errors else [partial(_without_texture, dials.texture_loss)]
        errors += [*texture, *_hop_stages(dials), *correction.stages]
    by_first = tuple(one / sharpness[0] for one in sharpness)
    return Score(tuple(scores), tuple(bias), by_first, seam, (shown[1], shown[-1]))


def _shoot(scene: Scene, hop: int, dials: Dials, errors: Sequence[Stage], clip: Path) -> None:
    """The clip of that hop, as the service delivers it."""
    pictures = (_through(scene.frame(index), errors) for index in _indexes(hop))
    frames = motion.drift((to_planes(one) for one in pictures), dials.colour_drift)
    frames = motion.soften(motion.smooth(frames, dials.texture_loss), dials.softness or SOFTNESS)
    frames = motion.flare(motion.lift(frames, dials), dials)
    frames = motion.grain(frames, dials.noise or NOISE, seed=hop)
    _encode(frames, clip)


def _through(picture: Rgb, errors: Sequence[Stage]) -> Rgb:
    if not errors:
        return picture
    levels: Picture = picture.astype(np.float32)
    for stage in errors:
        levels = stage(levels)
    return np.clip(np.rint(levels), 0, 255).astype(np.uint8)


def _softened(sigma: float, levels: Picture) -> Picture:
    channels = [blurred(levels[..., one].astype(np.float32), sigma) for one in range(3)]
    return np.stack(channels, axis=-1)


def _without_texture(levels: float, picture: Picture) -> Picture:
    """What the first hop takes away is not there to be lost again."""
    if levels <= 0:
        return picture
    luma = luma_of(picture.astype(np.float32))
    detail = luma - blurred(luma, 0.8)
    return picture - (detail * (np.abs(detail) < levels))[..., None]


def _hop_stages(dials: Dials) -> list[Stage]:
    """What a hop does to its last frame, which the next clip starts from.

    Texture that is lost once is not lost again; the blur that every clip has without a preset is
    left out, too, so that the rows of colour measure colour alone.
    """
    stages: list[Stage] = [partial(graded_levels, Grade(_whole_drift(dials), FLAT))]
    if dials.softness:
        stages.append(partial(_softened, dials.softness))
    if dials.lifts:
        at = [0, 0.25, 1.0]
        points = [dials.lift_shadows / 3, dials.lift_shadows, dials.lift_highlights]
        curve = dials.lift_share(FRAMES - 1) * np.interp(AT, at, points) / 255
        stages.append(lambda levels: 255 * curved(curve, levels / 255))
    return stages


def _encode(frames: Iterator[Planes], into: Path) -> None:
    """With x264's usual care.

    The emulator's own is quick instead: where light changes, its last frames lag behind by a level,
    which a chain would hand on as an error that no dial made. Without mbtree, since with it x264
    rounds by where its memory lies: the same frames came out as three different files, ΔE 0.7
    apart in a last frame, as if a treatment had touched them.
    """
    options = {"crf": CRF, "preset": "fast", "threads": "1", "x264-params": "mbtree=0"}
    with av.open(str(into), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=16, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for planes in frames:
            both = np.concatenate([planes.luma.ravel(), planes.blue.ravel(), planes.red.ravel()])
            picture = av.VideoFrame.from_ndarray(both.reshape(-1, WIDTH), format="yuv420p")
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def _indexes(hop: int) -> range:
    """The scene's frames that a hop shows; its first is the last of the one before."""
    return range(hop * (FRAMES - 1), (hop + 1) * (FRAMES - 1) + 1)


def _whole_drift(dials: Dials) -> Transform:
    """What a hop does to its last frame's colours, in RGB."""
    drift = dials.colour_drift
    gains = np.diag([1 + drift.gain, 1 + drift.saturation, 1 + drift.saturation])
    back = np.linalg.inv(_TO_PLANES)
    tint = np.array([0, drift.tint_blue / 224, drift.tint_red / 224])
    channels = np.diag([1 + drift.red_gain, 1 + drift.green_gain, 1 + drift.blue_gain])
    return channels @ np.column_stack([back @ gains @ _TO_PLANES, back @ tint])


def _unlike(scene: Scene, hop: int, shown: Rgb) -> float:
    """Mean ΔE to the truth over every fifth frame that the film shows.

    Over blocks of 2 x 2 pixels: 4:2:0 carries one colour for each.
    """
    picked = [(shown[at], scene.frame(index)) for at, index in list(enumerate(_indexes(hop)))[1::5]]
    return float(np.mean([delta_e(reduced(a, 2), reduced(b, 2)).mean() for a, b in picked]))


def _step(before: Rgb, after: Rgb, scene: Scene, hop: int) -> float:
    """ΔE between the mean colours on both sides of a seam, beyond what the scene itself does."""
    first, second = list(_indexes(hop))[:2]
    change = after.mean((0, 1)) - before.mean((0, 1))
    change -= scene.frame(second).mean((0, 1)) - scene.frame(first).mean((0, 1))
    grey = np.full(3, 128.0)
    return float(delta_e(grey + change, grey))
