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

Flags = npt.NDArray[np.bool_]

Decays = list[tuple[int, Levels]]
"""Of each, how many frames belong to it, and its share of the first frame's in every frame."""

_MOST_DEGREE, _MOST_DEGREE_ALONE = 5, 3
_ROUNDING, _ROUNDING_ALONE = 0.15, 0.5  # levels; an error below it is none
_PRICE = 3.0  # frames in a row err together: each is worth less than one
_WAYS = 2  # in which light changes a picture: a gain and an offset


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
    exposures: Levels,
    shares: Levels,
    decays: Decays | None = None,
    *,
    past: Levels | None = None,
    averaged: Flags | None = None,
) -> Fade:
    """The fade that explains ``exposures`` (frames, points) best, together with steady change.

    ``past``: exposures of the frames before the first, the nearest first, beginning with the one
    that was handed over, as it came. ``averaged``: which of all these the codec made from both
    sides: it rounds their means up, by a tenth of a level or so, and the frame that is handed on is
    none of them. Light that stays comes first; a freer curve of it counts only where it explains
    much more (Bayes' criterion): through a noisy one it would run away before the frames that it
    knows, and sooner where nothing is known of the light before. Light does the same to all points;
    in what they differ the fade is seen alone, so what is left is weighed by its own covariance.
    Where several explanations are about as good, their mean is taken.
    """
    earlier = np.zeros((0, exposures.shape[1])) if past is None else past
    count, seen = len(exposures), np.concatenate([exposures, earlier])
    time = np.concatenate([np.arange(count), -np.arange(len(earlier))]) / count
    own = (np.arange(len(seen)) < count)[:, None]  # from the seam on: what stays raised
    coded = np.zeros((len(seen), 1)) if averaged is None else averaged[:, None]
    found: list[tuple[float, Fade]] = []
    most, rounding = _MOST_DEGREE, _ROUNDING
    if not len(earlier):
        most, rounding = _MOST_DEGREE_ALONE, _ROUNDING_ALONE
    for degree in range(most + 1):
        light = time[:, None] ** np.arange(degree + 1)
        steady = np.column_stack([light, own]) if len(earlier) else light
        for length, decay in decays or _decays(count):
            design = np.column_stack([steady, coded, np.r_[decay, np.zeros(len(earlier))]])
            solved = _solved(design, seen, steady.shape[1])
            rest = seen - design @ solved
            base = (steady @ solved[:-2])[:count]
            cost = _cost(rest * np.sqrt(shares), degree, rounding)
            found.append((cost, Fade(length, base, solved[-1], rest[:count])))
    return _mean(found)


def _solved(design: Levels, seen: Levels, held: int) -> Levels:
    """Least squares; that column ``held`` does nothing counts as much as one frame."""
    belief = np.eye(design.shape[1])[held]
    known = np.concatenate([seen, np.zeros((1, seen.shape[1]))])
    return np.asarray(np.linalg.lstsq(np.vstack([design, belief]), known, rcond=None)[0])


def _cost(rest: Levels, degree: int, rounding: float) -> float:
    """Bayes' criterion of light of that degree that leaves ``rest`` (frames, points)."""
    frames, points = rest.shape
    unseen = rounding**2 / points * np.eye(points)
    left = np.linalg.slogdet(rest.T @ rest / frames + unseen)[1]
    return float(frames * left + _PRICE * min(points, _WAYS) * degree * np.log(frames))


def _mean(found: list[tuple[float, Fade]]) -> Fade:
    """All of them, each by how likely it is; as long as the likeliest."""
    costs = np.array([cost for cost, _ in found])
    likely = np.exp((costs.min() - costs) / 2)
    likely /= likely.sum()
    parts = ([getattr(one, name) for _, one in found] for name in ("base", "height", "rest"))
    base, height, rest = (np.tensordot(likely, np.array(part), 1) for part in parts)
    return Fade(found[int(costs.argmin())][1].frame_count, base, height, rest)


def _decays(frames: int) -> Iterator[tuple[int, Levels]]:
    """From 1 to nothing within FRAMES frames: in a straight line, or by halves."""
    time = np.arange(frames)
    for length in range(1, FRAMES + 1):
        yield length, np.clip(1 - time / length, 0, 1)
    for half_life in (1.0, 1.5, 2.0, 3.0):
        yield FRAMES, np.where(time < FRAMES, 0.5 ** (time / half_life), 0.0)
