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
    offset = np.average(wanted - known @ matrix.T, axis=0, weights=weights)
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


def _robust(
    known: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64], belief: float
) -> tuple[Transform, npt.NDArray[np.float64]]:
    """Least squares with weights by iteration, so that what moved or was redrawn counts little.

    Huber's weights find the way from any start; Tukey's then leave out what does not belong.
    """
    weights = np.ones(len(known))
    for turn in range(_ROUNDS):
        transform = _weighted(known, wanted, weights, belief)
        missed = np.linalg.norm(wanted - applied(transform, known), axis=1)
        usual = missed / max(1.4826 * float(np.median(missed)), 1e-4)
        if turn < _ROUNDS // 2:
            weights = np.minimum(1.0, _HUBER / np.maximum(usual, 1e-9))
        else:
            weights = np.clip(1 - (usual / _TUKEY) ** 2, 0, 1) ** 2
    return transform, weights


def _weighted(
    known: npt.NDArray[np.float64],
    wanted: npt.NDArray[np.float64],
    weights: npt.NDArray[np.float64],
    belief: float,
) -> Transform:
    """Least squares around the weighted means, pulled towards no change by ``belief``."""
    centre = np.average(known, axis=0, weights=weights)
    goal = np.average(wanted, axis=0, weights=weights)
    near, far = known - centre, wanted - goal
    square = (near * weights[:, None]).T @ near + belief * np.eye(3)
    matrix = np.linalg.solve(square, (near * weights[:, None]).T @ far + belief * np.eye(3)).T
    return np.column_stack([matrix, goal - matrix @ centre])
