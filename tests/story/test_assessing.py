"""What cannot be judged is told apart from what is right, and is no reason to take it again."""

from __future__ import annotations

from longtake.story import SeamReading, score_take
from longtake.story.assessing import not_assessable, was_read


def seam(**facts: object) -> SeamReading:
    whole = {"left": "a", "right": "b", "kind": "continuous", "frame_index": 8} | facts
    return SeamReading.model_validate(whole)


def test_a_view_that_stands_still_has_steps_and_motion_that_cannot_be_judged() -> None:
    still = seam(flash=0.2)
    assert not_assessable(still) == ("step", "motion")
    assert not_assessable(seam(flash=0.2, step_ratio=1.0, motion_jump=0.1)) == ()


def test_nothing_is_said_of_a_cut_or_of_a_seam_that_nobody_read() -> None:
    assert not_assessable(None) == ()
    assert not_assessable(seam()) == ()
    assert not was_read(seam())
    assert not_assessable(seam(kind="cut", flash=0.2)) == ()


def test_the_gate_lets_pass_what_cannot_be_judged() -> None:
    assert not score_take("b", seam=seam(flash=0.2)).falls_short
    assert score_take("b", seam=seam(flash=9.0)).falls_short
