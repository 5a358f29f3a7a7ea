"""Rules: what readings mean, without a picture in snapshot."""

from __future__ import annotations

import math

import pytest

from longtake.story.drifting import (
    break_hop,
    chain_drift,
    drifting_error,
    forecast,
    start_end_deltas,
)
from longtake.story.judging import (
    THRESHOLDS,
    Thresholds,
    judge_clip,
    judge_seam,
    score_take,
    worst_first,
)
from longtake.story.readings import (
    Calibration,
    ClipReading,
    Drift,
    Finding,
    PairReading,
    SeamReading,
    Spell,
)

PAIR = PairReading(psnr_db=38, ssim=0.97, colour_step=1.2, softness=0.95, repeats=True)
CLIP = ClipReading(
    luma=(110, 112),
    contrast=(50, 50),
    saturation=(20, 21),
    sharpness=(200, 190),
    motion=(2, 2),
)


def seam(**values: object) -> SeamReading:
    good = {"step_ratio": 1.02, "hesitation": 1.0, "flash": 0.1, "motion_jump": 0.2}
    facts = {"left": "a/1.1", "right": "a/1.2", "kind": "continuous", "frame_index": 81}
    return SeamReading.model_validate({**facts, **good, "motion_cosine": 0.99, **values})


def pair(**values: object) -> PairReading:
    return PAIR.model_copy(update=values)


def clip(**values: object) -> ClipReading:
    return CLIP.model_copy(update=values)


def test_a_seam_that_nobody_sees_has_no_findings() -> None:
    assert judge_seam(seam(pair=PAIR)) == []


@pytest.mark.parametrize(
    ("reading", "rule", "says"),
    [
        (seam(step_ratio=0.2), "step", "shown twice"),
        (seam(step_ratio=4), "step", "jumps"),
        (seam(hesitation=0.4), "motion", "from rest"),
        (seam(flash=9), "flash", "flare up by 9.0"),
        (seam(flash=-9), "flash", "sink by 9.0"),
        (seam(motion_jump=2, motion_cosine=-1), "motion", "turns"),
        (seam(motion_jump=1.9, motion_cosine=None), "motion", "changes"),
        (seam(pair=pair(repeats=False, ssim=0.3)), "pair", "not the one that was handed over"),
        (seam(pair=pair(colour_step=8.0)), "colour", "ΔE 8.0 apart"),
        (seam(pair=pair(softness=0.3)), "soft", "0.30 of its sharpness"),
    ],
)
def test_each_fault_of_a_seam_is_one_bad_finding_that_names_it(
    reading: SeamReading, rule: str, says: str
) -> None:
    (finding,) = judge_seam(reading)
    assert (finding.severity, finding.rule, finding.place) == ("bad", rule, "a/1.1 → a/1.2")
    assert says in finding.says
    assert "limit" in finding.says
    assert finding.score > 1


@pytest.mark.parametrize("kind", ["cut", "dissolve"])
def test_a_cut_or_a_dissolve_is_never_judged_as_a_seam(kind: str) -> None:
    wild = seam(kind=kind, step_ratio=30, flash=80, motion_jump=2, pair=pair(repeats=False))
    assert judge_seam(wild) == []
    assert score_take("a/1.2", seam=wild).score == 0


@pytest.mark.parametrize(
    ("reading", "rule"),
    [
        (seam(step_ratio=THRESHOLDS.step_ratio_low), "step"),
        (seam(step_ratio=THRESHOLDS.step_ratio_high), "step"),
        (seam(hesitation=THRESHOLDS.hesitation), "motion"),
        (seam(flash=THRESHOLDS.flash_levels), "flash"),
        (seam(motion_jump=THRESHOLDS.motion_jump), "motion"),
        (seam(pair=pair(colour_step=THRESHOLDS.colour_step)), "colour"),
        (seam(pair=pair(softness=THRESHOLDS.softness)), "soft"),
        (seam(pair=pair(ssim=THRESHOLDS.pair_ssim)), "pair"),
    ],
)
def test_at_its_limit_a_reading_scores_one_and_is_a_warning(
    reading: SeamReading, rule: str
) -> None:
    (finding,) = judge_seam(reading)
    assert (finding.rule, finding.severity) == (rule, "warning")
    assert finding.score == pytest.approx(1)


def test_a_seam_of_which_nothing_is_known_is_not_judged() -> None:
    unknown = dict.fromkeys(("step_ratio", "hesitation", "flash", "motion_jump"))
    assert judge_seam(seam(**unknown, motion_cosine=None)) == []


