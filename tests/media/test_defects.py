"""Cuts, freezes and blacks inside a clip are found where they are, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from longtake.media.measure.defects import (
    find_blacks,
    find_cuts,
    find_freezes,
    freeze_spell,
    standing_still,
)
from longtake.story.readings import Spell
from tests.media.corpus.scenery import Frames, levels, pan, samples, walk


def still(frames: Frames, at: int, count: int) -> Frames:
    """Frame ``at`` shown ``count`` times, then on."""
    return np.concatenate([frames[:at], np.repeat(frames[at : at + 1], count, axis=0), frames[at:]])


def test_a_clip_in_one_piece_has_no_defects() -> None:
    whole = samples(pan(40, speed=3))
    assert (find_cuts(whole), find_freezes(whole), find_blacks(whole)) == ((), (), ())


@pytest.mark.parametrize("speed", [0.0, 4.0])
def test_a_cut_is_found_at_the_frame_that_begins_it(speed: float) -> None:
    both = np.concatenate([pan(17, speed=speed), pan(20, speed=speed, seed=5)])
    assert find_cuts(samples(both)) == (17,)
    assert find_cuts(samples(both, first_frame_index=4)) == (21,)


def test_a_cut_between_views_that_are_alike_as_a_whole_is_found_by_their_details() -> None:
    sky_over_land = np.linspace(120.0, -20.0, 120)[None, :, None, None]

    def scene(count: int, seed: int) -> Frames:
        return levels(pan(count, speed=1, seed=seed) * 0.7 + sky_over_land)

    assert find_cuts(samples(np.concatenate([scene(17, 1), scene(20, 5)]))) == (17,)
    assert find_cuts(samples(scene(37, 1))) == ()


def test_two_cuts_are_two() -> None:
    three = np.concatenate([pan(14), pan(12, seed=5), pan(14, seed=6)])
    assert find_cuts(samples(three)) == (14, 26)


def test_a_flash_is_no_cut() -> None:
    flashed = pan(30)
    flashed[14:17] = levels(flashed[14:17] * 0.4 + 150.0)
    assert find_cuts(samples(flashed)) == ()


def test_a_single_broken_frame_is_no_cut() -> None:
    broken = pan(30)
    broken[15] = pan(1, seed=5)[0]
    assert find_cuts(samples(broken)) == ()


def test_a_whip_pan_is_no_cut() -> None:
    positions = [2.0 * at for at in range(12)]
    positions += [positions[-1] + 24.0 * at for at in range(1, 10)]
    positions += [positions[-1] + 2.0 * at for at in range(1, 12)]
    assert find_cuts(samples(walk(positions))) == ()


def test_frames_that_stand_still_are_a_freeze() -> None:
    frozen = samples(still(pan(30), 12, 8))
    # Of frames 12 to 20, all the same, the first is not a repeat.
    assert find_freezes(frozen) == (Spell(first_frame_index=13, frame_count=8),)
    assert freeze_spell(frozen) == 8


def test_a_frozen_picture_that_its_encoder_refines_is_one_freeze() -> None:
    frozen = still(pan(40), 12, 12)
    frozen[18:, ::5] = np.clip(frozen[18:, ::5].astype(int) + 1, 0, 255)
    (spell,) = find_freezes(samples(frozen))
    assert spell == Spell(first_frame_index=13, frame_count=12)


def test_a_single_repeat_is_no_freeze() -> None:
    assert find_freezes(samples(still(pan(30), 12, 2))) == ()


def test_a_calm_view_with_grain_is_no_freeze() -> None:
    assert find_freezes(samples(pan(30, speed=0))) == ()


def test_a_clip_that_never_moves_at_all_is_frozen_from_end_to_end() -> None:
    frozen = np.repeat(pan(1), 20, axis=0)
    assert find_freezes(samples(frozen)) == (Spell(first_frame_index=1, frame_count=19),)


def test_the_same_thing_in_another_place_of_a_like_view_is_a_cut() -> None:
    leap = [0.5 * at for at in range(18)] + [60 + 0.5 * at for at in range(18)]
    assert find_cuts(samples(walk(leap))) == (18,)


def test_black_frames_are_found() -> None:
    dark = pan(30)
    dark[10:13] = levels(dark[10:13] * 0.05)
    assert find_blacks(samples(dark)) == (Spell(first_frame_index=10, frame_count=3),)


def test_a_night_with_a_lamp_is_not_black() -> None:
    night = levels(pan(20) * 0.08)
    night[:, 40:60, 80:100] = 220
    assert find_blacks(samples(night)) == ()


def test_a_picture_that_stands_still_and_is_only_made_better_is_frozen() -> None:
    """Steps of a clip that a model made, with ten frames held: the encoder goes on refining."""
    refining = [0.47, 0.47, 0.42, 0.35, 0.29, 0.23, 0.14, 0.09, 0.06, 0.02]
    held = np.array(
        [2.36, 2.71, 2.49, 2.84, 3.21, 2.7, 2.95, 2.41, 2.77, 2.58, 2.87, *refining, 3.1]
    )
    assert standing_still(held).nonzero()[0].tolist() == list(range(11, 21))
    calm = np.array([2.3, 2.0, 2.4, 1.7, 3.4, 2.4, 2.3, 1.7, 3.1, 2.2, 2.0, 1.65])
    slowly = np.array([*calm, 0.93, 0.82, 0.69, 0.54, 0.41, 0.33, 0.22, 0.12, 0.09, 0.04, 2.6, 2.1])
    assert standing_still(slowly).nonzero()[0].tolist() == list(range(12, 22))


def test_what_slows_down_before_it_rests_is_not_frozen() -> None:
    slowing = np.array([*[3.0] * 12, 2.2, 1.5, 1.0, 0.8, 0.7, 0.6, 0.5, 0.4, 1.2, 2.4, 3.0])
    assert not standing_still(slowing).any()
