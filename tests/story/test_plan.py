"""The plan of a storyboard: clips, chains, seams, sizes, figures."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.story import Cut, Handover, Plan, Rates, Still, Storyboard, build_plan
from longtake.story.wan import WAN_FAST
from tests.story.planned import plan


def test_the_first_shot_of_a_scene_is_cut_and_the_others_continue() -> None:
    first, second = plan("a", "b").clips
    assert (first.id, first.model, first.start) == ("one/1.1", WAN_FAST.text_to_video.slug, Cut())
    assert (second.id, second.model) == ("one/2.1", WAN_FAST.image_to_video.slug)
    assert second.start == Handover(clip_id="one/1.1", frame_index=80)
    assert (second.skip_frames, second.kept_frame_count, second.first_frame_index) == (1, 80, 81)


def test_a_shot_can_begin_from_a_still() -> None:
    (clip,) = plan({"prompt": "a", "start": "dawn.png"}).clips
    assert (clip.model, clip.start, clip.skip_frames) == (
        WAN_FAST.image_to_video.slug,
        Still(uri="dawn.png"),
        0,
    )


def test_a_continued_shot_begins_from_the_last_frame_that_is_kept() -> None:
    """Frames that are trimmed must not show up again as the next shot's beginning."""
    trimmed, after = plan({"prompt": "a", "seconds": 2}, "b").clips
    assert trimmed.kept_frame_count == 32
    assert after.start == Handover(clip_id=trimmed.id, frame_index=31)


def test_long_seconds_become_a_chain_of_clips_within_the_shot() -> None:
    film = plan({"prompt": "a", "seconds": 20})
    assert [clip.id for clip in film.clips] == ["one/1.1", "one/1.2", "one/1.3", "one/1.4"]
    assert film.frame_count == 320
    assert [clip.kept_frame_count for clip in film.clips] == [81, 80, 80, 79]
    assert [shot.clip_ids for shot in film.shots] == [tuple(clip.id for clip in film.clips)]


def test_chains_end_where_something_starts_over() -> None:
    film = plan("a", "b", {"prompt": "c", "start": "x.png"}, "d", {"prompt": "e", "start": "cut"})
    assert [(chain.number, chain.name) for chain in film.chains] == [
        (1, "one/1-2"),
        (2, "one/3-4"),
        (3, "one/5"),
    ]
    kinds = [seam.kind for seam in film.seams]
    assert kinds == ["continuous", "cut", "continuous", "cut"]


def test_a_seam_names_its_neighbours_and_the_first_frame_after_it() -> None:
    (seam,) = plan("a", "b").seams
    assert (seam.left, seam.right, seam.frame_index) == ("one/1.1", "one/2.1", 81)


def test_a_new_scene_begins_a_new_chain() -> None:
    scenes = [{"name": "Élan vital!", "shots": ["a"]}, {"name": "夜", "shots": ["b"]}]
    film = build_plan(Storyboard.model_validate({"title": "T", "scenes": scenes}))
    assert [clip.id for clip in film.clips] == ["elan-vital/1.1", "scene-2/1.1"]
    assert len(film.chains) == 2


def test_from_98_frames_on_the_film_keeps_97() -> None:
    first, second = plan({"prompt": "a", "num_frames": 100}, "b").clips
    assert (first.parameters["num_frames"], first.frame_count) == (100, 97)
    assert second.start == Handover(clip_id="one/1.1", frame_index=96)


def test_an_end_image_belongs_to_the_last_clip_which_is_not_trimmed() -> None:
    film = plan({"prompt": "a", "seconds": 8, "end_image": "end.png"}, "b")
    first, last, after = film.clips
    assert (first.end, last.end) == (None, Still(uri="end.png"))
    assert (first.kept_frame_count, last.kept_frame_count) == (48, 80)
    assert last.start == Handover(clip_id=first.id, frame_index=47)
    assert after.start == Handover(clip_id=last.id, frame_index=80)


@pytest.mark.parametrize(
    ("look", "size"),
    [
        ({}, (832, 480)),
        ({"aspect_ratio": "9:16"}, (480, 832)),
        ({"resolution": "720p"}, (1280, 720)),
        ({"resolution": "720p", "aspect_ratio": "9:16"}, (720, 1280)),
    ],
)
def test_film_and_clips_have_the_pixels_of_the_look(
    look: dict[str, Any], size: tuple[int, int]
) -> None:
    film = plan("a", "b", look=look)
    assert (film.width, film.height) == size
    assert {(clip.width, clip.height) for clip in film.clips} == {size}


