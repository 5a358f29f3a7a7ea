"""Looks are for the jobs on which the film waits, and no more of them in all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.rendering.looks_shares import LEAST, MOST_JOBS, looks_share, seconds_after
from longtake.segmind.pace import steps_within
from tests.rendering.taken import plan_of

ENDS = st.lists(st.floats(0, 500), min_size=2, max_size=MOST_JOBS)


@given(ends=ENDS, usual=st.floats(1, 200))
def test_shares_make_up_the_whole_and_grow_with_who_is_waited_for(
    ends: list[float], usual: float
) -> None:
    shares = [looks_share(ends, own, usual) for own in sorted(ends)]
    assert sum(shares) == pytest.approx(len(ends))
    assert shares == sorted(shares)
    assert shares[0] >= LEAST


@given(ends=ENDS, requests_per_minute=st.integers(5, 1000))
def test_shared_out_they_take_no_more_of_an_accounts_requests(
    ends: list[float], requests_per_minute: int
) -> None:
    equal = len(ends) * steps_within(requests_per_minute, len(ends), 54)
    shared = [
        steps_within(requests_per_minute, len(ends), 54, looks_share(ends, own, 54)) for own in ends
    ]
    assert sum(shared) == pytest.approx(equal, abs=1e-6)


@pytest.mark.parametrize("count", [1, MOST_JOBS + 1])
def test_one_job_alone_and_one_of_very_many_get_an_equal_share(count: int) -> None:
    assert looks_share([*map(float, range(count))], 0.0, 54.0) == 1


def test_what_waits_for_a_clip_is_the_rest_of_its_chain() -> None:
    plan = plan_of({"prompt": "a boat", "seconds": 15})
    (chain,) = plan.chains
    each = [clip.expected_seconds for clip in chain.clips]
    assert [seconds_after(plan, clip.id) for clip in chain.clips] == [
        pytest.approx(sum(each[number + 1 :])) for number in range(len(each))
    ]
    assert seconds_after(plan, "nowhere/1.1") == 0


def test_a_guide_is_waited_for_by_the_longest_chain_between_its_anchors() -> None:
    plan = plan_of({"prompt": "a boat", "beats": ["it leaves", "it is far out"], "path": "tree"})
    (guide,) = plan.guides
    longest = max(chain.expected_seconds for chain in plan.chains)
    assert seconds_after(plan, guide.clip.id) == longest > 0
