"""A chain of clips by a service with dials, made right by a treatment, against the truth.

Each clip is what a faultless service would show, seen through the colour error of the image that it
was sent, and then through this hop's own: really encoded, really decoded. What the treatment leaves
of the error is in the image that it hands on, as in a real chain.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from bench.seam_scenes import HEIGHT, WIDTH, Rgb, Scene
from longtake.emulator import ColourDrift, Dials
from longtake.emulator.drawing import motion
from longtake.emulator.drawing.pictures import Planes, to_planes
from longtake.media import calibrate, find_flash
from longtake.media.measure.colour import Mode, apply, pair_of, transform_at
from longtake.media.measure.fitting import IDENTITY, Transform, composed
from longtake.media.measure.pixels import decode_rgb, delta_e, read_png, write_png
from longtake.media.measure.registering import reduced
from longtake.story.readings import Calibration, Flash

FRAMES = 19
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
}

Correct = Callable[[int], Transform]
"""Index of a frame in its clip → what the treatment does to its colours."""

Treatment = Callable[[Path, Path, Rgb], Awaitable[Correct]]
"""Image that was sent, clip as it came, the scene's opening clip → what is done to each frame."""


@dataclass(frozen=True)
class Score:
    """Mean ΔE to the truth of each hop's clip, and the greatest step of colour at a seam."""

    hops: tuple[float, ...]
    seam: float
    outputs: tuple[Rgb, ...]
    """Two frames of the last hop as shown, to compare treatments with one another."""


async def run_chain(
    scene: Scene, dials: Dials, treatment: Treatment, folder: Path, *, hops: int = HOPS
) -> Score:
    """Hop after hop: the opening clip has no error, every later one continues the last frame."""
    sent, clip = folder / "sent.png", folder / "clip.mp4"
    _shoot(scene, 0, Dials(), IDENTITY, clip)
    opening = decode_rgb(clip)
    shown, error = opening, IDENTITY
    scores, seam = [], 0.0
    for hop in range(1, hops + 1):
        before = shown[-1]
        write_png(before, sent)
        _shoot(scene, hop, dials, error, clip)
        correct = await treatment(sent, clip, opening)
        came = decode_rgb(clip)
        shown = np.stack([apply(frame, correct(index)) for index, frame in enumerate(came)])
        scores.append(_unlike(scene, hop, shown))
        seam = max(seam, _step(before, shown[1], scene, hop))
        error = composed(correct(FRAMES - 1), composed(_whole_drift(dials), error))
    return Score(tuple(scores), seam, (shown[1], shown[-1]))


async def untreated(sent: Path, clip: Path, opening: Rgb) -> Correct:
    """Nothing is done."""
    return lambda _: IDENTITY


async def statistics(sent: Path, clip: Path, opening: Rgb) -> Correct:
    """As others do: each channel's mean and deviation, over the clip, like the opening clip's."""
    came, goal = decode_rgb(clip), opening.mean((0, 1, 2))
    gain = opening.std((0, 1, 2)) / np.maximum(came.std((0, 1, 2)), 1e-3)
    line = np.column_stack([np.diag(gain), (goal - gain * came.mean((0, 1, 2))) / 255])
    return lambda _: line


async def per_channel(sent: Path, clip: Path, opening: Rgb) -> Correct:
    """The pair alone, a gain and an offset for each channel."""
    pair = pair_of(read_png(sent), decode_rgb(clip, count=1)[0])
    lines = [np.polyfit(pair.came[:, one], pair.sent[:, one], 1) for one in range(3)]
    gain, offset = np.array(lines).T
    line = np.column_stack([np.diag(gain), offset])
    return lambda _: line


def calibrated(mode: Mode, *, deflash: bool) -> Treatment:
    """longtake's own, with or without its deflash."""

    async def treat(sent: Path, clip: Path, opening: Rgb) -> Correct:
        flash = await find_flash(sent, clip) if deflash else None
        return _undoing(await calibrate(sent, clip, mode=mode, flash=flash), flash)

    return treat


def _undoing(calibration: Calibration, flash: Flash | None) -> Correct:
    """What the encode does with these findings: luma first, then colours."""
    offsets = flash.offsets if flash is not None else ()

    def correct(index: int) -> Transform:
        flare = offsets[index] if index < len(offsets) else 0.0
        darker = np.column_stack([np.eye(3), np.full(3, -flare / 255)])
        return composed(transform_at(calibration, index), darker)

    return correct


TREATMENTS: dict[str, Treatment] = {
    "none": untreated,
    "mean/std to the opening": statistics,
    "pair, per channel": per_channel,
    "paired": calibrated("paired", deflash=False),
    "paired + deflash": calibrated("paired", deflash=True),
    "tracked + deflash": calibrated("tracked", deflash=True),
}

TRIED = {
    "none": ("none", "mean/std to the opening", "paired + deflash", "tracked + deflash"),
    "constant": tuple(name for name in TREATMENTS if name != "paired"),
    "ramping": ("none", "pair, per channel", "paired + deflash", "tracked + deflash"),
    "flash": ("none", "pair, per channel", "paired", "paired + deflash"),
}
"""For each drift the treatments that it can tell apart."""


def _shoot(scene: Scene, hop: int, dials: Dials, error: Transform, clip: Path) -> None:
    """The clip of that hop, as the service delivers it."""
    pictures = (apply(scene.frame(index), error) for index in _indexes(hop))
    frames = motion.drift((to_planes(one) for one in pictures), dials.colour_drift)
    frames = motion.flare(motion.soften(frames, SOFTNESS), dials)
    frames = motion.grain(frames, NOISE, seed=hop)
    _encode(frames, clip)


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
    """What a hop does to its last frame, which the next clip starts from; in RGB."""
    drift = dials.colour_drift
    gains = np.diag([1 + drift.gain, 1 + drift.saturation, 1 + drift.saturation])
    back = np.linalg.inv(_TO_PLANES)
    tint = np.array([0, drift.tint_blue / 224, drift.tint_red / 224])
    return np.column_stack([back @ gains @ _TO_PLANES, back @ tint])


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
