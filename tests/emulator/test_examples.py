"""The examples as the emulator draws them, clip after clip: by what a review measures."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from bench.gallery import drawn_clips
from longtake.emulator.drawing.pictures import Picture
from longtake.media.measure.defects import standing_still
from longtake.media.measure.seam import step_ratio
from longtake.starter import ExampleName
from longtake.story import Handover

EXAMPLES = Path(__file__).parents[2] / "configs/storyboards"


def unlike(one: Picture, other: Picture) -> float:
    return float(np.abs(one[::2, ::2].astype(np.int16) - other[::2, ::2].astype(np.int16)).mean())


@pytest.mark.slow
@pytest.mark.parametrize("example", [*get_args(ExampleName), "lighthouse"])
def test_no_seam_of_an_example_stands_out(example: str) -> None:
    before: list[Picture] = []
    for clip, frames in drawn_clips(EXAMPLES / f"{example}.yaml"):
        kept = frames[clip.skip_frames : clip.skip_frames + clip.kept_frame_count]
        steps = np.array([unlike(one, other) for one, other in pairwise(kept)])
        still = standing_still(steps)
        assert not (still[:-3] & still[1:-2] & still[2:-1] & still[3:]).any(), f"{clip.id} stands"
        if isinstance(clip.start, Handover):
            around = np.array([unlike(*two) for two in pairwise([*before[-9:], *kept[:10]])])
            assert 0.7 < step_ratio(around, 8) < 2, clip.id
        before = kept
