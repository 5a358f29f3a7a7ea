"""Steps over a seam, judged by the clips' own cadence."""

from __future__ import annotations

import numpy as np
import pytest

from longtake.media.measure.seam import hesitation, step_ratio
from longtake.story.judging import THRESHOLDS

CADENCES = {
    "on twos": [10.1, 1.2, 9.7, 1.4],
    "every fifth frame held": [12.0, 12.4, 13.1, 12.6, 1.4],
    "a beat of four": [1.25, 1.0, 0.98, 0.8],
    "even": [2.0],
}


def steps(cadence: str) -> np.ndarray:
    return np.resize(CADENCES[cadence], 34) * np.linspace(1, 1.1, 34)


@pytest.mark.parametrize("cadence", CADENCES)
@pytest.mark.parametrize("seam", range(12, 17))
def test_no_seam_is_seen_in_a_clips_own_cadence(cadence: str, seam: int) -> None:
    ratio = step_ratio(steps(cadence), seam)
    assert THRESHOLDS.step_ratio_low < ratio < THRESHOLDS.step_ratio_high
    rest = hesitation(steps(cadence), seam)
    assert rest is not None
    assert rest > THRESHOLDS.hesitation


@pytest.mark.parametrize("cadence", ["a beat of four", "even"])
def test_a_repeat_and_a_jump_are_seen_all_the_same(cadence: str) -> None:
    repeated, jumped = steps(cadence), steps(cadence)
    repeated[14], jumped[14] = 0.05, 4 * jumped[14] + 1
    assert step_ratio(repeated, 14) < THRESHOLDS.step_ratio_low
    assert step_ratio(jumped, 14) > THRESHOLDS.step_ratio_high


def test_a_view_that_slows_down_and_turns_by_itself_shows_no_frame_twice() -> None:
    slowing = np.abs(np.arange(-12, 22) - 0.3) + 0.4
    assert step_ratio(slowing, 12) > THRESHOLDS.step_ratio_low
    rest = hesitation(slowing, 12)
    assert rest is not None
    assert rest > THRESHOLDS.hesitation


def test_a_jump_stands_out_of_what_is_next_to_it_where_a_clip_is_livelier_elsewhere() -> None:
    lively = np.r_[np.linspace(25, 8, 12), 8, np.linspace(8, 4, 21)]
    assert step_ratio(lively, 12) < THRESHOLDS.step_ratio_high
    lively[12] = 16
    assert step_ratio(lively, 12) > THRESHOLDS.step_ratio_high
