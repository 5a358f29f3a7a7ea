"""The examples as the emulator draws them, clip after clip: no seam, no frame twice."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from bench.gallery import drawn_clips
from longtake.emulator.drawing.pictures import Picture
from longtake.story import Handover
from longtake.story.starter import ExampleName

EXAMPLES = Path(__file__).parents[2] / "configs/storyboards"


def unlike(one: Picture, other: Picture) -> float:
    return float(np.abs(one[::2, ::2].astype(np.int16) - other[::2, ::2].astype(np.int16)).mean())


@pytest.mark.slow
@pytest.mark.parametrize("example", [*get_args(ExampleName), "lighthouse"])
def test_no_seam_of_an_example_stands_out(example: str) -> None:
    before: list[Picture] = []
    for clip, frames in drawn_clips(EXAMPLES / f"{example}.yaml"):
        kept = frames[clip.skip_frames : clip.skip_frames + clip.kept_frame_count]
        steps = [unlike(one, other) for one, other in pairwise(kept)]
        assert min(steps) > 0.05, f"{clip.id}: a frame twice"
        if isinstance(clip.start, Handover):
            around = [unlike(one, other) for one, other in pairwise(before[-8:])] + steps[:8]
            assert 0.6 < unlike(before[-1], kept[0]) / float(np.median(around)) < 1.7, clip.id
        before = kept
