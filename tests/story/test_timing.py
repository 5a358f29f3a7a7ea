"""Seconds become the cheapest run of clips, and the film gets exactly the frames asked for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from longtake.story.timing import (
    USUAL_COUNTS,
    ClipFrames,
    ShotEnds,
    beat_range,
    beat_run,
    cheapest_run,
    chosen_run,
    clip_frames,
    fewest_clips,
    frame_range,
    leading,
    trailing,
)

film_frames = st.integers(min_value=1, max_value=3000)
every_ends = st.builds(
    ShotEnds, continued=st.booleans(), whole_end=st.booleans(), best=st.booleans()
)
plain_ends = st.builds(ShotEnds, continued=st.booleans())


@given(film_frames, every_ends)
def test_a_run_keeps_exactly_the_frames_asked_for(wanted: int, ends: ShotEnds) -> None:
    assert sum(clip.kept_frame_count for clip in cheapest_run(wanted, ends)) == wanted


@given(film_frames, every_ends)
def test_every_clip_of_a_run_keeps_frames_that_its_file_has(wanted: int, ends: ShotEnds) -> None:
    for clip in cheapest_run(wanted, ends):
        assert clip.num_frames == clip.frame_count
        assert clip.frame_count in USUAL_COUNTS.clean
        assert 1 <= clip.kept_frame_count <= clip.frame_count - clip.skip_frames


@given(film_frames, every_ends)
def test_only_a_cut_keeps_its_first_frame(wanted: int, ends: ShotEnds) -> None:
    first, *others = cheapest_run(wanted, ends)
    assert first.skip_frames == int(ends.continued)
    assert all(clip.skip_frames == 1 for clip in others)


@given(film_frames, plain_ends)
def test_only_the_last_clip_of_a_run_is_trimmed(wanted: int, ends: ShotEnds) -> None:
    *others, _ = cheapest_run(wanted, ends)
    assert all(clip.kept_frame_count == clip.frame_count - clip.skip_frames for clip in others)


@given(st.integers(min_value=98, max_value=3000), st.booleans(), st.booleans())
def test_a_run_that_must_arrive_keeps_the_whole_of_its_last_clip(
    wanted: int, continued: bool, best: bool
) -> None:
    *_, last = cheapest_run(wanted, ShotEnds(continued=continued, whole_end=True, best=best))
    assert last.kept_frame_count == last.frame_count - last.skip_frames


@given(film_frames, every_ends)
def test_the_counts_of_a_run_are_spread_evenly(wanted: int, ends: ShotEnds) -> None:
    counts = [clip.frame_count for clip in cheapest_run(wanted, ends)]
    assert max(counts) - min(counts) <= 4
    assert counts == sorted(counts, reverse=True)


@given(st.integers(min_value=1, max_value=360), every_ends)
def test_no_run_is_cheaper_or_wastes_less(wanted: int, ends: ShotEnds) -> None:
    """Against every run there is, up to six clips."""

    def enough(counts: tuple[int, ...]) -> bool:
        handles = 2 * USUAL_COUNTS.handle * ends.splices(len(counts))
        return sum(counts) - (len(counts) - 1) - int(ends.continued) - handles >= wanted

    best = next(
        min(sum(counts) for counts in runs)
        for clip_count in range(1, 7)
        if (
            runs := list(
                filter(enough, combinations_with_replacement(USUAL_COUNTS.clean, clip_count))
            )
        )
    )
    run = cheapest_run(wanted, ends)
    assert sum(clip.frame_count for clip in run) == best
    assert len(run) == best // USUAL_COUNTS.clean[0]


@given(st.integers(min_value=1, max_value=30), every_ends)
def test_a_frame_range_holds_exactly_the_lengths_of_so_many_clips(
    clip_count: int, ends: ShotEnds
) -> None:
    low, high = frame_range(clip_count, ends)
    assert fewest_clips(low, ends) == clip_count
    assert fewest_clips(high, ends) == clip_count
    assert fewest_clips(high + 1, ends) == clip_count + 1
    assert clip_count == 1 or fewest_clips(low - 1, ends) == clip_count - 1


def assert_splices_fit(run: Sequence[ClipFrames], ends: ShotEnds) -> None:
    """Whatever a splice cuts within its handles, the clip after can make up for."""
    handles = [clip.handle_frame_count for clip in run]
    spliced = ends.splices(len(run))
    assert handles == [USUAL_COUNTS.handle] * spliced + [0] * (len(run) - spliced)
    for clip, handle in zip(run[1:], handles, strict=False):
        unused = clip.frame_count - clip.skip_frames - clip.kept_frame_count
        assert unused >= 2 * handle, "the clip makes up for both cuts"
    assert all(clip.kept_frame_count > clip.handle_frame_count for clip in run)


@given(film_frames, every_ends)
def test_a_run_has_the_frames_that_its_splices_may_cut(wanted: int, ends: ShotEnds) -> None:
    assert_splices_fit(cheapest_run(wanted, ends), ends)


@given(st.integers(81, 100), st.integers(1, 12), every_ends)
def test_clips_of_a_chosen_count_have_the_frames_that_their_splices_may_cut(
    num_frames: int, clip_count: int, ends: ShotEnds
) -> None:
    assert_splices_fit(chosen_run(num_frames, clip_count, ends), ends)


@given(
    st.integers(min_value=1, max_value=600),
    st.integers(0, 80),
    st.integers(0, 80),
    st.booleans(),
)
def test_a_dissolve_lies_in_one_clip_wherever_there_is_room(
    film: int, head: int, tail: int, best: bool
) -> None:
    assume(max(head, tail) <= film)
    ends = ShotEnds(best=best, head=head, tail=tail)
    run = cheapest_run(film + ends.overhang, ends)
    assert sum(clip.kept_frame_count for clip in run) == film + ends.overhang
    assert all(1 <= clip.kept_frame_count <= clip.frame_count - clip.skip_frames for clip in run)
    if not best:
        assert run[0].kept_frame_count >= head
        assert run[-1].kept_frame_count >= tail
    assert len(run) > 1 or run[0].kept_frame_count >= leading(head) + trailing(tail) + 1


@given(st.integers(0, 200))
def test_a_dissolve_is_centred_on_the_cut(frame_count: int) -> None:
    assert leading(frame_count) + trailing(frame_count) == frame_count
    assert leading(frame_count) - trailing(frame_count) in (0, 1)


@pytest.mark.parametrize(
    ("num_frames", "clip_count", "ends", "kept"),
    [
        (90, 2, ShotEnds(), [90, 89]),
        (97, 2, ShotEnds(best=True), [97, 72]),
        (82, 2, ShotEnds(best=True), [82, 60]),
        (97, 3, ShotEnds(best=True, whole_end=True), [97, 72, 96]),
        (81, 1, ShotEnds(head=16), [81]),
        (82, 1, ShotEnds(head=1, tail=3), [84]),
        (82, 1, ShotEnds(head=4, tail=4), [85]),
    ],
    ids=str,
)
def test_clips_of_a_chosen_count_give_their_handles_out_of_it(
    num_frames: int, clip_count: int, ends: ShotEnds, kept: list[int]
) -> None:
    run = chosen_run(num_frames, clip_count, ends)
    assert [clip.kept_frame_count for clip in run] == kept
    assert [clip.num_frames for clip in run] == [
        clip_frames(num_frames, continued=False).num_frames
    ] * clip_count


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


beats_of_a_shot = st.tuples(st.integers(min_value=1, max_value=30), every_ends, st.data())


@given(beats_of_a_shot)
def test_every_beat_gets_a_clip_and_the_film_the_frames_asked_for(
    shot: tuple[int, ShotEnds, st.DataObject],
) -> None:
    beat_count, ends, data = shot
    low, high = beat_range(beat_count, ends)
    wanted = data.draw(st.integers(min_value=low, max_value=high))
    run = beat_run(beat_count, wanted, ends)
    assert len(run) == beat_count
    assert sum(clip.kept_frame_count for clip in run) == wanted


@given(beats_of_a_shot)
def test_a_beat_of_a_run_with_more_clips_than_needed_is_shown_for_three_quarters_at_least(
    shot: tuple[int, ShotEnds, st.DataObject],
) -> None:
    beat_count, ends, data = shot
    low, high = beat_range(beat_count, ends)
    wanted = data.draw(st.integers(min_value=low, max_value=high))
    assume(beat_count > fewest_clips(wanted, ends))
    shown = [clip.kept_frame_count for clip in beat_run(beat_count, wanted, ends)]
    spread = shown[: len(shown) - int(ends.whole_end)]
    assert min(shown) >= USUAL_COUNTS.least_shown - 2 * USUAL_COUNTS.handle * ends.best
    assert ends.best or max(spread) - min(spread) <= 5


@given(film_frames, every_ends)
def test_as_many_beats_as_clips_are_needed_make_the_cheapest_run(
    wanted: int, ends: ShotEnds
) -> None:
    assert beat_run(fewest_clips(wanted, ends), wanted, ends) == cheapest_run(wanted, ends)
