"""Colour transforms: three rows of [r, g, b, 1] → R, G, B on values of 0 to 1, and fitting them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from longtake.media.measure.pixels import Floats

Transform = npt.NDArray[np.float64]
"""Shape (3, 4)."""

GAINS = (0.8, 1.25)
"""How far a transform may weaken or strengthen any direction of colour."""

MAX_SHIFT = 0.10
"""How far it may move middle grey, as a share of the whole range."""

IDENTITY: Transform = np.eye(3, 4)

_ROUNDS = 12
_HUBER = 1.345
_TUKEY = 4.685
# What is known before looking: a hop changes gains by about 8 per cent; a block of pixels is seen
# with an error of about 0.01, and only one block in twenty errs independently of its neighbours.
_BELIEF = 20 * 0.01**2 / 0.08**2


def fit(source: Floats, target: Floats, *, belief: float = _BELIEF) -> Transform:
    """The clamped transform that takes ``source`` to ``target``, both (n, 3) of 0 to 1.

    Both ways are fitted and their mean is taken: what differs at random (grain, codec, edges that
    do not quite meet) makes either way's gains too small by the same share. ``belief`` is the
    weight of "nothing changed" in samples: it decides where the picture has no colours to tell.
    """
    known, wanted = source.astype(np.float64), target.astype(np.float64)
    there, weights = _robust(known, wanted, belief)
    back, _ = _robust(wanted, known, belief)
    return clamped((there + inverted(back)) / 2, known, wanted, weights)


def clamped(
    transform: Transform,
    known: npt.NDArray[np.float64],
    wanted: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
) -> Transform:
    """``transform`` within GAINS and MAX_SHIFT; a clamped one is centred on the data again."""
    left, gains, right = np.linalg.svd(transform[:, :3])
    held = np.clip(gains, *GAINS)
    matrix = transform[:, :3] if np.allclose(held, gains) else (left * held) @ right
    offset = weights @ (wanted - known @ matrix.T) / weights.sum()
    return limited(np.column_stack([matrix, offset]))


def limited(transform: Transform) -> Transform:
    """The same, but middle grey moves by no more than MAX_SHIFT."""
    grey = np.full(3, 0.5)
    moved = applied(transform, grey) - grey
    surplus = moved - np.clip(moved, -MAX_SHIFT, MAX_SHIFT)
    return np.asarray(transform - np.outer(surplus, (0, 0, 0, 1)))


def applied(transform: Transform, colours: npt.NDArray[np.floating]) -> npt.NDArray[np.float64]:
    """``colours`` (…, 3) of 0 to 1, transformed, not clipped."""
    return np.asarray(colours @ transform[:, :3].T + transform[:, 3])


def composed(after: Transform, before: Transform) -> Transform:
    """The one transform that does ``before`` and then ``after``."""
    matrix = after[:, :3] @ before[:, :3]
    return np.column_stack([matrix, after[:, :3] @ before[:, 3] + after[:, 3]])


def inverted(transform: Transform) -> Transform:
    """The transform that undoes ``transform``."""
    matrix = np.linalg.inv(transform[:, :3])
    return np.column_stack([matrix, -matrix @ transform[:, 3]])


def lengths(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Of each column of ``vectors``, (3, n) → (n,)."""
    return np.asarray(np.sqrt((vectors**2).sum(axis=0)))


def median(values: npt.NDArray[np.float64]) -> float:
    """Of (n,), as ``np.median``, which takes several times as long for a few thousand."""
    middle = (len(values) - 1) // 2, len(values) // 2
    low, high = np.partition(values, middle)[[*middle]].tolist()
    return float(low + high) / 2


def _robust(
    known: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64], belief: float
) -> tuple[Transform, npt.NDArray[np.float64]]:
    """Least squares with weights by iteration, so that what moved or was redrawn counts little.

    Huber's weights find the way from any start; Tukey's then leave out what does not belong.
    """
    weights = np.ones(len(known))
    both = np.concatenate([known.T, np.ones((1, len(known))), wanted.T])
    for turn in range(_ROUNDS):
        transform = _weighted((both * weights) @ both.T, belief)
        missed = lengths(both[4:] - transform @ both[:4])
        usual = missed / max(1.4826 * median(missed), 1e-4)
        if turn < _ROUNDS // 2:
            weights = np.minimum(1.0, _HUBER / np.maximum(usual, 1e-9))
        else:
            weights = np.clip(1 - (usual / _TUKEY) ** 2, 0, 1) ** 2
    return transform, weights


def _weighted(sums: npt.NDArray[np.float64], belief: float) -> Transform:
    """Least squares around the weighted means, pulled towards no change by ``belief``.

    ``sums`` (7, 7): what the products of known, 1 and wanted come to, all weighed.
    """
    total = sums[3, 3]
    centre, goal = sums[:3, 3] / total, sums[4:, 3] / total
    square = sums[:3, :3] - total * np.outer(centre, centre) + belief * np.eye(3)
    towards = sums[:3, 4:] - total * np.outer(centre, goal) + belief * np.eye(3)
    matrix = np.linalg.solve(square, towards).T
    return np.column_stack([matrix, goal - matrix @ centre])
