"""Seconds become the cheapest run of clips, and the film gets exactly the frames asked for."""

from __future__ import annotations

from itertools import combinations_with_replacement

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.story.model import CLEAN_FRAME_COUNTS
from longtake.story.timing import cheapest_run, clip_frames, fewest_clips, frame_range

film_frames = st.integers(min_value=1, max_value=3000)


@given(film_frames, st.booleans(), st.booleans())
def test_a_run_keeps_exactly_the_frames_asked_for(
    wanted: int, continued: bool, whole_end: bool
) -> None:
    run = cheapest_run(wanted, continued=continued, whole_end=whole_end)
    assert sum(clip.kept_frame_count for clip in run) == wanted


@given(film_frames, st.booleans(), st.booleans())
def test_every_clip_of_a_run_keeps_frames_that_its_file_has(
    wanted: int, continued: bool, whole_end: bool
) -> None:
    for clip in cheapest_run(wanted, continued=continued, whole_end=whole_end):
        assert clip.num_frames == clip.frame_count
        assert clip.frame_count in CLEAN_FRAME_COUNTS
        assert 1 <= clip.kept_frame_count <= clip.frame_count - clip.skip_frames


@given(film_frames, st.booleans())
def test_only_a_cut_keeps_its_first_frame(wanted: int, continued: bool) -> None:
    first, *others = cheapest_run(wanted, continued=continued)
    assert first.skip_frames == int(continued)
    assert all(clip.skip_frames == 1 for clip in others)


@given(film_frames, st.booleans())
def test_only_the_last_clip_of_a_run_is_trimmed(wanted: int, continued: bool) -> None:
    *others, _ = cheapest_run(wanted, continued=continued)
    assert all(clip.kept_frame_count == clip.frame_count - clip.skip_frames for clip in others)


@given(st.integers(min_value=98, max_value=3000), st.booleans())
def test_a_run_that_must_arrive_keeps_the_whole_of_its_last_clip(
    wanted: int, continued: bool
) -> None:
    *_, last = cheapest_run(wanted, continued=continued, whole_end=True)
    assert last.kept_frame_count == last.frame_count - last.skip_frames


@given(film_frames, st.booleans())
def test_the_counts_of_a_run_are_spread_evenly(wanted: int, continued: bool) -> None:
    counts = [clip.frame_count for clip in cheapest_run(wanted, continued=continued)]
    assert max(counts) - min(counts) <= 4
    assert counts == sorted(counts, reverse=True)


@given(st.integers(min_value=1, max_value=480), st.booleans())
def test_no_run_is_cheaper_or_wastes_less(wanted: int, continued: bool) -> None:
    """Against every run there is, up to five clips."""

    def enough(counts: tuple[int, ...]) -> bool:
        return sum(counts) - (len(counts) - 1) - int(continued) >= wanted

    best = next(
        min(sum(counts) for counts in runs)
        for clip_count in range(1, 6)
        if (
            runs := list(
                filter(enough, combinations_with_replacement(CLEAN_FRAME_COUNTS, clip_count))
            )
        )
    )
    run = cheapest_run(wanted, continued=continued)
    assert sum(clip.frame_count for clip in run) == best
    assert len(run) == best // CLEAN_FRAME_COUNTS[0]


@given(st.integers(min_value=1, max_value=30), st.booleans())
def test_a_frame_range_holds_exactly_the_lengths_of_so_many_clips(
    clip_count: int, continued: bool
) -> None:
    low, high = frame_range(clip_count, continued=continued)
    assert fewest_clips(low, continued=continued) == clip_count
    assert fewest_clips(high, continued=continued) == clip_count
    assert fewest_clips(high + 1, continued=continued) == clip_count + 1
    assert clip_count == 1 or fewest_clips(low - 1, continued=continued) == clip_count - 1


@pytest.mark.parametrize(
    ("asked", "sent", "needed", "kept"),
    [
        (81, 81, 81, 81),
        (82, 85, 85, 82),
        (90, 93, 93, 90),
        (96, 97, 97, 96),
        (97, 97, 97, 97),
        (98, 98, 97, 97),
        (100, 100, 97, 97),
    ],
)
def test_a_chosen_count_is_rounded_up_to_a_clean_one_and_trimmed(
    asked: int, sent: int, needed: int, kept: int
) -> None:
    cut = clip_frames(asked, continued=False)
    assert (cut.num_frames, cut.frame_count, cut.kept_frame_count) == (sent, needed, kept)
    continued = clip_frames(asked, continued=True)
    assert (continued.num_frames, continued.frame_count) == (sent, needed)
    assert (continued.skip_frames, continued.kept_frame_count) == (1, kept - 1)
