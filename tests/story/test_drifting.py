"""What clips of a chain change one after another adds up, and is forecast."""

from __future__ import annotations

import math
from typing import Any

import pytest

from longtake.story.drifting import (
    break_hop,
    chain_drift,
    drifting_error,
    forecast,
    start_end_deltas,
)
from longtake.story.judging import (
    score_take,
)
from longtake.story.readings import (
    Calibration,
    Drift,
    PairReading,
)
from tests.story.seam_readings import CLIP, clip, pair


def calibrated(step: float) -> Calibration:
    return Calibration(applied=False, reason="below the threshold", colour_step_before=step)


def drift(steps: list[float], **more: Any) -> Drift:
    ids = [f"a/1.{number}" for number in range(1, len(steps) + 2)]
    calibrations = {clip_id: calibrated(step) for clip_id, step in zip(ids[1:], steps, strict=True)}
    return chain_drift(1, dict.fromkeys(ids, CLIP), calibrations, **more)


def test_colour_errors_gather_along_a_chain_without_what_noise_makes() -> None:
    assert drift([2.0, 0.8, 2.5]).colour_step == pytest.approx((0, 1.0, 1.0, 2.5))


def test_what_was_corrected_does_not_gather() -> None:
    fixed = calibrated(6.0).model_copy(update={"applied": True, "colour_step_after": 1.2})
    found = chain_drift(2, {"a": CLIP, "b": CLIP}, {"b": fixed})
    assert found.colour_step == pytest.approx((0, 0.2))


def test_without_calibration_the_pair_tells_the_step() -> None:
    found = chain_drift(1, {"a": CLIP, "b": CLIP}, {}, {"b": pair(colour_step=4.0)})
    assert found.colour_step == pytest.approx((0, 3.0))


def test_a_chain_of_one_clip_has_not_drifted() -> None:
    found = drift([])
    assert (found.colour_step, found.breaks_at_hop) == ((0.0,), None)
    assert set(found.vde.values()) == {0.0}


def test_a_chain_without_clips_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="without clips"):
        chain_drift(1, {}, {})


def test_a_steady_drift_is_forecast_to_the_hop() -> None:
    # One ΔE a hop beyond the noise: five is reached at hop 5.
    assert drift([2.0, 2.0]).breaks_at_hop == 5
    assert drift([2.0, 2.0, 2.0, 2.0, 2.0, 2.0]).breaks_at_hop == 5


def test_one_bad_hop_does_not_bend_the_forecast() -> None:
    steady = [0.5 * hop for hop in range(8)]
    outlier = [*steady[:4], steady[4] + 1.5, *steady[5:]]
    assert forecast(steady, 10) == 20
    assert forecast(outlier, 10) == 20


@pytest.mark.parametrize("values", [[0.0], [0.0, 1.0], [0.0, 0.0, 0.0], [0.0, -1.0, -2.0]])
def test_what_does_not_rise_or_is_too_short_is_not_forecast(values: list[float]) -> None:
    assert forecast(values, 5) is None


def test_a_drift_that_breaks_beyond_any_chain_is_none() -> None:
    assert forecast([0, 0.01, 0.02, 0.03], 5) is None


def test_a_forecast_lies_ahead_of_what_is_known() -> None:
    # The line would have crossed already, the values have not.
    assert forecast([0, 3, 4, 4.5, 4.8, 4.9], 5) == 6


def test_softness_that_compounds_breaks_a_chain_too() -> None:
    ids = ["a", "b", "c", "d"]
    pairs = {clip_id: pair(softness=0.84, colour_step=0.5) for clip_id in ids[1:]}
    found = chain_drift(1, dict.fromkeys(ids, CLIP), {}, pairs)
    # 0.84 to the fourth is 0.498.
    assert found.breaks_at_hop == 4


def test_the_drifting_error_weighs_early_clips_most() -> None:
    # N = 3: 2 · |12 - 10| / 10 + 1 · |15 - 10| / 10.
    assert drifting_error([10, 12, 15]) == pytest.approx(0.9)
    assert drifting_error([10, 15, 12]) > drifting_error([10, 12, 15])
    assert drifting_error([0, 5]) == 0


def test_start_and_end_are_those_of_the_whole_chain() -> None:
    last = clip(luma=(100, 90), saturation=(20, 35))
    deltas = start_end_deltas([CLIP, clip(luma=(0, 255)), last])
    assert deltas["luma"] == 20
    assert deltas["saturation"] == 15
    assert chain_drift(1, {"a": CLIP, "b": last}, {}).start_end["luma"] == 20


def test_a_drift_keeps_each_clips_mean_and_survives_json() -> None:
    found = chain_drift(3, {"a": CLIP, "b": clip(luma=(90, 100))}, {})
    assert found.luma == (111, 95)
    assert not any(math.isnan(value) for value in found.vde.values())
    assert Drift.model_validate_json(found.model_dump_json()) == found


def hop(**values: object) -> PairReading:
    still = {"block_step": 1.0, "bias": (0.0, 0.0, 0.0), "contrast": 1.0, "detail": 1.0}
    return pair(**{**still, **values})


def test_texture_that_a_model_redraws_is_no_fault_and_no_drift() -> None:
    painted = hop(colour_step=9.0, softness=0.4, detail=0.73, block_step=3.0)
    assert not score_take("a", pair=painted).falls_short
    chain = {f"{at}": painted.model_copy(update={"detail": 1.0}) for at in range(5)}
    assert break_hop(tuple(chain), {}, chain) is None


def test_remainders_gather_with_their_signs() -> None:
    ids = tuple("abcde")
    there_and_back = {
        each: hop(bias=(3.0, 3.0, 3.0) if at % 2 else (-3.0, -3.0, -3.0))
        for at, each in enumerate(ids)
    }
    onward = {each: hop(bias=(3.0, 3.0, 3.0)) for each in ids}
    assert break_hop(ids, {}, there_and_back) is None
    assert break_hop(ids, {}, onward) == 5


def test_where_nothing_is_undone_the_pairs_say_what_gathers() -> None:
    ids = tuple("abcde")
    onward = {each: hop(bias=(3.0, 3.0, 3.0)) for each in ids}
    off = {each: Calibration(applied=False, reason="colour calibration is off") for each in ids}
    assert break_hop(ids, off, onward) == break_hop(ids, {}, onward) == 5


def test_noise_is_not_forecast() -> None:
    ids = tuple("abc")
    quiet = {each: hop(bias=(0.2, -0.1, 0.1), detail=0.99) for each in ids}
    assert break_hop(ids, {}, quiet) is None
