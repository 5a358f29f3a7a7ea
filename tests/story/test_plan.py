"""The plan of a storyboard: clips, chains, seams, prompts, parameters, figures."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.errors import StoryboardError
from longtake.story import (
    WAN_FAST,
    ClipPlan,
    Cut,
    Handover,
    Plan,
    Rates,
    Still,
    Storyboard,
    build_plan,
)

HIGH = "https://x.example/high.safetensors"
LOW = "https://x.example/low.safetensors"


def plan(
    *shots: Any,
    look: dict[str, Any] | None = None,
    scene_look: dict[str, Any] | None = None,
    base_seed: int = 5,
) -> Plan:
    """The plan of a storyboard with one scene, called One."""
    scene = {"name": "One", "look": scene_look, "shots": list(shots)}
    data = {"title": "T", "look": look, "scenes": [scene]}
    return build_plan(Storyboard.model_validate(data), base_seed=base_seed)


def seeds(film: Plan) -> list[int]:
    return [clip.parameters["seed"] for clip in film.clips]


def problems(*shots: Any) -> list[str]:
    """What is said about the storyboard, without the place's head."""
    with pytest.raises(StoryboardError) as caught:
        plan(*shots)
    return [str(problem).removeprefix("scenes.0.shots.") for problem in caught.value.problems]


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


def test_chains_end_where_something_begins_anew() -> None:
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


def test_prompt_beat_and_style_are_joined_as_sentences() -> None:
    beats = {"prompt": "one  take,", "beats": ["a door", "a stair!\n"], "start": "cut"}
    film = plan("plain", beats, {"prompt": "bare", "style": ""}, look={"style": "in ink"})
    assert [clip.prompt for clip in film.clips] == [
        "plain. in ink",
        "one take, a door. in ink",
        "one take, a stair! in ink",
        "bare",
    ]
    assert all(clip.parameters["prompt"] == clip.prompt for clip in film.clips)


def test_beats_without_seconds_are_a_clip_each() -> None:
    film = plan({"beats": ["a", "b"], "num_frames": 90})
    assert [clip.parameters["num_frames"] for clip in film.clips] == [93, 93]
    assert [clip.kept_frame_count for clip in film.clips] == [90, 89]


def test_from_98_frames_on_the_film_keeps_97() -> None:
    first, second = plan({"prompt": "a", "num_frames": 100}, "b").clips
    assert (first.parameters["num_frames"], first.frame_count) == (100, 97)
    assert second.start == Handover(clip_id="one/1.1", frame_index=96)


def test_only_what_matters_to_the_plan_or_was_authored_is_sent() -> None:
    (clip,) = plan({"prompt": "a"}).clips
    assert clip.parameters | {"seed": 0} == {
        "prompt": "a",
        "num_frames": 81,
        "frames_per_second": 16,
        "aspect_ratio": "16:9",
        "resolution": "480p",
        "seed": 0,
    }


def test_a_shot_overrides_its_scene_and_a_scene_the_film() -> None:
    film = plan(
        "a",
        {"prompt": "b", "go_fast": True, "negative_prompt": ""},
        look={"go_fast": False, "negative_prompt": "text", "sample_shift": 5},
        scene_look={"sample_shift": 7.5},
    )
    sent = [
        [clip.parameters[name] for name in ("go_fast", "negative_prompt", "sample_shift")]
        for clip in film.clips
    ]
    assert sent == [[False, "text", 7.5], [True, "", 7.5]]


def test_loras_go_to_the_model_they_are_made_for_under_its_names() -> None:
    pairs = [
        {"high_noise": HIGH, "low_noise": LOW, "high_noise_scale": 0.5},
        {"low_noise": LOW, "low_noise_scale": 2},
        {"high_noise": HIGH},
    ]
    loras = {"t2v": pairs[:1], "i2v": pairs}
    first, second = plan("a", "b", look={"loras": loras}).clips

    def sent(clip: ClipPlan) -> dict[str, Any]:
        return {name: value for name, value in clip.parameters.items() if "lora" in name}

    one_pair = {"high_noise_lora": HIGH, "low_noise_lora": LOW, "high_noise_lora_scale": 0.5}
    assert sent(first) == one_pair
    assert sent(second) == one_pair | {
        "low_noise_lora_2": LOW,
        "low_noise_lora_scale_2": 2,
        "high_noise_lora_3": HIGH,
    }


def test_a_shot_replaces_the_loras_of_one_model_and_inherits_the_other() -> None:
    loras = {"t2v": [{"high_noise": HIGH}], "i2v": [{"high_noise": HIGH}]}
    shot = {"beats": ["a", "b"], "loras": {"i2v": []}}
    first, second = plan(shot, look={"loras": loras}).clips
    assert "high_noise_lora" in first.parameters
    assert "high_noise_lora" not in second.parameters


def test_seeds_come_from_the_nearest_seed() -> None:
    def film(shot_seed: int = 77, scene_seed: int = 2, film_seed: int = 1) -> list[int]:
        shot = {"beats": ["a", "b"], "seed": shot_seed}
        return seeds(plan(shot, "c", look={"seed": film_seed}, scene_look={"seed": scene_seed}))

    assert film()[0] == 77
    assert film(film_seed=9) == film()
    assert film(scene_seed=9)[:2] == film()[:2]
    assert film(scene_seed=9)[2] != film()[2]
    assert film(shot_seed=9)[1:2] != film()[1:2]
    assert film(shot_seed=9)[2] == film()[2]


