"""Faults of the kinds that real clips have, put into clips that have none.

Each takes the frames of a clip as the service would return it, whose frame 0 repeats the frame that
was handed over, another clip's frames, and the frames before the seam, the nearest last; and gives
back what the clip would look like with the fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bench.real_footage import Frames
from longtake.media.measure.grading import AT, LUMA
from longtake.media.measure.sharpening import blurred

DROPPED = 4
"""Frames that are left out behind the seam."""

HELD = 10
"""Frames that stand still inside a clip."""

_LIFT = np.interp(AT, [0, 0.25, 0.75, 1], [5, 14, -3, -7])
"""Levels of the lost contrast that was measured on a clip of four steps, by luma."""


def shown_twice(frames: Frames, other: Frames, past: Frames) -> Frames:
    """The repeated first frame comes a second time."""
    return np.concatenate([frames[:1], frames[:-1]])


def left_out(frames: Frames, other: Frames, past: Frames) -> Frames:
    """Frames behind the first are missing."""
    return np.concatenate([frames[:1], frames[1 + DROPPED :]])


def tinted(frames: Frames, other: Frames, past: Frames) -> Frames:
    """Warmer throughout, with more contrast."""
    mean = 118.0
    return as_levels((frames.astype(np.float32) - mean) * 1.06 + mean + np.array([7.0, 2.0, -6.0]))


def lifted(frames: Frames, other: Frames, past: Frames) -> Frames:
    """Contrast is lost throughout: black raised, white lowered."""
    return _lifted(frames, np.ones(len(frames)))


def flashing(frames: Frames, other: Frames, past: Frames) -> Frames:
    """The same in the first frames; half of it is gone after four."""
    return _lifted(frames, 0.5 ** (np.arange(len(frames)) / 4))


def cut(frames: Frames, other: Frames, past: Frames) -> Frames:
    """In the middle another clip's view begins."""
    middle = len(frames) // 2
    return np.concatenate([frames[:middle], other[: len(frames) - middle]])


def frozen(frames: Frames, other: Frames, past: Frames) -> Frames:
    """In the middle the picture stands still."""
    middle = len(frames) // 2
    held = np.repeat(frames[middle : middle + 1], HELD, axis=0)
    return np.concatenate([frames[:middle], held, frames[middle:-HELD]])


def soft(frames: Frames, other: Frames, past: Frames) -> Frames:
    """Blurred throughout by a bell of 1.2 pixels."""
    return np.stack(
        [
            as_levels(
                np.stack([blurred(one[..., at].astype(np.float32), 1.2) for at in range(3)], -1)
            )
            for one in frames
        ]
    )


def turned(frames: Frames, other: Frames, past: Frames) -> Frames:
    """The motion turns round at the seam: what came before comes again, backwards."""
    return np.concatenate([frames[:1], past[-2::-1]])[: len(frames)]


def elsewhere(frames: Frames, other: Frames, past: Frames) -> Frames:
    """The clip starts from another picture."""
    return other[: len(frames)]


Fault = Callable[[Frames, Frames, Frames], Frames]

FAULTS: dict[str, tuple[Fault, frozenset[str]]] = {
    "frame shown twice": (shown_twice, frozenset({"step"})),
    "4 frames left out": (left_out, frozenset({"step"})),
    "motion turns round": (turned, frozenset({"motion"})),
    "colour step": (tinted, frozenset({"colour", "corrected"})),
    "lost contrast": (lifted, frozenset({"colour", "corrected"})),
    "flash of lost contrast": (flashing, frozenset({"flash", "deflashed"})),
    "another view inside": (cut, frozenset({"cut"})),
    "10 frames stand still": (frozen, frozenset({"freeze"})),
    "softness": (soft, frozenset({"soft"})),
    "wrong first frame": (elsewhere, frozenset({"pair"})),
}
"""What is put in, and the rules (or the treatment) that should find it."""

NEEDS_MOTION = frozenset(
    {"frame shown twice", "4 frames left out", "motion turns round", "10 frames stand still"}
)
"""Faults that are none on a view that stands still."""

NEEDS_ORDER = frozenset({"4 frames left out", "flash of lost contrast"})
"""Faults that are not to be told where a view jumps by itself."""


def _lifted(frames: Frames, shares: Any) -> Frames:
    shown = []
    for frame, share in zip(frames, shares, strict=True):
        added = share * np.interp(frame @ LUMA / 255, AT, _LIFT)
        shown.append(as_levels(frame + added[..., None]))
    return np.stack(shown)


def as_levels(values: Any) -> Frames:
    """Rounded, clipped to 0 … 255, as bytes."""
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
