"""What fades at the beginning of a clip, told from light that stays or changes steadily.

The light of a scene goes on over the seam: frames before it, where they are known, say how. What
is raised for good from the seam on (contrast that stays lost) is a step, and neither.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FRAMES = 12
"""How many frames may belong to a flash."""

Levels = npt.NDArray[np.float64]

Decays = list[tuple[int, Levels]]
"""Of each, how many frames belong to it, and its share of the first frame's in every frame."""

_MOST_DEGREE = 3
_ROUNDING = 0.15  # levels; an error below it is none
_PRICE = 3.0  # frames in a row err together: each is worth less than one


@dataclass(frozen=True)
class Fade:
    """How light went on, and what lay next to it in the first ``frame_count`` frames."""

    frame_count: int
    base: Levels
    """(frames, …), what would be without the flash."""
    height: Levels
    """(…,), the flash in the first frame."""
    rest: Levels
    """(frames, …), what neither explains."""

    def seen_as(self, weights: Levels) -> Fade:
        """The same of the weighted sum of all points, (frames, 1)."""
        parts = (one @ weights for one in (self.base, self.height, self.rest))
        base, height, rest = (np.asarray(one)[..., None] for one in parts)
        return Fade(self.frame_count, base, height, rest)

    @property
    def error(self) -> float:
        """Root mean square of ``rest``."""
        return float((self.rest**2).mean() ** 0.5)


def fade_of(
    exposures: Levels, shares: Levels, decays: Decays | None = None, *, past: Levels | None = None
) -> Fade:
    """The fade that explains ``exposures`` (frames, points) best, together with steady change.

    ``past``: exposures of the frames before the first, the nearest first. Light that stays comes
    first; a freer curve of it is taken only where it explains much more (Bayes' criterion): through
    a noisy one it would run away before the frames that it knows.
    """
    count = len(exposures)
    earlier = np.zeros((0, exposures.shape[1])) if past is None else past
    seen = np.concatenate([exposures, earlier])
    time = np.concatenate([np.arange(count), -np.arange(1.0, len(earlier) + 1)]) / count
    own = (time >= 0)[:, None].astype(float)  # from the seam on: what stays raised
    best, least = Fade(0, exposures, np.zeros(exposures.shape[1]), 0 * exposures), np.inf
    for degree in range(_MOST_DEGREE + 1):
        light = time[:, None] ** np.arange(degree + 1)
        steady = np.column_stack([light, own]) if len(earlier) else light
        for length, decay in decays or _decays(count):
            design = np.column_stack([steady, np.r_[decay, np.zeros(len(earlier))]])
            solved, *_ = np.linalg.lstsq(design, seen, rcond=None)
            rest = seen - design @ solved
            error = float((rest**2 @ shares).mean())
            price = len(seen) * np.log(error + _ROUNDING**2) + _PRICE * degree * np.log(len(seen))
            if price < least:
                least = price
                best = Fade(length, (steady @ solved[:-1])[:count], solved[-1], rest[:count])
    return best


def _decays(frames: int) -> Iterator[tuple[int, Levels]]:
    """From 1 to nothing within FRAMES frames: in a straight line, or by halves."""
    time = np.arange(frames)
    for length in range(1, FRAMES + 1):
        yield length, np.clip(1 - time / length, 0, 1)
    for half_life in (1.0, 1.5, 2.0, 3.0):
        yield FRAMES, np.where(time < FRAMES, 0.5 ** (time / half_life), 0.0)
