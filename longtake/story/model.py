"""The two models, and what is fixed about their clips: frame counts and pixels.

Every figure here is a fact about the service, not a preference.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

AspectRatio = Literal["16:9", "9:16"]
Resolution = Literal["480p", "720p"]

DEFAULT_ASPECT_RATIO: AspectRatio = "16:9"
DEFAULT_RESOLUTION: Resolution = "480p"
DEFAULT_FPS = 16
DEFAULT_NUM_FRAMES = 81

CLEAN_FRAME_COUNTS = (81, 85, 89, 93, 97)
"""Wan's counts are 4n+1; these are the ones that the service takes (81-100) and keeps exactly."""

_LANDSCAPE_PIXELS: dict[Resolution, tuple[int, int]] = {"480p": (832, 480), "720p": (1280, 720)}


class Model(StrEnum):
    """A model of the service; the value is its slug in the address."""

    T2V = "wan-2.2-t2v-fast"
    I2V = "wan-2.2-i2v-fast"


def pixel_size(resolution: Resolution, aspect_ratio: AspectRatio) -> tuple[int, int]:
    """Width and height in pixels of a text-to-video clip.

    Image-to-video follows the shape of its start image. Start images are therefore fitted to
    this size before they are sent, and every clip of a chain has the same pixels.
    """
    width, height = _LANDSCAPE_PIXELS[resolution]
    return (width, height) if aspect_ratio == "16:9" else (height, width)
