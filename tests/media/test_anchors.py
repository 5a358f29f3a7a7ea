"""Which frames of a guide are its anchors."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.media.measure.anchors import Candidate, best_anchors

MERIT = st.floats(0, 1)
STEP = st.just(0.0) | st.floats(0.01, 30)
FRAMES = st.lists(st.builds(Candidate, MERIT, STEP), min_size=24, max_size=97)


@given(FRAMES, st.integers(2, 24))
def test_they_ascend_from_the_first_frame_to_the_last(frames: list[Candidate], count: int) -> None:
    chosen = best_anchors(frames, count)
    assert len(chosen) == count
    assert all(before < after for before, after in pairwise(chosen))
    assert (chosen[0], chosen[-1]) == (0, len(frames) - 1)


@given(FRAMES, st.integers(2, 12))
def test_the_unit_of_motion_does_not_matter(frames: list[Candidate], count: int) -> None:
    doubled = [Candidate(frame.merit, 2 * frame.step) for frame in frames]
    assert best_anchors(doubled, count) == best_anchors(frames, count)


def test_of_like_frames_they_are_spread_evenly() -> None:
    assert best_anchors([Candidate(1, 1)] * 97, 13) == tuple(range(0, 97, 8))


def test_where_more_happens_they_lie_closer() -> None:
    frames = [Candidate(1, 9 if at < 48 else 1) for at in range(97)]
    chosen = best_anchors(frames, 13)
    assert sum(at < 48 for at in chosen) >= 9


def test_a_sharp_frame_is_taken_before_a_blurred_one_at_the_very_place() -> None:
    frames = [Candidate(1, 1)] * 97
    frames[48] = Candidate(0, 1)
    assert best_anchors(frames, 3)[1] in (47, 49)


def test_a_still_guide_has_its_anchors_by_time() -> None:
    assert best_anchors([Candidate(1, 0)] * 25, 5) == (0, 6, 12, 18, 24)


def test_there_must_be_as_many_frames() -> None:
    with pytest.raises(ValueError, match="5 anchors"):
        best_anchors([Candidate(1, 1)] * 4, 5)
