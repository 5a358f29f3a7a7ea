"""The wall time of a plan: chains side by side, as far as there are places."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.story.schedule import REQUESTS_A_JOB, Allowance, Work, wall_seconds

works = st.builds(Work, st.integers(1, 3), st.integers(1, 100).map(float))
films = st.lists(st.lists(works, max_size=6), max_size=8)


def test_thirty_six_chains_on_eight_places_take_turns() -> None:
    chains = [[Work(1, 93.0), Work(1, 54.0)] for _ in range(36)]
    assert wall_seconds(chains, 36) == 147.0
    alone = 36 * 147.0 / 8
    assert alone <= wall_seconds(chains, 8) <= alone + 147.0


@given(films, st.integers(1, 40))
def test_it_is_never_shorter_than_the_longest_chain_or_than_all_jobs_over_all_places(
    chains: list[list[Work]], places: int
) -> None:
    wall = wall_seconds(chains, places)
    longest = max((sum(work.seconds for work in clips) for clips in chains), default=0.0)
    all_jobs = sum(work.jobs * work.seconds for clips in chains for work in clips)
    assert wall >= longest - 1e-6
    assert wall >= all_jobs / places - 1e-6
    assert wall <= all_jobs + 1e-6


@given(films)
def test_with_places_for_all_it_is_the_longest_chain(chains: list[list[Work]]) -> None:
    longest = max((sum(work.seconds for work in clips) for clips in chains), default=0.0)
    assert wall_seconds(chains, 3 * len(chains) + 1) == pytest.approx(longest)


@given(films)
def test_with_one_place_it_is_all_jobs_one_after_another(chains: list[list[Work]]) -> None:
    all_jobs = sum(work.jobs * work.seconds for clips in chains for work in clips)
    assert wall_seconds(chains, 1) == pytest.approx(all_jobs)


@given(films, st.integers(1, 40), st.integers(1, 500))
def test_a_small_account_stretches_it_to_what_its_requests_take(
    chains: list[list[Work]], places: int, requests_per_minute: int
) -> None:
    jobs = sum(work.jobs for clips in chains for work in clips)
    paced = Allowance(places, requests_per_minute).seconds(chains)
    asking = 60 * REQUESTS_A_JOB * jobs / requests_per_minute
    assert paced == pytest.approx(max(wall_seconds(chains, places), asking))
    assert Allowance(places).seconds(chains) == wall_seconds(chains, places)
