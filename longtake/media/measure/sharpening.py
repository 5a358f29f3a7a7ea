"""What a hop takes from sharpness, given back to the frame that is handed on; bounded.

Only that frame is sharpened, never the film: the next clip starts as sharp as this one was asked to
be, so softness does not add up along a chain. How much is measured on the pair, and only as far as
it does not lead away from what was sent: texture that a model redraws is not blur.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from longtake.media.measure.pixels import Floats, Rgb
from longtake.media.measure.registering import Shift, luma_of, overlapping, reduced
from longtake.media.measure.samples import laplacian_variance

MOST = 1.5
"""The greatest amount; more would draw lines around things."""

LEAST_LOST = 0.03
"""Share of sharpness that must be lost for anything to be done."""

GRAIN = 1.5
"""Levels of detail that are taken for grain and coding, and not sharpened."""

OVERSHOOT = 0.25
"""How far, as a share of the contrast around it, a pixel may leave what is around it."""

SIGMA = 1.0
"""Width in pixels of the blur that sharpening undoes."""

NO_SHIFT = Shift(0.0, 0.0, 1.0)

_ROUNDS = 10


def sharpening_for(sent: Rgb, came: Rgb, shift: Shift = NO_SHIFT) -> float:
    """The amount by which the frame handed on is to be sharpened to be as sharp as ``sent``.

    ``came`` is the clip's first frame; both (height, width, 3), of the same colours, ``came`` moved
    by ``shift``. 0 for none. Sharpness is the variance of the Laplacian on means of 2 x 2 pixels,
    where grain and coding are small, and compared by whole pixels: interpolating would soften.
    """
    one, other = luma_of(sent), luma_of(came)
    shown, seen = overlapping(one, other, _whole(shift))
    wanted = _sharpness(shown)
    if wanted <= 0 or _sharpness(seen) >= (1 - LEAST_LOST) * wanted:
        return 0.0
    sharper = sharpener(seen)
    amount = _most(lambda more: _sharpness(sharper(more)) < wanted, MOST)
    one, other = overlapping(one, other, shift)
    before, sharper = _apart(one, other), sharpener(other)
    if _apart(one, sharper(amount)) > before:
        amount = _most(lambda more: _apart(one, sharper(more)) <= before, amount)
    return round(amount, 3)


def _whole(shift: Shift) -> Shift:
    """The nearest by even pixels, so that means of 2 x 2 meet."""
    return Shift(2 * round(shift.x / 2), 2 * round(shift.y / 2), shift.sureness)


def _most(holds: Callable[[float], bool], most: float) -> float:
    """The greatest amount up to ``most`` up to which something holds."""
    low, high = 0.0, most
    for _ in range(_ROUNDS):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def sharpened(picture: Rgb, amount: float) -> Rgb:
    """RGB (height, width, 3), sharpened in luma alone."""
    if amount <= 0:
        return picture
    luma = luma_of(picture)
    added = (sharp(luma, amount) - luma)[..., None]
    return np.clip(np.rint(picture + added), 0, 255).astype(np.uint8)


def sharp(luma: Floats, amount: float) -> Floats:
    """Luma (height, width) in levels, sharpened: large detail alone, and bounded."""
    return sharpener(luma)(amount)


def sharpener(luma: Floats) -> Callable[[float], Floats]:
    """``sharp`` of one picture, by any amount: what all amounts share is made once."""
    detail = luma - blurred(luma)
    squares = detail**2
    lowest, highest = _around(luma, np.minimum), _around(luma, np.maximum)
    room = OVERSHOOT * (highest - lowest)
    lowest, highest = lowest - room, highest + room

    def by(amount: float) -> Floats:
        added = amount * detail
        added *= squares
        added /= squares + GRAIN**2  # small detail is grain: it is left as it is
        added += luma
        return np.asarray(np.clip(added, lowest, highest, out=added), np.float32)

    return by


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
        parts = _beside(luma, 3, axis)
        luma = bell[0] * parts[0]
        for weight, part in zip(bell[1:], parts[1:], strict=True):
            luma += weight * part
    return luma


def _around(luma: Floats, extreme: np.ufunc) -> Floats:
    """The least or greatest of each pixel and its neighbours, 3 x 3."""
    for axis in (0, 1):
        before, here, behind = _beside(luma, 1, axis)
        luma = extreme(before, here)
        extreme(luma, behind, out=luma)
    return luma


def _beside(luma: Floats, reach: int, axis: int) -> list[Floats]:
    """The picture moved by -``reach`` to ``reach`` pixels, its edges drawn out."""
    wide = np.pad(luma, [(reach, reach) if one == axis else (0, 0) for one in (0, 1)], mode="edge")
    length, lines = luma.shape[axis], wide if axis == 0 else wide.T
    moved = [lines[at : at + length] for at in range(2 * reach + 1)]
    return moved if axis == 0 else [one.T for one in moved]
