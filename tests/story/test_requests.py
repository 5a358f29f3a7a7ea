"""What a planned clip sends: its prompt, its parameters, its seed."""

from __future__ import annotations

from typing import Any

from longtake.story import (
    ClipPlan,
    Plan,
    Storyboard,
    build_plan,
)
from tests.story.planned import plan

HIGH = "https://x.example/high.safetensors"


LOW = "https://x.example/low.safetensors"


def seeds(film: Plan) -> list[int]:
    return [clip.parameters["seed"] for clip in film.clips]


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
