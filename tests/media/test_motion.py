"""Whether a view goes on over a seam or turns round."""

from __future__ import annotations

import numpy as np
import pytest

from longtake.media.measure.motion import retrace
from longtake.story.judging import THRESHOLDS

ROUGH = np.random.default_rng(4).normal(120, 40, (24, 160, 3)).astype(np.float32)
WAVES = np.stack([np.convolve(row, np.ones(9) / 9, "same") for row in ROUGH.mean(2)])


def frames(places: np.ndarray) -> np.ndarray:
    """A window onto a wide picture, its left edge at each of these places, to a fraction."""
    across = np.arange(60)
    return np.stack(
        [[np.interp(at + across, np.arange(160), row) for row in WAVES] for at in places]
    ).astype(np.float32)


def way(speed: float) -> np.ndarray:
    return 50 + speed * np.arange(13)


@pytest.mark.parametrize("speed", [0.1, 1.0, 4.0])
def test_a_view_that_turns_round_at_the_seam_is_told_from_one_that_goes_on(speed: float) -> None:
    before = frames(way(speed))
    back, on = frames(way(speed)[-2::-1]), frames(way(speed)[-1] + speed * np.arange(1, 13))
    turned, went_on = retrace(before, back), retrace(before, on)
    assert turned is not None
    assert turned < THRESHOLDS.retrace / 2
    assert went_on is not None
    assert went_on > THRESHOLDS.retrace * 1.3


def test_what_slows_down_before_it_turns_does_so_by_itself() -> None:
    time = np.arange(-12, 13)
    sway = frames(90 - 0.2 * time**2)
    assert retrace(sway[:13], sway[13:]) is None


def test_what_comes_and_goes_all_the_time_is_not_judged() -> None:
    trembling = frames(60 + 2.0 * (np.arange(26) % 2))
    assert retrace(trembling[:13], trembling[13:]) is None


def test_a_hop_that_moves_colours_hides_no_turn() -> None:
    before = frames(way(1.0))
    came = frames(way(1.0)[::-1]) * 0.9 + 14
    turned = retrace(before, came[1:] - (came[0] - before[-1]))
    assert turned is not None
    assert turned < THRESHOLDS.retrace
