"""Models of a colour error, of growing freedom, and the choice between them on pixels held out.

A picture shows only some colours. On one that is almost all red a free transform invents what it
does to green and blue; on one with raised blacks an offset does nothing good. So simple models are
fitted first, each freer one starts from the best so far, and it is taken only when it comes
clearly nearer on parts of the picture that it has not seen.

Differences are fitted against the *mean* of the two pictures: what is random in either makes gains
neither too small nor too large.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from longtake.media.measure.fitting import GAINS, applied, composed, fit, lengths, limited, median
from longtake.media.measure.grading import (
    AT,
    FLAT,
    KNOTS,
    LUMA,
    UNCHANGED,
    Curve,
    Grade,
    curved,
    graded,
    held,
)
from longtake.media.measure.pixels import Floats, delta_e

FOLDS = 4
"""In how many parts the picture's tiles are divided; each is held out once."""

SURENESS = 2.0
"""Standard errors by which a freer model must be nearer on tiles that it has not seen."""

LEAST_GAIN = 0.02
"""… and by at least this share of the distance that is left."""

_ROUNDS = 10
_TUKEY = 4.685
# As in ``fitting``: what is known before looking, in samples.
_BELIEF = 20 * 0.01**2 / 0.08**2
_MOST_ERROR, _LEAST_ERROR = 0.01, 0.002
_BEND = 0.01  # how much a curve may turn at a point
_TO_CHROMA = np.eye(3) - np.outer(np.ones(3), LUMA)
# Held to the simpler model: a hop's mixtures of colours are a per cent or two.
_CLOSE_BELIEF = 20 * 0.01**2 / 0.02**2

Values = npt.NDArray[np.float64]
Model = Callable[[Values, Values, Grade], Grade]
"""Came (n, 3), sent (n, 3), the best simpler grade → the grade that takes one to the other."""


@dataclass(frozen=True)
class Choice:
    """Which model was taken, and how near it comes on tiles that it had not seen."""

    name: str
    grade: Grade
    before: float
    """Mean ΔE without any."""
    after: float
    """Mean ΔE with it, on what was held out."""


def choose(
    came: Floats,
    sent: Floats,
    tiles: npt.NDArray[np.int_],
    models: Mapping[str, Model] | None = None,
) -> Choice:
    """The simplest model that serves; ``tiles`` says of each sample which tile it lies in.

    ``models``: those that may be taken, by default all.
    """
    known, wanted = came.astype(np.float64), sent.astype(np.float64)
    folds = tiles % FOLDS
    best = Choice("none", UNCHANGED, _apart(known, wanted), _apart(known, wanted))
    seen = _by_tile(_distances(known, wanted), tiles)
    held_out = [UNCHANGED] * FOLDS
    for name, model in (MODELS if models is None else models).items():
        grade = model(known, wanted, best.grade)
        if not _is_nearer(_by_tile(_distances(graded(grade, known), wanted), tiles), seen):
            continue  # on what it has seen; on what it has not, it will be less so
        tried, distances = list(held_out), np.zeros(len(known))
        for fold in range(FOLDS):
            inside = folds != fold
            if inside.sum() and (~inside).sum():
                tried[fold] = model(known[inside], wanted[inside], held_out[fold])
            distances[~inside] = _distances(graded(tried[fold], known[~inside]), wanted[~inside])
        now = _by_tile(distances, tiles)
        if _is_nearer(now, seen):
            best = Choice(name, grade, best.before, float(distances.mean()))
            seen, held_out = now, tried
    return best


def _is_nearer(now: Values, before: Values) -> bool:
    gained = before - now
    error = float(gained.std()) / max(np.sqrt(len(gained)), 1)
    return bool(gained.mean() > max(SURENESS * error, LEAST_GAIN * float(before.mean())))


def _offset(came: Values, sent: Values, best: Grade) -> Grade:
    apart = (sent - came).T.copy()

    def mean(kept: Values) -> Values:
        return np.asarray(apart @ kept / kept.sum())

    weights = _weights(lambda kept: lengths(apart - mean(kept)[:, None]), len(came))
    return Grade(limited(np.column_stack([np.eye(3), mean(weights)])), FLAT)


def _gains(came: Values, sent: Values, best: Grade) -> Grade:
    """A gain and an offset for each channel."""
    gains, weights = _robust_gains(came, sent)
    offsets = weights @ (sent - gains * came) / weights.sum()
    return Grade(limited(np.column_stack([np.diag(gains), offsets])), FLAT)


def _curve(came: Values, sent: Values, best: Grade) -> Grade:
    """A curve of luma, one gain of colour, and gains and offsets of the channels.

    The curve has all that was lost of contrast, so that the gains are of colours alone.
    """
    curve = luma_curve(came @ LUMA, sent @ LUMA)
    there = np.asarray(curved(curve, came), np.float64)
    one, other = there @ _TO_CHROMA.T, sent @ _TO_CHROMA.T
    gains, weights = _robust_gains(one, other, shared=True)
    cast = weights @ (other - gains * one) / weights.sum()
    colour = np.column_stack([np.outer(np.ones(3), LUMA) + gains[0] * _TO_CHROMA, cast])
    after = _gains(applied(colour, there), sent, best).transform
    return Grade(limited(composed(after, colour)), curve)


