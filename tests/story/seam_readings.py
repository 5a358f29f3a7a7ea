"""Readings of a seam, a pair and a clip that nobody would complain of."""

from __future__ import annotations

from longtake.story.readings import (
    ClipReading,
    PairReading,
)

PAIR = PairReading(psnr_db=38, ssim=0.97, colour_step=1.2, softness=0.95, repeats=True)


CLIP = ClipReading(
    luma=(110, 112),
    contrast=(50, 50),
    saturation=(20, 21),
    sharpness=(200, 190),
    motion=(2, 2),
)


def pair(**values: object) -> PairReading:
    return PAIR.model_copy(update=values)


def clip(**values: object) -> ClipReading:
    return CLIP.model_copy(update=values)
