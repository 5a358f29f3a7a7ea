"""Figures as people read them."""

from __future__ import annotations

import pytest

from longtake.figures import clock, counted, dollars


@pytest.mark.parametrize(
    ("seconds", "read"),
    [(None, ""), (0, "0:00"), (59.6, "1:00"), (61, "1:01"), (3600, "1:00:00"), (3725, "1:02:05")],
)
def test_seconds_are_read_as_on_a_clock(seconds: float | None, read: str) -> None:
    assert clock(seconds) == read


def test_sums_are_told_to_the_cent_and_unknown_ones_not_at_all() -> None:
    assert dollars(-0.001) == dollars(-0.0) == "0.00 USD"
    assert (dollars(0.1), dollars(None), dollars(None, "-")) == ("0.10 USD", "", "-")


def test_one_thing_is_in_the_singular() -> None:
    assert [counted(number, "clip") for number in (0, 1, 2)] == ["0 clips", "1 clip", "2 clips"]