def test_a_cut_may_change_the_shape_of_the_clip_but_not_of_the_film() -> None:
    film = plan("a", {"prompt": "b", "start": "cut", "resolution": "720p"})
    assert (film.width, film.clips[1].width) == (832, 1280)


def test_the_critical_path_is_the_longest_chain() -> None:
    film = plan("a", "b", {"prompt": "c", "start": "cut"})
    assert [chain.expected_seconds for chain in film.chains] == [93 + 54, 93]
    assert film.critical_path_seconds == 147


def test_the_price_is_the_sum_of_the_clips() -> None:
    assert plan("a", "b", "c").usd == 0.28


def test_rates_that_name_one_price_leave_the_others_as_they_are() -> None:
    rates = Rates.model_validate(
        {
            "usd": {"wan-2.2-i2v-fast": {"480p": 0.5}},
            "expected_seconds": {WAN_FAST.text_to_video.slug: 10},
        }
    )
    storyboard = Storyboard.model_validate(
        {"title": "T", "scenes": [{"name": "One", "shots": ["a", "b"]}]}
    )
    film = build_plan(storyboard, rates=rates)
    assert [clip.usd for clip in film.clips] == [0.1, 0.5]
    assert [clip.expected_seconds for clip in film.clips] == [10, 54]
    assert rates.usd[WAN_FAST.image_to_video.slug]["720p"] == 0.09
    assert Rates.model_validate_json(rates.model_dump_json()) == rates


def test_a_shot_is_a_chapter_with_a_short_title() -> None:
    film = plan("A boat. It sinks", "word " * 40)
    assert [shot.id for shot in film.shots] == ["one/1", "one/2"]
    assert film.shots[0].title == "One 1: A boat"
    assert len(film.shots[1].title) < 80
    assert film.shots[1].title.endswith("word…")
    assert (film.shots[1].first_frame_index, film.shots[1].frame_count) == (81, 80)


def test_clips_are_found_by_their_id() -> None:
    film = plan("a", "b")
    assert film.clip("one/2.1") is film.clips[1]
    with pytest.raises(KeyError):
        film.clip("two/1.1")


def test_a_minute_of_twelve_beats_is_twelve_clips() -> None:
    film = plan({"beats": [f"beat {number}" for number in range(12)], "seconds": 60})
    assert len(film.clips) == 12
    assert {clip.parameters["num_frames"] for clip in film.clips} == {81}
    assert film.frame_count == 960


def test_five_seconds_between_two_stills_lose_one_frame_before_the_end_image() -> None:
    [clip] = plan({"prompt": "a", "start": "a.png", "end_image": "b.png", "seconds": 5}).clips
    assert (clip.frame_count, clip.kept_frame_count) == (81, 80)


shots = st.one_of(
    st.just("a"),
    st.fixed_dictionaries(
        {"prompt": st.just("a"), "seconds": st.floats(0.2, 40)},
        optional={"start": st.sampled_from(["cut", "x.png"])},
    ),
    st.fixed_dictionaries(
        {"beats": st.lists(st.just("b"), min_size=1, max_size=4)},
        optional={"num_frames": st.integers(81, 100), "start": st.sampled_from(["cut", "x.png"])},
    ),
)


@given(
    st.lists(st.lists(shots, min_size=1, max_size=4), min_size=1, max_size=3), st.integers(5, 24)
)
def test_any_plan_lays_its_clips_end_to_end(scenes: list[list[Any]], fps: int) -> None:
    data = {
        "title": "T",
        "look": {"frames_per_second": fps},
        "scenes": [{"name": f"s{index}", "shots": shots} for index, shots in enumerate(scenes)],
    }
    film = build_plan(Storyboard.model_validate(data), base_seed=1)
    ends = 0
    for clip in film.clips:
        assert clip.first_frame_index == ends
        ends += clip.kept_frame_count
        assert clip.skip_frames == isinstance(clip.start, Handover)
        assert clip.last_kept_frame_index < clip.frame_count
        if isinstance(clip.start, Handover):
            assert clip.start.frame_index == film.clip(clip.start.clip_id).last_kept_frame_index
    assert film.frame_count == ends == sum(shot.frame_count for shot in film.shots)
    assert film.seconds == ends / fps
    assert len(film.seams) == len(film.clips) - 1
    assert sum(seam.kind == "cut" for seam in film.seams) == len(film.chains) - 1
    assert len({clip.id for clip in film.clips}) == len(film.clips)
    for planned, shot in zip(film.shots, [s for scene in scenes for s in scene], strict=True):
        if isinstance(shot, dict) and "seconds" in shot:
            assert planned.frame_count == round(shot["seconds"] * fps)
    assert Plan.model_validate_json(film.model_dump_json()) == film
