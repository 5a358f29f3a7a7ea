"""Seams that are moved when the clips are there: no frame is lost, doubled or out of its file."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.story import Handover, Plan, Storyboard, build_plan
from longtake.story.splicing import Cuts, respliced, respliced_plan
from longtake.story.timing import USUAL_COUNTS


def plan(*shots: Any) -> Plan:
    data = {
        "title": "T",
        "look": {"handover": "best"},
        "scenes": [{"name": "One", "shots": list(shots)}],
    }
    return build_plan(Storyboard.model_validate(data), base_seed=1)


def test_every_seam_inside_a_shot_can_be_moved_and_no_other() -> None:
    film = plan({"prompt": "a", "seconds": 15}, "b", {"prompt": "c", "seconds": 8, "start": "cut"})
    handles = {clip.id: clip.handle_frame_count for clip in film.clips}
    assert handles == {
        "one/1.1": 12,
        "one/1.2": 12,
        "one/1.3": 0,
        "one/2.1": 0,
        "one/3.1": 12,
        "one/3.2": 0,
    }


def test_a_shot_that_arrives_at_an_end_image_keeps_its_last_seam() -> None:
    film = plan({"prompt": "a", "seconds": 15, "end_image": "end.png"})
    assert [clip.handle_frame_count for clip in film.clips] == [12, 0, 0]
    last = film.clips[-1]
    assert last.last_kept_frame_index == last.frame_count - 1


def test_the_handles_are_paid_for_and_named_as_a_share_of_the_price() -> None:
    film = plan({"prompt": "a", "seconds": 10})
    first, second = film.clips
    share = 12 / first.frame_count * first.usd + 12 / second.frame_count * second.usd
    assert film.handle_usd == pytest.approx(share, abs=1e-6)
    assert plan("a", "b").handle_usd == 0


def test_a_seam_moves_by_what_is_cut_and_the_clip_after_makes_up_for_it() -> None:
    film = plan({"prompt": "a", "seconds": 10}, "b")
    first, second, third = film.clips
    moved = respliced(film.clips, {"one/1.1": (5, 0), "one/1.2": (0, 3)})
    assert [clip.kept_frame_count for clip in moved] == [
        first.kept_frame_count - 5,
        second.kept_frame_count + 5,
        third.kept_frame_count,
    ]
    assert [clip.skip_frames for clip in moved] == [0, 1 + 3, 1]
    assert moved[1].first_frame_index == second.first_frame_index - 5
    assert moved[2].first_frame_index == third.first_frame_index
    assert moved[1].start == Handover(
        clip_id="one/1.1", frame_index=first.last_kept_frame_index - 5
    )
    assert moved[2].start == Handover(
        clip_id="one/1.2", frame_index=second.last_kept_frame_index + 5 + 3
    )


def test_a_clip_that_was_begun_already_keeps_the_frame_it_was_begun_from() -> None:
    film = plan({"prompt": "a", "seconds": 10})
    _, second = respliced(film.clips, {"one/1.1": (2, 0)}, {"one/1.2": 70})
    assert second.start == Handover(clip_id="one/1.1", frame_index=70)


def test_without_cuts_nothing_moves() -> None:
    film = plan({"prompt": "a", "seconds": 20}, "b")
    assert respliced(film.clips, {}) == film.clips
    assert respliced_plan(film, {}) == film


@pytest.mark.parametrize(
    ("cuts", "said"),
    [
        ({"one/1.1": (13, 0)}, "one/1.1: 13 frames cannot be cut at its end, only 0 to 12"),
        ({"one/1.1": (-1, 0)}, "one/1.1: -1 frames cannot be cut at its end, only 0 to 12"),
        ({"one/1.1": (0, 1)}, "one/1.1: 1 frames cannot be cut at its beginning, only 0 to 0"),
        ({"one/1.2": (0, 13)}, "one/1.2: 13 frames cannot be cut at its beginning, only -1 to 12"),
        ({"one/1.2": (1, 0)}, "one/1.2: 1 frames cannot be cut at its end, only 0 to 0"),
        ({"two/1.1": (0, 0)}, "no such clips: two/1.1"),
    ],
    ids=str,
)
def test_a_cut_beyond_the_handles_is_refused(cuts: Cuts, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        respliced(plan({"prompt": "a", "seconds": 10}).clips, cuts)


shots = st.one_of(
    st.just("a"),
    st.fixed_dictionaries(
        {"prompt": st.just("a"), "seconds": st.floats(3, 60)},
        optional={
            "start": st.sampled_from(["cut", "x.png", {"dissolve": 1}]),
            "end_image": st.none(),
        },
    ),
    st.fixed_dictionaries(
        {"prompt": st.just("a"), "seconds": st.floats(7, 60), "end_image": st.just("x.png")}
    ),
    st.fixed_dictionaries(
        {"beats": st.lists(st.just("b"), min_size=1, max_size=6)},
        optional={"num_frames": st.integers(81, 100), "handover": st.sampled_from(["last"])},
    ),
)


@given(st.lists(shots, min_size=1, max_size=4), st.data())
def test_however_seams_are_moved_every_shot_keeps_its_frames(
    rest: list[Any], data: st.DataObject
) -> None:
    film = plan("first", *rest)
    cut = st.integers(0, USUAL_COUNTS.handle) | st.just(USUAL_COUNTS.handle)
    cuts: dict[str, tuple[int, int]] = {}
    handle = 0
    for clip in film.clips:
        tail = data.draw(cut) if clip.handle_frame_count else 0
        cuts[clip.id] = (tail, data.draw(cut) if handle else 0)
        handle = clip.handle_frame_count
    moved = respliced_plan(film, cuts)
    for shot in film.shots:
        before = sum(film.clip(clip_id).kept_frame_count for clip_id in shot.clip_ids)
        assert sum(moved.clip(clip_id).kept_frame_count for clip_id in shot.clip_ids) == before
    for clip, planned in zip(moved.clips, film.clips, strict=True):
        assert clip.kept_frame_count >= 1
        assert clip.last_kept_frame_index < clip.frame_count
        assert 0 <= planned.first_frame_index - clip.first_frame_index <= USUAL_COUNTS.handle
        if isinstance(clip.start, Handover):
            left = moved.clip(clip.start.clip_id)
            assert clip.start.frame_index == left.last_kept_frame_index
            assert clip.first_frame_index == left.first_frame_index + left.kept_frame_count
    ends = 0
    for segment in moved.segments:
        assert segment.first_frame_index == ends
        ends += segment.frame_count
    assert ends == film.frame_count == moved.frame_count
    assert [seam.kind for seam in moved.seams] == [seam.kind for seam in film.seams]