def test_a_shot_that_is_put_in_leaves_the_seeds_of_all_others() -> None:
    cut = {"prompt": "b", "start": "cut"}
    without, put_in = seeds(plan("a", cut, "c")), seeds(plan("a", "new", cut, "c"))
    assert [put_in[0], *put_in[2:]] == without


def test_clips_that_ask_for_the_same_have_different_seeds() -> None:
    same = {"prompt": "a", "start": "cut"}
    assert len({*seeds(plan(same, same, same))}) == 3


def test_the_storyboards_seed_wins_over_a_drawn_one() -> None:
    film = plan("a", look={"seed": 1})
    assert (film.base_seed, film.seeds_drawn) == (1, True)
    assert seeds(film) == seeds(plan("a", look={"seed": 1}, base_seed=6))


def test_a_plan_without_any_seed_says_so() -> None:
    storyboard = Storyboard.model_validate(
        {"title": "T", "scenes": [{"name": "One", "shots": ["a"]}]}
    )
    assert not build_plan(storyboard).seeds_drawn
    assert build_plan(storyboard, base_seed=0).seeds_drawn


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


@pytest.mark.parametrize(
    ("shots", "said"),
    [
        (
            [{"seconds": 5}],
            "0: a shot needs a `prompt`, `beats` or both",
        ),
        (
            [{"prompt": "a", "seconds": 5, "num_frames": 81}],
            "0.num_frames: `seconds` and `num_frames` both give the length: keep one of them",
        ),
        (
            [{"prompt": "a", "start": "continue"}],
            (
                "0.start: a scene begins with a cut, there is no shot to continue: use `cut` or a "
                "still, or move the shot to the scene before"
            ),
        ),
        (
            [{"prompt": "a", "seconds": 0.01}],
            "0.seconds: less than one frame at 16 a second: at least 0.07",
        ),
        (
            [{"prompt": "a", "end_image": "end.png"}],
            (
                "0.end_image: this shot is one clip made from text, which cannot take an end "
                "image: begin it with a still or `continue`, or give it at least 6.13 seconds"
            ),
        ),
        (
            ["a", {"prompt": "b", "end_image": "end.png", "seconds": 2}],
            (
                "1.seconds: the shot is over long before its clip arrives at the end image: give "
                "it 4.75 seconds, 5 to see it arrive, or leave out `end_image`"
            ),
        ),
        (
            [{"beats": ["a", "b", "c"], "seconds": 20}],
            (
                "0.beats: 3 beats cannot fill 20 seconds, a clip for each: 3 beats in 18.06 "
                "seconds would do, or 4 beats in 20"
            ),
        ),
        (
            [{"beats": ["a", "b", "c"], "seconds": 10}],
            (
                "0.beats: 3 beats cannot fill 10 seconds, a clip for each: 3 beats in 11.44 "
                "seconds would do, or 2 beats in 10"
            ),
        ),
        (
            ["a", {"prompt": "b", "resolution": "720p"}],
            (
                "1.resolution: a continued shot keeps the picture's shape, and 480p at 16:9 "
                "becomes 720p at 16:9 here: the seam would jump; begin the shot with `start: cut`"
            ),
        ),
        (
            [{"prompt": "a", "aspect_ratio": "9:16"}, "b"],
            (
                "1.start: a continued shot keeps the picture's shape, and 480p at 9:16 becomes "
                "480p at 16:9 here: the seam would jump; begin the shot with `start: cut`"
            ),
        ),
    ],
)
def test_a_contradiction_is_told_with_its_fix(shots: list[Any], said: str) -> None:
    assert problems(*shots) == [said]


def test_the_fixes_that_are_told_do_fix() -> None:
    plan({"prompt": "a", "seconds": 0.07})
    plan({"prompt": "a", "end_image": "end.png", "seconds": 6.13})
    plan("a", {"prompt": "b", "end_image": "end.png", "seconds": 5})
    plan({"beats": ["a", "b", "c"], "seconds": 11.44})
    plan({"beats": ["a", "b", "c"], "seconds": 18.06})
    plan({"beats": ["a", "b", "c", "d"], "seconds": 20})
    plan({"beats": ["a", "b"], "seconds": 10})
    plan("a", {"prompt": "b", "resolution": "720p", "start": "cut"})


def test_a_minute_of_twelve_beats_is_twelve_clips() -> None:
    film = plan({"beats": [f"beat {number}" for number in range(12)], "seconds": 60})
    assert len(film.clips) == 12
    assert {clip.parameters["num_frames"] for clip in film.clips} == {81}
    assert film.frame_count == 960


def test_five_seconds_between_two_stills_lose_one_frame_before_the_end_image() -> None:
    [clip] = plan({"prompt": "a", "start": "a.png", "end_image": "b.png", "seconds": 5}).clips
    assert (clip.frame_count, clip.kept_frame_count) == (81, 80)


def test_contradictions_of_all_shots_are_told_at_once() -> None:
    assert [line.split(":")[0] for line in problems({"start": "continue"}, {"seconds": 0.01})] == [
        "0.start",
        "0",
        "1",
        "1.seconds",
    ]


def test_scenes_whose_clips_would_share_their_names_are_refused() -> None:
    scenes = [{"name": "The Sea", "shots": ["a"]}, {"name": "the  sea!", "shots": ["b"]}]
    with pytest.raises(StoryboardError) as caught:
        build_plan(Storyboard.model_validate({"title": "T", "scenes": scenes}))
    (problem,) = caught.value.problems
    assert problem.place == ("scenes", 1, "name")
    assert "`the-sea/…`" in problem.message


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