def test_colours_that_were_corrected_are_judged_as_they_are_then() -> None:
    tinted = seam(pair=pair(colour_step=9.0))
    fixed = Calibration(
        applied=True, reason="fitted", colour_step_before=9.0, colour_step_after=1.1
    )
    assert judge_seam(tinted, calibration=fixed) == []
    assert judge_seam(tinted, calibration=fixed.model_copy(update={"applied": False})) != []


def test_a_picture_that_is_the_same_though_noisy_does_not_fall_short() -> None:
    take = score_take("a/1.2", pair=pair(ssim=0.5))
    assert take.score == 1
    assert not take.falls_short


def test_another_picture_is_not_judged_by_its_colours_too() -> None:
    (finding,) = score_take(
        "a/1.2", pair=pair(repeats=False, ssim=0.2, colour_step=50, softness=0.1)
    ).findings
    assert finding.rule == "pair"
    assert finding.place == "a/1.2"


def test_what_is_broken_inside_a_clip_is_found() -> None:
    broken = clip(
        cuts=(40,),
        freezes=(Spell(first_frame_index=10, frame_count=16),),
        blacks=(Spell(first_frame_index=60, frame_count=3),),
    )
    found = {finding.rule: finding for finding in judge_clip("a/1.1", broken, fps=16)}
    assert set(found) == {"cut", "freeze", "black"}
    assert found["freeze"].says.startswith("the picture stands still for 1.0 s, frames 10 to 25")
    assert found["freeze"].score == pytest.approx(2)
    assert all(finding.severity == "bad" for finding in found.values())


def test_a_short_freeze_is_no_finding_and_a_longer_rate_makes_it_shorter() -> None:
    frozen = clip(freezes=(Spell(first_frame_index=10, frame_count=8),))
    assert judge_clip("a/1.1", frozen, fps=24) == []
    assert len(judge_clip("a/1.1", frozen, fps=16)) == 1


def test_a_faultless_take_scores_near_nothing() -> None:
    still = seam(step_ratio=1, flash=0, motion_jump=0)
    perfect = pair(ssim=1, colour_step=0, softness=1)
    take = score_take("a/1.2", reading=CLIP, pair=perfect, seam=still)
    assert take.score == pytest.approx(0)
    assert (take.findings, take.falls_short) == ((), False)


def test_the_worst_rule_is_the_score_and_comes_first() -> None:
    take = score_take("a/1.2", reading=clip(cuts=(9,)), pair=PAIR, seam=seam(flash=4.5))
    assert take.score == 2
    assert take.falls_short
    assert [finding.rule for finding in take.findings] == ["cut", "flash"]


def test_a_pair_is_judged_once_wherever_it_stands() -> None:
    tinted = pair(colour_step=9.0)
    twice = score_take("a/1.2", pair=tinted, seam=seam(pair=tinted))
    assert [finding.rule for finding in twice.findings] == ["colour"]


def test_better_takes_score_less_even_below_the_limit() -> None:
    scores = [score_take("a/1.2", seam=seam(flash=flash)).score for flash in (0.9, 1.5, 2.9)]
    assert scores == sorted(scores)
    assert scores[0] < scores[-1] < 1


def test_other_limits_judge_otherwise() -> None:
    strict = Thresholds(flash_levels=1)
    assert judge_seam(seam(flash=2), limits=strict)[0].severity == "bad"
    assert judge_seam(seam(flash=2)) == []


def test_the_worst_findings_come_first() -> None:
    def finding(severity: str, score: float) -> Finding:
        facts = {"place": "a", "rule": "step", "says": "", "severity": severity, "score": score}
        return Finding.model_validate(facts)

    given = [finding("note", 9), finding("bad", 1.5), finding("warning", 1), finding("bad", 3)]
    ordered = worst_first(given)
    assert [(each.severity, each.score) for each in ordered] == [
        ("bad", 3),
        ("bad", 1.5),
        ("warning", 1),
        ("note", 9),
    ]


# --- drift ---


def calibrated(step: float) -> Calibration:
    return Calibration(applied=False, reason="below the threshold", colour_step_before=step)


def drift(steps: list[float], **more: object) -> Drift:
    ids = [f"a/1.{number}" for number in range(1, len(steps) + 2)]
    calibrations = {clip_id: calibrated(step) for clip_id, step in zip(ids[1:], steps, strict=True)}
    return chain_drift(1, dict.fromkeys(ids, CLIP), calibrations, **more)  # type: ignore[arg-type]


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


def test_noise_is_not_forecast() -> None:
    ids = tuple("abc")
    quiet = {each: hop(bias=(0.2, -0.1, 0.1), detail=0.99) for each in ids}
    assert break_hop(ids, {}, quiet) is None
