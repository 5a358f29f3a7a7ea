"""Properties of the polling schedule, for a job that ends at any moment."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.segmind.pace import Pace, steps_within

EXPECTED = st.floats(min_value=0.05, max_value=600)


def looks(
    expected_seconds: float, ends_at: float, *, steps: float = 0, ran: float | None = None
) -> list[float]:
    """Elapsed seconds of every look up to and with the first one after the end.

    ``ran``: many ran for a tenth less and more than that share of what is expected.
    """
    usual = () if ran is None else (0.9 * ran * expected_seconds, 1.1 * ran * expected_seconds)
    pace = Pace(expected_seconds, 30.0, tuple((one, one) for one in usual) * 10, steps)
    moments = [pace.delay(0.0)]
    while moments[-1] < ends_at:
        moments.append(moments[-1] + pace.delay(moments[-1]))
    return moments


@given(expected=EXPECTED, share=st.floats(min_value=0.5, max_value=1.15))
def test_a_usual_job_needs_few_looks(expected: float, share: float) -> None:
    assert len(looks(expected, expected * share)) <= 8


@given(expected=EXPECTED, share=st.floats(min_value=0.85, max_value=1.15))
def test_a_usual_end_is_seen_soon(expected: float, share: float) -> None:
    ends_at = expected * share
    assert looks(expected, ends_at)[-1] - ends_at <= 0.07 * expected


@given(expected=EXPECTED, share=st.floats(min_value=1.15, max_value=20))
def test_a_late_end_is_seen_after_a_fraction_of_the_lateness(expected: float, share: float) -> None:
    ends_at = expected * share
    lateness = ends_at - expected
    assert looks(expected, ends_at)[-1] - ends_at <= 0.06 * expected + 0.3 * lateness


@given(expected=EXPECTED)
def test_long_before_the_usual_end_there_is_one_look(expected: float) -> None:
    early = [moment for moment in looks(expected, expected) if moment < 0.89 * expected]
    assert len(early) == 1


@given(st.floats(min_value=0.01, max_value=5), st.floats(min_value=0, max_value=3))
def test_the_schedule_scales_with_what_is_expected(expected: float, share: float) -> None:
    one = Pace(1.0).delay(share)
    assert Pace(expected).delay(share * expected) == pytest.approx(
        one * expected, rel=1e-6, abs=1e-9
    )


@given(expected=EXPECTED, elapsed=st.floats(min_value=0, max_value=1e6))
def test_a_delay_is_positive_and_past_the_end_it_is_capped(expected: float, elapsed: float) -> None:
    delay = Pace(expected, longest_seconds=7.0).delay(elapsed)
    assert delay > 0
    if elapsed > 1.1 * expected:
        assert delay <= 7.0


def test_while_a_job_queues_the_schedule_waits_with_it() -> None:
    pace = Pace(100.0)
    assert pace.delay(10.0, last_queued_seconds=10.0) == pytest.approx(30.0)
    # Seen queued at 200, processing at 230: the usual end is now near 300.
    assert 230 + pace.delay(230.0, last_queued_seconds=200.0) == pytest.approx(290.0)


def test_a_look_just_before_its_mark_is_not_followed_by_another() -> None:
    assert Pace(100.0).delay(89.9) == pytest.approx(5.1)


@pytest.mark.parametrize("expected", [0.0, -1.0, float("nan"), float("inf")])
def test_nonsense_is_refused(expected: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        Pace(expected)


def test_where_jobs_like_it_have_ended_it_is_looked_at_and_nowhere_else() -> None:
    pace = Pace(54.0, ran=((50.0, 52.0), (48.0, 49.0), (55.0, 56.0)))
    moments, elapsed = [], 0.0
    while elapsed < 56:
        elapsed += pace.delay(elapsed)
        moments.append(elapsed)
    assert moments[0] > 48
    assert len(moments) <= 7
    assert max(later - one for one, later in pairwise(moments)) < 0.05 * 54


def test_jobs_that_all_take_as_long_are_looked_at_once_or_twice() -> None:
    pace = Pace(10.0, ran=((5.8, 5.9),) * 3)
    first = pace.delay(0.0)
    assert 5.7 < first < 6.1
    assert first + pace.delay(first) < 6.8


def test_a_job_that_queued_is_looked_at_as_long_after_its_start() -> None:
    pace = Pace(10.0, ran=((8.0, 8.2),) * 3)
    assert pace.delay(30.0, last_queued_seconds=29.0) == pytest.approx(pace.delay(0.0) - 1.0)


def test_one_job_says_where_the_next_may_end_a_tenth_to_both_sides() -> None:
    pace = Pace(10.0, ran=((6.0, 6.0),))
    moments, elapsed = [], 0.0
    while elapsed < 6.6:
        elapsed += pace.delay(elapsed)
        moments.append(elapsed)
    assert 5.4 < moments[0] < 5.8
    assert len(moments) <= 5


@given(st.lists(st.floats(min_value=0.5, max_value=2), min_size=1, max_size=20), EXPECTED)
def test_whatever_ran_no_delay_near_its_end_is_long(shares: list[float], expected: float) -> None:
    ran = tuple((share * expected, share * expected) for share in shares)
    pace, elapsed = Pace(expected, ran=ran), 0.0
    while elapsed < max(shares) * expected:
        before, elapsed = elapsed, elapsed + pace.delay(elapsed)
        assert elapsed - before <= 0.06 * max(shares) * expected or before == 0


@given(expected=EXPECTED, share=st.floats(min_value=0.9, max_value=1.1), known=st.booleans())
def test_with_requests_to_spare_a_usual_end_is_seen_four_times_as_soon(
    expected: float, share: float, known: bool
) -> None:
    ends_at = expected * share
    seen = looks(expected, ends_at, steps=1000, ran=1.0 if known else None)
    assert seen[-1] - ends_at <= 0.02 * expected


@given(st.integers(5, 1000), st.integers(1, 300), st.sampled_from([5.8, 54.0, 93.0]))
def test_jobs_that_end_together_do_not_use_up_a_minutes_requests(
    requests_per_minute: int, jobs: int, expected: float
) -> None:
    def a_minute(steps: float) -> float:
        last = [len(looks(expected, 1.1 * expected, steps=steps, ran=ran)) for ran in (1.0, None)]
        return jobs * max(last) * max(1.0, 60 / expected)

    fine = a_minute(steps_within(requests_per_minute, jobs, expected))
    assert fine <= max(0.75 * requests_per_minute, a_minute(0))


def test_steps_are_no_finer_where_an_account_has_nothing_to_spare() -> None:
    assert steps_within(60, 100, 54.0) < 1
    assert Pace(54.0, steps=steps_within(60, 100, 54.0)).delay(50.0) == Pace(54.0).delay(50.0)
    assert Pace(54.0, steps=steps_within(120, 8, 54.0)).delay(50.0) < Pace(54.0).delay(50.0)
