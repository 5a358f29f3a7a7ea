"""Rules: what readings mean, without a picture in snapshot."""

from __future__ import annotations

import pytest

from longtake.story.judging import (
    THRESHOLDS,
    judge_clip,
    judge_seam,
    score_take,
    worst_first,
)
from longtake.story.readings import (
    Calibration,
    Finding,
    SeamReading,
    Spell,
)
from tests.story.seam_readings import CLIP, PAIR, clip, pair


def seam(**values: object) -> SeamReading:
    good = {"step_ratio": 1.02, "hesitation": 1.0, "flash": 0.1, "motion_jump": 0.2}
    facts = {"left": "a/1.1", "right": "a/1.2", "kind": "continuous", "frame_index": 81}
    return SeamReading.model_validate({**facts, **good, "motion_cosine": 0.99, **values})


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


def test_a_limit_decides_from_where_on_a_seam_is_bad() -> None:
    limit = THRESHOLDS.flash_levels
    assert judge_seam(seam(flash=1.01 * limit))[0].severity == "bad"
    assert judge_seam(seam(flash=limit / 2)) == []


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