def _robust_gains(came: Values, sent: Values, *, shared: bool = False) -> tuple[Values, Values]:
    """The gain of each channel, or one for all, next to an offset; and what each sample counts."""
    middle, apart = ((came + sent) / 2).T.copy(), (sent - came).T.copy()
    moments = np.concatenate([np.ones((1, len(came))), middle, apart, middle**2, middle * apart])

    def lines(kept: Values) -> tuple[Values, Values]:
        (total,), *sums = np.split(moments @ kept, [1, 4, 7, 10])
        centre, nearby, squares, products = (one / total for one in sums)
        both, square = total * (products - centre * nearby), total * (squares - centre**2)
        if shared:
            both, square = np.full(3, both.sum()), np.full(3, square.sum())
        slope = both / (square + _BELIEF)
        return slope, nearby - slope * centre

    def missed(kept: Values) -> Values:
        slope, level = lines(kept)
        rest = apart - slope[:, None] * middle
        rest -= level[:, None]
        return lengths(rest)

    weights = _weights(missed, len(came))
    slope, _ = lines(weights)
    return np.clip((1 + slope / 2) / (1 - slope / 2), *GAINS), weights


def _mixtures(came: Values, sent: Values, best: Grade) -> Grade:
    """All twelve numbers, held to the best simpler model."""
    near = graded(best, came).astype(np.float32)
    after = fit(near, sent.astype(np.float32), belief=_CLOSE_BELIEF)
    return Grade(limited(composed(after, best.transform)), best.curve)


MODELS: dict[str, Model] = {
    "offsets": _offset,
    "gains and offsets": _gains,
    "a curve of luma, and gains": _curve,
    "mixtures of colours": _mixtures,
}
"""In the order of their freedom."""

AFFINE: Mapping[str, Model] = {name: model for name, model in MODELS.items() if model is not _curve}
"""Those without a curve: a share of them can be taken."""


def luma_curve(came: Values, sent: Values, error: float | None = None) -> Curve:
    """What is to be added to luma ``came`` (n,) by how bright it is, to be like ``sent``.

    ``error``: with which both are seen, so how smooth the curve is; by default what they show.
    """
    middle, apart = (came + sent) / 2, sent - came
    points, shares = _shares(middle)
    cells, squares = points[:, None] * KNOTS + points, shares[:, None] * shares
    pulls = shares * apart

    def solved(kept: Values, error: float = _MOST_ERROR) -> Values:
        square = np.bincount(cells.ravel(), (squares * kept).ravel(), KNOTS**2)
        wanted = np.bincount(points.ravel(), (pulls * kept).ravel(), KNOTS)
        known = square.reshape(KNOTS, KNOTS) + _curve_prior(error)
        return np.asarray(np.linalg.solve(known, wanted))

    def missed(kept: Values) -> Values:
        return np.asarray(np.abs(apart - (shares * solved(kept)[points]).sum(axis=0)))

    weights = _weights(missed, len(came))
    # Smooth by as much as the pair needs: on a clean one, what is smoothed away stays in the film.
    if error is None:
        usual = float(np.average(missed(weights), weights=weights))
        error = float(np.clip(usual, _LEAST_ERROR, _MOST_ERROR))
    found = solved(weights, error)
    # Found as a curve of the mean of both; wanted as one of what came.
    return held(np.interp(AT, AT - found / 2, found))


@lru_cache(maxsize=8)
def _curve_prior(error: float) -> Values:
    """What is known of a curve before looking, by the ``error`` with which blocks are seen."""
    bends = np.diff(np.eye(KNOTS), 2, axis=0)
    tilts = np.diff(np.eye(KNOTS), axis=0) * (KNOTS - 1)
    smooth = 20 * error**2 / _BEND**2
    flat = _BELIEF / KNOTS * (error / _MOST_ERROR) ** 2
    return smooth * bends.T @ bends + flat * tilts.T @ tilts + 1e-6 * np.eye(KNOTS)


def _shares(values: Values) -> tuple[npt.NDArray[np.int_], Values]:
    """Of each value (n,) the two points next to it, and the shares of both, (2, n)."""
    places = values * (KNOTS - 1)
    points = np.add(np.clip(places, 0, KNOTS - 2).astype(int), [[0], [1]])
    return points, np.clip(1 - np.abs(places - points), 0, 1)


def _weights(missed: Callable[[Values], Values], count: int) -> Values:
    """Huber's weights first, Tukey's then: what moved or was redrawn counts little or not.

    ``missed``: by how much each sample is missed, (n,), where they count as much as that.
    """
    kept = np.ones(count)
    for turn in range(_ROUNDS):
        far = missed(kept)
        usual = far / max(1.4826 * median(far), 1e-4)
        if turn < _ROUNDS // 2:
            kept = np.minimum(1.0, 1.345 / np.maximum(usual, 1e-9))
        else:
            kept = np.clip(1 - (usual / _TUKEY) ** 2, 0, 1) ** 2
    return np.asarray(kept + 1e-9)


def _distances(one: Values, other: Values) -> Values:
    return np.asarray(delta_e(one * 255, other * 255), np.float64)


def _apart(one: Values, other: Values) -> float:
    return float(_distances(one, other).mean())


def _by_tile(distances: Values, tiles: npt.NDArray[np.int_]) -> Values:
    counts = np.bincount(tiles)
    sums = np.bincount(tiles, distances)
    return np.asarray(sums[counts > 0] / counts[counts > 0])
