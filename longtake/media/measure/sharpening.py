"""What a hop takes from sharpness, given back to the frame that is handed on; bounded.

Only that frame is sharpened, never the film: the next clip starts as sharp as this one was asked to
be, so softness does not add up along a chain. How much is measured on the pair, and only as far as
it does not lead away from what was sent: texture that a model redraws is not blur.
"""

from __future__ import annotations

import numpy as np

from longtake.media.measure.pixels import Floats, Rgb
from longtake.media.measure.registering import (
    Shift,
    detail_likeness,
    luma_of,
    overlapping,
    reduced,
    shift_between,
)
from longtake.media.measure.samples import laplacian_variance

MOST = 1.5
"""The greatest amount; more would draw lines around things."""

LEAST_LOST = 0.03
"""Share of sharpness that must be lost for anything to be done."""

REFINED = 1.004
"""Sharpness of a clip's last frame by its first frame's, where it cannot be seen: on a calm view an
encoder goes on refining, so that the last frame has some of the detail that frame 0 has not."""

MOST_REFINED = 0.03
"""How far from 1 that ratio may be taken to be: what changes more, changed in the scene."""

GRAIN = 1.5
"""Levels of detail that are taken for grain and coding, and not sharpened."""

OVERSHOOT = 0.25
"""How far, as a share of the contrast around it, a pixel may leave what is around it."""

SIGMA = 1.0
"""Width in pixels of the blur that sharpening undoes."""

_ROUNDS = 10
_SAME_SURFACES = 0.8
_LEAST_SHARED = 0.5


def sharpening_for(sent: Rgb, came: Rgb, *, refined: float = REFINED) -> float:
    """The amount by which the frame handed on is to be sharpened to be as sharp as ``sent``.

    ``came`` is the clip's first frame; both (height, width, 3), registered, of the same colours.
    ``refined``: how sharp the frame handed on is by that one. 0 for none. Sharpness is the variance
    of the Laplacian on means of 2 x 2 pixels, where grain and coding are small.
    """
    one, other = luma_of(sent), luma_of(came)
    wanted = _sharpness(one) / refined
    if wanted <= 0 or _sharpness(other) >= (1 - LEAST_LOST) * wanted:
        return 0.0
    before = _apart(one, other)

    def wants_more(amount: float) -> bool:
        side = sharp(other, amount)
        return _sharpness(side) < wanted and _apart(one, side) <= before

    low, high = 0.0, MOST
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        if wants_more(middle):
            low = middle
        else:
            high = middle
    return round(high if _apart(one, sharp(other, high)) <= before else low, 3)


def refinement(first: Rgb, last: Rgb) -> float:
    """Sharpness of a clip's last frame by its first one's, on the surfaces that both show.

    By the contrast of large things in each, which light may change. REFINED where they do not show
    the same.
    """
    one, other = luma_of(first), luma_of(last)
    shift = shift_between(reduced(one, 2), reduced(other, 2))
    # By whole pixels, and even ones: interpolating would soften, and 2 x 2 pixels must meet.
    whole = Shift(2 * round(shift.x), 2 * round(shift.y), shift.sureness)
    sides = overlapping(one, other, whole)
    if sides[0].size < _LEAST_SHARED * one.size:
        return REFINED
    if detail_likeness(*(reduced(side, 2) for side in sides)) < _SAME_SURFACES:
        return REFINED
    before, after = (_sharpness(one) / max(float(reduced(one, 8).var()), 1e-3) for one in sides)
    ratio = after / before if before > 0 else 1.0
    return float(np.clip(ratio, 1 - MOST_REFINED, 1 + MOST_REFINED))


def sharpened(picture: Rgb, amount: float) -> Rgb:
    """RGB (height, width, 3), sharpened in luma alone."""
    if amount <= 0:
        return picture
    luma = luma_of(picture)
    added = (sharp(luma, amount) - luma)[..., None]
    return np.clip(np.rint(picture + added), 0, 255).astype(np.uint8)


def sharp(luma: Floats, amount: float) -> Floats:
    """Luma (height, width) in levels, sharpened: large detail alone, and bounded."""
    detail = luma - blurred(luma)
    # Small detail is grain: it is left as it is.
    stressed = luma + amount * detail * detail**2 / (detail**2 + GRAIN**2)
    lowest, highest = _around(luma, np.minimum), _around(luma, np.maximum)
    room = OVERSHOOT * (highest - lowest)
    return np.asarray(np.clip(stressed, lowest - room, highest + room), np.float32)


def _sharpness(luma: Floats) -> float:
    return laplacian_variance(4 * reduced(luma, 2))


def _apart(one: Floats, other: Floats) -> float:
    return float(((reduced(one, 2) - reduced(other, 2)) ** 2).mean())


def blurred(luma: Floats, sigma: float = SIGMA) -> Floats:
    """Luma (height, width) under a bell of ``sigma`` pixels, at most 1.2."""
    reach = np.arange(-3, 4)
    bell = np.exp(-(reach**2) / (2 * sigma**2))
    bell = (bell / bell.sum()).astype(np.float32)
    for axis in (0, 1):
        wide = np.pad(luma, [(3, 3) if one == axis else (0, 0) for one in (0, 1)], mode="edge")
        length = luma.shape[axis]
        parts = [np.take(wide, range(at, at + length), axis) for at in range(7)]
        luma = np.asarray(sum(w * part for w, part in zip(bell, parts, strict=True)), np.float32)
    return luma


def _around(luma: Floats, extreme: np.ufunc) -> Floats:
    """The least or greatest of each pixel and its neighbours, 3 x 3."""
    for axis in (0, 1):
        wide = np.pad(luma, [(1, 1) if one == axis else (0, 0) for one in (0, 1)], mode="edge")
        length = luma.shape[axis]
        parts = [np.take(wide, range(at, at + length), axis) for at in range(3)]
        luma = extreme(extreme(parts[0], parts[1]), parts[2])
    return luma
