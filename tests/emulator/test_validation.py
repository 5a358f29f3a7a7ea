from __future__ import annotations

import pytest

from longtake.emulator.validation import (
    I2V,
    T2V,
    Refusal,
    body_digest,
    read_parameters,
)


@pytest.mark.parametrize(
    ("asked", "made"), [(81, 81), (82, 81), (84, 85), (85, 85), (97, 97), (99, 97), (100, 101)]
)
def test_frame_counts_are_rounded_to_four_n_plus_one(asked: int, made: int) -> None:
    assert read_parameters(T2V, {"prompt": "x", "num_frames": asked}).frame_count == made


@pytest.mark.parametrize(
    ("resolution", "image", "clip"),
    [
        ("480p", (1920, 1080), (832, 464)),
        ("480p", (832, 480), (832, 480)),
        ("480p", (480, 832), (480, 832)),
        ("480p", (1000, 1000), (624, 624)),
        ("720p", (1280, 720), (1280, 720)),
        ("720p", (1920, 1080), (1280, 720)),
    ],
)
def test_an_image_gives_its_shape_to_the_clip(
    resolution: str, image: tuple[int, int], clip: tuple[int, int]
) -> None:
    parameters = read_parameters(T2V, {"prompt": "x", "resolution": resolution})
    assert parameters.image_to_video_size(*image) == clip


def test_words_alone_give_the_listed_sizes() -> None:
    upright = read_parameters(T2V, {"prompt": "x", "aspect_ratio": "9:16", "resolution": "720p"})
    assert upright.text_to_video_size == (720, 1280)
    assert read_parameters(T2V, {"prompt": "x"}).text_to_video_size == (832, 480)


@pytest.mark.parametrize(
    "wrong",
    [
        {"prompt": ""},
        {"num_frames": 80},
        {"num_frames": 101},
        {"frames_per_second": 25},
        {"sample_shift": 0.5},
        {"high_noise_lora_scale": 2.5},
        {"go_fast": "yes"},
        {"seed": "seven"},
    ],
)
def test_a_parameter_out_of_its_range_is_refused_by_name(wrong: dict[str, object]) -> None:
    with pytest.raises(Refusal, match=next(iter(wrong))) as refused:
        read_parameters(T2V, {"prompt": "x", **wrong})
    assert not refused.value.refused_enum


def test_a_value_that_is_not_on_the_list_is_told_apart() -> None:
    with pytest.raises(Refusal, match="resolution") as refused:
        read_parameters(T2V, {"prompt": "x", "resolution": "1080p"})
    assert refused.value.refused_enum


def test_image_to_video_needs_an_image() -> None:
    with pytest.raises(Refusal, match="image"):
        read_parameters(I2V, {"prompt": "x"})


def test_the_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert body_digest(T2V, {"a": 1, "b": 2}) == body_digest(T2V, {"b": 2, "a": 1})
    assert body_digest(T2V, {"a": 1}) != body_digest(I2V, {"a": 1})
