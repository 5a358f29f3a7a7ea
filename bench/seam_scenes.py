"""Scenes whose every frame is known: views of real photographs that scikit-image ships."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt

Rgb = npt.NDArray[np.uint8]

WIDTH, HEIGHT = 416, 240
PHOTOGRAPHS = ("coffee.png", "chelsea.png", "astronaut.png", "motorcycle_left.png", "rocket.jpg")
_PAN_PIXELS = 5
_BLEND_PIXELS = 64


@dataclass(frozen=True)
class Scene:
    """``frame(index)`` is the truth: the frame as a faultless service would show it."""

    name: str
    frame: Callable[[int], Rgb]


def photograph(name: str) -> Rgb:
    """A photograph of scikit-image's wheel as RGB; nothing is downloaded."""
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        raise SystemExit("the photographs come with scikit-image: pip install '.[bench]'")
    with av.open(str(Path(spec.origin).parent / "data" / name)) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format="rgb24"))


def panorama(height: int = HEIGHT) -> Rgb:
    """The photographs side by side, each fading into the next: a view that becomes another."""
    strips = [
        _at_height(photograph(name), height - HEIGHT).astype(np.float32) for name in PHOTOGRAPHS
    ]
    wide = strips[0]
    way = np.linspace(0, 1, _BLEND_PIXELS, dtype=np.float32)[None, :, None]
    for strip in strips[1:]:
        seam = wide[:, -_BLEND_PIXELS:] * (1 - way) + strip[:, :_BLEND_PIXELS] * way
        wide = np.concatenate([wide[:, :-_BLEND_PIXELS], seam, strip[:, _BLEND_PIXELS:]], axis=1)
    return wide.astype(np.uint8)


def scenes() -> list[Scene]:
    """A still view, a pan across all photographs, and a still view in changing light."""
    still = _at_height(photograph("coffee.png"), margin=40)[20 : 20 + HEIGHT, 2 : 2 + WIDTH]
    wide = panorama()

    def pan(index: int) -> Rgb:
        return wide[:, index * _PAN_PIXELS : index * _PAN_PIXELS + WIDTH]

    def light(index: int) -> Rgb:
        way = np.sin(2 * np.pi * index / 110)
        shine = 1 + np.array([0.20, 0.16, 0.10]) * way
        return np.clip(np.rint(still * shine), 0, 255).astype(np.uint8)

    return [Scene("static", lambda _: still), Scene("panning", pan), Scene("changing light", light)]


def _at_height(picture: Rgb, margin: int = 0) -> Rgb:
    """``picture`` scaled to the scenes' height and ``margin`` more."""
    height = HEIGHT + margin
    width = round(picture.shape[1] * height / picture.shape[0] / 2) * 2
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    return np.asarray(frame.reformat(width, height, interpolation="AREA").to_ndarray())
