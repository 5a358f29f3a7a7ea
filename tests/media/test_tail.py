"""Which frame is handed over, and between which two a clip is left and the next one entered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from longtake.errors import DamagedClip
from longtake.media.measure.tail import (
    best_handover,
    best_splice,
    chosen,
    score_tail,
    splice,
    tail_scores,
)
from tests.media.corpus.scenery import Frames, levels, pan, samples, softened, walk

Encode = Callable[..., Path]


def choice(frames: Frames) -> int:
    return chosen(tail_scores(samples(frames))).frame_index


def test_the_last_frame_is_handed_over_where_all_are_alike() -> None:
    assert choice(pan(30)) == 29


def test_blurred_last_frames_are_passed_over() -> None:
    blurred = pan(30)
    blurred[27:] = softened(blurred[27:], times=4)
    assert choice(blurred) == 26


def test_a_flash_at_the_end_is_passed_over() -> None:
    flashed = pan(30)
    flashed[28:] = levels(flashed[28:] + 40.0)
    assert choice(flashed) == 27


def test_a_black_end_is_passed_over() -> None:
    dark = pan(30)
    dark[26:] = 0
    assert choice(dark) == 25


def test_a_calm_frame_is_better_than_one_in_a_jerk() -> None:
    jerk = walk([2.0 * at for at in range(28)] + [70.0, 90.0])
    assert choice(jerk) < 28


def test_every_candidate_is_reported_with_its_parts() -> None:
    scores = tail_scores(samples(pan(30)), window=5)
    assert [each.frame_index for each in scores] == [25, 26, 27, 28, 29]
    assert scores[-1].recency == 1
    for each in scores:
        assert min(each.sharpness, each.exposure, each.calm, each.recency) >= 0
        assert max(each.score, each.sharpness, each.exposure, each.calm, each.recency) <= 1


def test_a_clip_shorter_than_the_window_has_fewer_candidates() -> None:
    assert [each.frame_index for each in tail_scores(samples(pan(4)))] == [0, 1, 2, 3]


async def test_only_frames_that_the_film_may_show_are_candidates(
    encode: Encode, tmp_path: Path
) -> None:
    clip = encode(tmp_path / "c.mp4", list(pan(30)), crf="12")
    assert (await best_handover(clip)).frame_index == 29
    assert (await best_handover(clip, last_frame_index=24)).frame_index == 24
    scores = await score_tail(clip, 6, last_frame_index=24)
    assert [each.frame_index for each in scores] == list(range(19, 25))


async def test_a_window_of_nothing_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no candidates"):
        await score_tail(tmp_path / "c.mp4", 0)


def test_an_exact_handover_is_joined_plainly() -> None:
    # The right clip's first frame repeats the left one's last.
    found = splice(samples(pan(13), 20), samples(pan(14, first=24.0)))
    assert (found.left_frame_index, found.right_frame_index) == (32, 1)
    assert found.cost == found.cost_of_plain
    assert found.cost < 0.7


def test_frames_that_stood_still_at_the_start_are_cut() -> None:
    waiting = walk([24.0] * 5 + [24 + 2.0 * at for at in range(1, 9)])
    found = splice(samples(pan(13), 20), samples(waiting))
    # Either the waiting ones go, or all but one and the left clip's last.
    assert (found.left_frame_index, found.right_frame_index) in {(32, 5), (31, 4)}
    assert found.cost < found.cost_of_plain


def test_a_right_clip_that_begins_earlier_is_entered_later() -> None:
    found = splice(samples(pan(13), 20), samples(pan(14, first=16.0)))
    # Left frame i shows 2 i, right frame j 16 + 2 j: any pair one step apart will do, for the
    # fewest frames that are cut.
    left, right = found.left_frame_index - 20, found.right_frame_index
    assert 16 + 2 * right - 2 * left == 2
    assert (12 - left) + (right - 1) == 4


async def test_a_splice_is_found_between_two_files(encode: Encode, tmp_path: Path) -> None:
    left = encode(tmp_path / "l.mp4", list(pan(24)), crf="12")
    right = encode(tmp_path / "r.mp4", list(pan(20, first=46.0)), crf="12")
    found = await best_splice(left, right, last=4, first=4)
    assert (found.left_frame_index, found.right_frame_index) == (23, 1)
    found = await best_splice(left, right, last=4, first=4, left_last_frame_index=21)
    assert found.left_frame_index <= 21


async def test_a_splice_with_a_damaged_clip_is_an_error(encode: Encode, tmp_path: Path) -> None:
    left = encode(tmp_path / "l.mp4", list(pan(6)))
    damaged = tmp_path / "r.mp4"
    damaged.write_bytes(left.read_bytes()[:500])
    with pytest.raises(DamagedClip, match=r"r\.mp4 does not decode"):
        await best_splice(left, damaged)


def test_too_few_frames_to_choose_from_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="too few frames"):
        splice(samples(pan(1)), samples(np.repeat(pan(1), 2, axis=0)))
