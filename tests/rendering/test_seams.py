"""Where the seams of a film lie, as a render learns it clip by clip."""

from __future__ import annotations

from typing import Any

import pytest

from longtake.rendering.measure_cache import SplicePoint
from longtake.rendering.seams import Seams
from longtake.story import (
    Anchor,
    Calibration,
    Handover,
    PairReading,
    Pin,
    Plan,
    Storyboard,
    Treatment,
    build_plan,
)


def plan(*shots: Any, **look: Any) -> Plan:
    data = {"title": "T", "look": look, "scenes": [{"name": "One", "shots": list(shots)}]}
    return build_plan(Storyboard.model_validate(data), base_seed=1)


def treatment(colour_step: float) -> Treatment:
    pair = PairReading(psnr_db=30, ssim=0.9, colour_step=colour_step, softness=1, repeats=True)
    return Treatment(pair=pair, calibration=Calibration(applied=False, reason="off"))


BEST = plan({"prompt": "a", "seconds": 15}, handover="best")


def test_without_a_word_the_plan_is_as_it_was_planned() -> None:
    assert Seams(BEST).plan is BEST


def test_a_clip_that_leaves_early_hands_that_frame_over_and_ends_there() -> None:
    seams = Seams(BEST)
    first, second, _ = BEST.clips
    seams.hand_over(first, second, first.last_kept_frame_index - 4)
    assert seams.clip(second.id).start == Handover(
        clip_id=first.id, frame_index=first.last_kept_frame_index - 4
    )
    assert seams.clip(first.id).kept_frame_count == first.kept_frame_count - 4
    assert seams.clip(second.id).kept_frame_count == second.kept_frame_count + 4


def test_a_splice_decides_after_both_are_there_and_keeps_what_was_handed_over() -> None:
    seams = Seams(BEST)
    first, second, _ = BEST.clips
    seams.hand_over(first, second, first.last_kept_frame_index - 4)
    seams.settle_head(seams.clip(second.id), repeats=True)
    at = SplicePoint(left_frame_index=first.last_kept_frame_index - 6, right_frame_index=3)
    right = seams.splice(first, seams.clip(second.id), at)
    assert (right.skip_frames, seams.clip(first.id).kept_frame_count) == (
        3,
        first.kept_frame_count - 6,
    )
    assert right.start == Handover(clip_id=first.id, frame_index=first.last_kept_frame_index - 4)
    assert seams.plan.frame_count == BEST.frame_count
    assert sum(part.frame_count for part in seams.plan.segments) == BEST.frame_count


@pytest.mark.parametrize("at", [SplicePoint(left_frame_index=0, right_frame_index=80)])
def test_a_splice_beyond_the_handles_is_held_to_them(at: SplicePoint) -> None:
    seams = Seams(BEST)
    first, second, _ = BEST.clips
    right = seams.splice(first, second, at)
    assert right.skip_frames == 1 + first.handle_frame_count
    assert seams.clip(first.id).kept_frame_count == first.kept_frame_count - 12


def test_a_first_frame_that_repeats_nothing_is_kept() -> None:
    film = plan("a", "b")
    seams = Seams(film)
    kept = seams.settle_head(film.clips[1], repeats=False)
    assert (kept.skip_frames, kept.kept_frame_count) == (0, 80)
    assert seams.plan.frame_count == film.frame_count


def test_a_chain_that_begins_again_forgets_its_seams_and_its_anchors() -> None:
    film = plan("a", "b", "c")
    seams = Seams(film)
    seams.settle_head(film.clips[1], repeats=False)
    seams.anchor("one/3.1", "reanchor")
    assert seams.plan != film
    seams.forget(film.clips)
    assert seams.plan == film


def test_an_anchored_clip_is_handed_nothing_and_nothing_moves_at_its_seam() -> None:
    seams = Seams(BEST)
    first, second, third = BEST.clips
    anchored = seams.anchor(third.id, "reanchor")
    assert anchored.start == Anchor(clip_id=first.id)
    seams.hand_over(second, third, second.last_kept_frame_index - 5)
    assert seams.clip(third.id) == anchored
    assert seams.clip(second.id).kept_frame_count == second.kept_frame_count
    assert [seam.kind for seam in seams.plan.seams] == ["continuous", "cut"]


def test_drift_is_forecast_from_what_is_known_since_the_last_anchor() -> None:
    film = plan("a", "b", "c", "d", "e", "f")
    seams, (chain,) = Seams(film), film.chains
    known = {f"one/{number}.1": treatment(3.0) for number in (2, 3, 5, 6)}
    due = seams.drift(chain, "one/4.1", known)
    assert due is not None
    assert (due.since, due.hop) == ("one/1.1", 3)
    assert seams.drift(chain, "one/3.1", known) is None
    seams.anchor("one/4.1", "reanchor")
    assert seams.drift(chain, "one/4.1", known) == due  # why it was anchored can still be said
    assert seams.stretch(chain, "one/6.1") == ("one/4.1", "one/5.1")
    assert seams.drift(chain, "one/6.1", known) is None
    assert seams.drift(chain, "one/4.1", {}) is None


@pytest.mark.parametrize(
    ("left", "right", "ends_by", "skips"),
    [(1, 0, 0, 0), (0, 1, 0, 1), (-12, 13, 12, 13), (-13, 14, 12, 13), (-5, 4, 5, 4)],
)
def test_a_seam_moves_within_the_handles_of_its_clips(
    left: int, right: int, ends_by: int, skips: int
) -> None:
    seams = Seams(BEST)
    first, second, _ = BEST.clips
    assert (first.handle_frame_count, second.skip_frames) == (12, 1)
    at = SplicePoint(left_frame_index=first.last_kept_frame_index + left, right_frame_index=right)
    spliced = seams.splice(first, second, at)
    assert seams.clip(first.id).kept_frame_count == first.kept_frame_count - ends_by
    assert spliced.skip_frames == max(skips, 1)


def test_a_first_frame_that_was_kept_stays_wherever_the_seam_lies() -> None:
    film = plan({"prompt": "a", "seconds": 15}, handover="best")
    seams = Seams(film)
    first, second, _ = film.clips
    kept = seams.settle_head(second, repeats=False)
    assert kept.skip_frames == 0
    at = SplicePoint(left_frame_index=first.last_kept_frame_index - 2, right_frame_index=5)
    assert seams.splice(first, kept, at).skip_frames == 0
    assert seams.clip(first.id).kept_frame_count == first.kept_frame_count - 2


def test_a_clip_without_handles_hands_over_where_it_was_planned_to() -> None:
    film = plan("a", "b")
    seams = Seams(film)
    first, second = film.clips
    seams.hand_over(first, second, first.last_kept_frame_index - 4)
    assert seams.plan is film


def test_only_the_seams_of_the_chain_that_begins_again_are_forgotten() -> None:
    seams = Seams(BEST)
    first, second, third = BEST.clips
    seams.hand_over(first, second, first.last_kept_frame_index - 4)
    seams.settle_head(third, repeats=False)
    healed = seams.pin(second.id, Pin("f" * 64))
    assert healed == seams.clip(second.id) != second
    seams.forget([third])
    assert seams.pins.keys() == {second.id}
    assert seams.clip(third.id).skip_frames == third.skip_frames
    assert seams.clip(first.id).kept_frame_count == first.kept_frame_count - 4
    seams.forget([first, second])
    assert (seams.plan, seams.pins) == (BEST, {})
