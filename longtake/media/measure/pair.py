"""The frame that was handed over against the frame that came back first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from longtake.media.measure.pixels import Floats, Rgb, delta_e
from longtake.media.measure.registering import luma_of, overlapping, reduced, shift_between, ssim
from longtake.media.measure.samples import laplacian_variance
from longtake.story.readings import PairReading

LEAST_STRUCTURE = 0.85
"""Likeness of structure (see ``structure``) below which two pictures show different things."""

SUCCESSOR_PIXELS = 1.0
"""Shift of the pair from which it may be that the clip begins one step later."""

MAX_DISPLACED = 0.006
"""Share of the width by which a fault may displace the picture (5 pixels at 480p), and at least 2
pixels: what lies farther off is another moment."""

BLOCKS_ACROSS = 80
"""Blocks across a picture on whose means colours are compared: what a model redraws of texture is
averaged away in them, and no transform could bring it back."""

MAX_PSNR_DB = 100.0
"""What is said of two pictures that do not differ at all."""

_NOISE = 4.0


def compare_pair(sent: Rgb, came: Rgb, follows: Rgb | None = None) -> PairReading:
    """Read a pair of the same size, (h, w, 3); ``follows`` is the clip's frame 1, if it has one.

    The first frame *repeats* the one handed over if it shows the same, and does not lie one step
    of the clip's own motion beyond it. Colour, light and softness do not matter to that.
    """
    one, other = luma_of(sent), luma_of(came)
    blocks = [reduced(side, max(1, round(sent.shape[1] / BLOCKS_ACROSS))) for side in (sent, came)]
    red, green, blue = (blocks[1] - blocks[0]).mean(axis=(0, 1)).tolist()
    return PairReading(
        psnr_db=psnr(sent, came),
        ssim=max(0.0, ssim(one, other)),
        colour_step=float(delta_e(sent, came).mean()),
        softness=_kept(one, other),
        repeats=_repeats(one, other, None if follows is None else luma_of(follows)),
        block_step=float(delta_e(*blocks).mean()),
        bias=(red, green, blue),
        contrast=contrast_kept(*map(luma_of, blocks)),
        detail=_kept(4 * reduced(one, 2), 4 * reduced(other, 2)),
    )


def contrast_kept(sent: Floats, came: Floats) -> float:
    """Spread of luma, came over sent; 1 for a picture without any."""
    spread = float(sent.std())
    return float(came.std()) / spread if spread >= 1 / 255 else 1.0


def _kept(sent: Floats, came: Floats) -> float:
    """How much of the variance of the Laplacian is left; 1 for a picture without any."""
    sharpness = laplacian_variance(sent)
    return laplacian_variance(came) / sharpness if sharpness > 0 else 1.0


def psnr(one: Rgb, other: Rgb) -> float:
    """Peak signal-to-noise ratio over RGB, in dB, at most ``MAX_PSNR_DB``."""
    error = float(((one.astype(np.float32) - other) ** 2).mean())
    return MAX_PSNR_DB if error == 0 else min(MAX_PSNR_DB, float(10 * np.log10(255**2 / error)))


def structure(one: Floats, other: Floats) -> float:
    """Correlation of two luma pictures in windows of 8 x 8, weighed by their texture; 1 is alike.

    Light, contrast and colour cast drop out: only what is where counts.
    """
    first, second = _windows(one), _windows(other)
    spread = np.sqrt((first**2).mean(axis=1) * (second**2).mean(axis=1))
    together = (first * second).mean(axis=1)
    # What is added on both sides: a window that is flatter than two levels holds noise only.
    return float((together + _NOISE).sum() / (spread + _NOISE).sum())


def _windows(picture: Floats, size: int = 8) -> npt.NDArray[np.float32]:
    height, width = (side // size * size for side in picture.shape)
    blocks = picture[:height, :width].reshape(height // size, size, width // size, size)
    flat = blocks.transpose(0, 2, 1, 3).reshape(-1, size * size)
    return np.asarray(flat - flat.mean(axis=1, keepdims=True), np.float32)


def _repeats(sent: Floats, came: Floats, follows: Floats | None) -> bool:
    one, other = reduced(sent, 2), reduced(came, 2)
    shift = shift_between(one, other)
    if structure(*overlapping(one, other, shift)) < LEAST_STRUCTURE:
        return False
    displaced = 2 * float(np.hypot(shift.x, shift.y))
    if displaced > max(2.0, MAX_DISPLACED * sent.shape[1]):
        return False
    if follows is None or displaced < SUCCESSOR_PIXELS:
        return True
    # The pair lies apart. By a fault that displaced the picture, or because this is the next one?
    own = shift_between(other, reduced(follows, 2))
    apart = float(np.hypot(shift.x - own.x, shift.y - own.y))
    return apart > 0.35 * float(np.hypot(own.x, own.y))
