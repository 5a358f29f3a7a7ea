"""How long an unanswered submit is looked for: longer where the history is seen to be late."""

from __future__ import annotations

import pytest

from longtake.segmind.history_delay import LATEST_SECONDS, HistoryDelay


@pytest.mark.parametrize(
    ("lacked", "patience"),
    [
        ([], 120),
        ([0.0, 60.0], 120),
        ([61.0], 122),
        ([300.0, 5.0], 600),
        ([1801.0], LATEST_SECONDS),
        ([LATEST_SECONDS], LATEST_SECONDS),
        ([LATEST_SECONDS + 1, 100_000.0], 120),
    ],
)
def test_a_row_may_take_twice_as_long_as_others_were_seen_to_lack(
    lacked: list[float], patience: float
) -> None:
    delay = HistoryDelay()
    for ago_seconds in lacked:
        delay.lacks(ago_seconds)
    assert delay.patience_seconds(120) == patience


def test_who_is_more_patient_than_that_stays_so() -> None:
    assert HistoryDelay().patience_seconds(2 * LATEST_SECONDS) == 2 * LATEST_SECONDS
