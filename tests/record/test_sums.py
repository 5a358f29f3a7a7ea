"""What a render's record sums up, and what is known of its verdicts' errors."""

from __future__ import annotations

from longtake.record import RunRecord, Stage, TakeRecord
from longtake.record.error_rates import error_rates
from longtake.story import Storyboard, build_plan


def record() -> RunRecord:
    data = {"title": "T", "scenes": [{"name": "One", "shots": ["a", "b"]}]}
    plan = build_plan(Storyboard.model_validate(data), base_seed=1)
    return RunRecord.of(plan, storyboard="t.yaml", folder="out")


def take(number: int, usd: float, *, reused: bool = False) -> TakeRecord:
    return TakeRecord(number=number, seed=1, fingerprint=str(number), usd=usd, reused=reused)


def test_a_kept_second_costs_all_takes_by_the_seconds_in_the_film() -> None:
    run = record()
    run.note("one/1.1", stage=Stage.STORED, take=2, takes=[take(1, 0.1), take(2, 0.1)])
    run.note("one/2.1", stage=Stage.REUSED, takes=[take(1, 0.09, reused=True)])
    totals = run.totals
    assert totals.kept_seconds == (81 + 80) / 16
    assert totals.usd_per_kept_second == round(0.29 / totals.kept_seconds, 6)
    assert totals.first_pass_yield == 0.5


def test_without_a_clip_there_is_neither() -> None:
    totals = record().totals
    assert (totals.kept_seconds, totals.usd_per_kept_second, totals.first_pass_yield) == (
        0,
        None,
        None,
    )


def test_error_rates_are_reported_as_the_bench_wrote_them_or_that_there_are_none() -> None:
    for rule in ("step", "motion", "flash", "cut", "drift", "gate"):
        assert "wrong on" in error_rates(rule)
    assert error_rates("flash").startswith("finds")
    assert error_rates("arrival") == "how often this verdict is wrong was never measured"
