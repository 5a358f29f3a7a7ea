"""Whole chains against their limits; the seam bench measures the same on more of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.round_trips import ROUND_TRIP_LIMITS, round_trips
from bench.seam_chain import DRIFTS, run_chain
from bench.seam_scenes import photograph, scenes
from bench.seam_treatments import TREATMENTS
from longtake.media import Ffmpeg
from longtake.media.binary import find_every_ffmpeg

pytestmark = pytest.mark.slow
pytest.importorskip("skimage", reason="the photographs come with the extra `bench`")


@pytest.mark.parametrize("view", [0, 1], ids=["static", "panning"])
async def test_a_constant_drift_is_held_over_eight_hops(tmp_path: Path, view: int) -> None:
    scene, dials = scenes()[view], DRIFTS["constant"]
    paired = await run_chain(scene, dials, TREATMENTS["paired + deflash"], tmp_path)
    none = await run_chain(scene, dials, TREATMENTS["none"], tmp_path)
    assert paired.hops[6] <= 2.5
    assert all(one <= other + 0.1 for one, other in zip(paired.hops, none.hops, strict=True))
    assert none.hops[6] > 2 * paired.hops[6]


async def test_without_a_drift_no_colour_moves_and_nothing_is_farther_from_the_truth(
    tmp_path: Path,
) -> None:
    none, treated = [
        await run_chain(scenes()[2], DRIFTS["none"], TREATMENTS[name], tmp_path, hops=4)
        for name in ("none", "paired + deflash")
    ]
    for one, other in zip(none.outputs, treated.outputs, strict=True):
        # Detail does change: the frame that is handed on gets back what coding took of it.
        assert np.abs(other.mean((0, 1)) - one.mean((0, 1))).max() < 0.2
    assert all(one <= other + 0.01 for one, other in zip(treated.hops, none.hops, strict=True))


@pytest.mark.parametrize("quality", list(ROUND_TRIP_LIMITS))
@pytest.mark.parametrize("ffmpeg", find_every_ffmpeg(), ids=lambda one: str(one.origin))
async def test_ten_hops_of_decoding_and_encoding_are_not_seen(quality: str, ffmpeg: Ffmpeg) -> None:
    trips = await round_trips("coffee", photograph("coffee.png"), quality, ffmpeg=ffmpeg)
    assert trips.shortfalls() == []
