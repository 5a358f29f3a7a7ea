"""Uncut takes cut into two, and faults put in at the split, for ``roc.py``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.footage import Footage, Frames
from bench.real_faults import as_levels, tinted
from longtake.media.measure.registering import reduced

LEFT, RIGHT = 13, 26
"""Frames on either side of a split that are encoded."""

VISIBLE_STEP = 0.6
"""Levels of a take's median step below which a frame shown twice, or left out, changes nothing."""


class Split(NamedTuple):
    """A take that is cut into two."""

    footage: Footage
    at: int
    visible: bool

    @property
    def left(self) -> Frames:
        """The frames before."""
        return self.footage.frames[self.at - LEFT : self.at]

    def right(self, skip: int = 0) -> Frames:
        """The frames after, ``skip`` later."""
        first = self.at + skip
        return self.footage.frames[first : first + RIGHT]


def splits(take: Footage) -> Iterator[Split]:
    """A take, split in several places."""
    # On means over 8 x 8 pixels: grain is no motion.
    coarse = np.stack([reduced(picture, 8) for picture in take.frames])
    moved = np.abs(np.diff(coarse, axis=0)).mean(axis=(1, 2, 3))
    last = len(take.frames) - RIGHT - 4
    # Of a short scene, as much as there is on the right.
    for at in range(LEFT, last, 14) if last > LEFT else [LEFT]:
        yield Split(take, at, bool(np.median(moved[at - 8 : at + 8]) >= VISIBLE_STEP))


# --- faults at the seam -----------------------------------------------------------------------


def _duplicate(split: Split) -> Frames:
    return np.concatenate([split.left[-1:], split.right()[:-1]])


def _flash(levels: float) -> Callable[[Split], Frames]:
    def flare(split: Split) -> Frames:
        shown = split.right().astype(np.float32)
        fading = np.clip(1 - np.arange(len(shown)) / 6, 0, 1)
        return as_levels(shown + levels * fading[:, None, None, None])

    return flare


def _from_rest(split: Split) -> Frames:
    """The clip begins at rest and takes eight frames to reach its speed."""
    source = np.concatenate([split.left[-1:], split.right()])
    time = np.arange(1, len(source))
    way = np.where(time < 8, time**2 / 16, time - 4.0)
    low = np.floor(way).astype(int)
    part = (way - low)[:, None, None, None]
    return as_levels(source[low] * (1 - part) + source[np.minimum(low + 1, len(source) - 1)] * part)


def _backwards(split: Split) -> Frames:
    """The motion turns round at the seam."""
    return split.footage.frames[max(0, split.at - 1 - RIGHT) : split.at - 1][::-1]


# Rule → fault → what comes after the split.
SEAM_FAULTS: dict[str, dict[str, Callable[[Split], Frames]]] = {
    "step, low": {"frame shown twice": _duplicate},
    "step, high": {
        "4 frames left out": lambda split: split.right(4),
        "8 frames left out": lambda split: split.right(8),
        "colour step": lambda split: tinted(*3 * (split.right(),)),
    },
    "flash": {"flash of 8 levels": _flash(8), "flash of 16 levels": _flash(16)},
    "hesitation": {"begins from rest": _from_rest},
    "motion": {},
    "way on": {"turns round": _backwards},
}

UNSEEN_WHEN_CALM = {
    "frame shown twice", "4 frames left out", "8 frames left out", "begins from rest", "turns round"
}  # fmt: skip
