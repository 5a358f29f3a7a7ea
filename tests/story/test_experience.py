from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.story import PastClip, Rates, estimate, learned, price

T2V = "wan-2.2-t2v-fast"
SUMS = st.floats(0, 100)


@given(prior=SUMS, samples=st.lists(SUMS, max_size=40))
def test_an_estimate_lies_within_what_was_seen(prior: float, samples: list[float]) -> None:
    found = estimate(prior, samples)
    assert found.least <= found.expected <= found.most
    assert found.sample_count == min(len(samples), 20)


@given(prior=SUMS, usd=SUMS, count=st.integers(1, 30))
def test_one_price_that_is_always_billed_is_the_price(prior: float, usd: float, count: int) -> None:
    assert estimate(prior, [usd] * count).expected == usd


@given(prior=SUMS)
def test_nothing_seen_is_the_table(prior: float) -> None:
    assert estimate(prior, []) == (prior, prior, prior, 0)


@given(samples=st.lists(st.floats(0.1, 1), min_size=1, max_size=10), more=st.floats(0.001, 1))
def test_what_costs_more_is_expected_to_cost_more(samples: list[float], more: float) -> None:
    dearer = [each + more for each in samples]
    assert estimate(0.1, dearer).expected > estimate(0.1, samples).expected


@given(
    usd=st.one_of(
        st.floats(max_value=-0.001),
        st.floats(min_value=100.1),
        st.just(float("nan")),
        st.none(),
    )
)
def test_what_cannot_be_a_price_teaches_nothing(usd: float | None) -> None:
    past = [PastClip(T2V, "480p", 81, usd)]
    assert price(0.10, past, T2V, "480p", 81).expected == 0.10


def test_clips_of_the_same_length_say_more_than_others() -> None:
    past = [PastClip(T2V, "480p", 97, 0.30), PastClip(T2V, "480p", 81, 0.18)]
    assert price(0.10, past, T2V, "480p", 81).expected == 0.18
    assert price(0.10, past, T2V, "480p", 89).most == 0.30


def test_rates_learn_prices_and_times_by_model_and_resolution() -> None:
    past = [PastClip(T2V, "480p", 81, 0.18, 40.0)] * 4
    rates = learned(Rates(), past)
    prices = {str(model): dict(each) for model, each in rates.usd.items()}
    assert prices[T2V] == {"480p": pytest.approx(0.18), "720p": 0.10}
    assert prices["wan-2.2-i2v-fast"] == {"480p": 0.09, "720p": 0.09}
    seconds = {str(model): each for model, each in rates.expected_seconds.items()}
    assert seconds == {T2V: 40.0, "wan-2.2-i2v-fast": 54.0}
