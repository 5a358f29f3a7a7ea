"""What may be written in a storyboard, value by value."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from longtake.errors import Problem
from longtake.story import Storyboard, explain
from longtake.story.look import LoraPair
from longtake.story.named_files import PICTURE_SUFFIXES
from longtake.story.storyboard import Shot
from longtake.story.wan import WAN_FAST

ENDINGS = ", ".join(PICTURE_SUFFIXES)


def board(*shots: Any, look: dict[str, Any] | None = None) -> dict[str, Any]:
    """The data of a storyboard with one scene."""
    return {"title": "T", "look": look, "scenes": [{"name": "One", "shots": list(shots)}]}


def problems(data: object) -> list[str]:
    """What is said about the data, without the place's head where it is the first shot."""
    with pytest.raises(ValidationError) as caught:
        Storyboard.model_validate(data)
    said = explain(caught.value, Storyboard, data)
    return [str(problem).removeprefix("scenes.0.shots.0.") for problem in said]


def test_a_text_is_a_shot_with_just_a_prompt() -> None:
    storyboard = Storyboard.model_validate(board("a boat"))
    assert storyboard.scenes[0].shots == (Shot(prompt="a boat"),)


def test_an_empty_look_is_no_look() -> None:
    assert Storyboard.model_validate(board("a boat")).seed is None


def test_the_seed_of_the_look_is_the_storyboards() -> None:
    storyboard = Storyboard.model_validate(board("a boat", look={"seed": 7}))
    assert storyboard.seed == 7


@pytest.mark.parametrize(
    ("key", "low", "high", "below", "above"),
    [
        ("num_frames", 81, 100, 80, 101),
        ("sample_shift", 1, 20, 0.9, 20.1),
        ("seed", 0, 2**31 - 1, -1, 2**31),
    ],
)
def test_ranges_include_their_ends_and_nothing_more(
    key: str, low: float, high: float, below: float, above: float
) -> None:
    for value in (low, high):
        Storyboard.model_validate(board({"prompt": "a", key: value}))
    assert problems(board({"prompt": "a", key: below})) == [
        f"{key}: must be at least {low}, not {below}"
    ]
    assert problems(board({"prompt": "a", key: above})) == [
        f"{key}: must be at most {high}, not {above}"
    ]


@pytest.mark.parametrize("fps", [4, 25])
def test_the_frame_rate_is_within_what_the_models_take(fps: int) -> None:
    (problem,) = problems(board("a", look={"frames_per_second": fps}))
    assert problem.startswith("look.frames_per_second: must be at")


def test_names_are_no_longer_than_a_person_reads() -> None:
    assert problems(board("a") | {"title": "x" * 201}) == [
        "title: must have at most 200 characters, not 201"
    ]
    scene = {"name": "x" * 100_000, "shots": ["a"]}
    assert problems({"title": "T", "scenes": [scene]}) == [
        "scenes.0.name: must have at most 200 characters, not 100000"
    ]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("seconds", "5", "must be a number, not the text `5`"),
        ("seconds", True, "must be a number, not true"),
        ("seconds", 0, "must be more than 0, not 0"),
        ("seconds", float("inf"), "must be a finite number, not the number inf"),
        ("num_frames", 81.0, "must be a whole number, not the number 81"),
        ("go_fast", "yes", "must be true or false, not the text `yes`"),
        ("go_fast", 1, "must be true or false, not the number 1"),
        ("prompt", 5, "must be text, not the number 5"),
        ("prompt", "  ", "must say something"),
        ("beats", "one", "must be a list, not the text `one`"),
        ("beats", [], "must have at least 1 entry"),
        (
            "resolution",
            "720",
            "must be `480p` or `720p`, not the text `720`; did you mean `720p`?",
        ),
        (
            "start",
            "contniue",
            "must be `cut`, `continue`, a picture or `{dissolve: SECONDS}`, not `contniue`",
        ),
        (
            "start",
            "still.tiff",
            f"must be a picture ({ENDINGS}), not `still.tiff`",
        ),
        (
            "start",
            "ftp://x/still.png",
            "must be a file, an http(s) URL or a data URL, not ftp://",
        ),
        (
            "end_image",
            "data:text/html;base64,AA",
            "a data URL must hold a picture in base64: `data:image/png;base64,…`",
        ),
        ("loras", [], "must be a mapping of keys to values, not a list"),
    ],
)
def test_a_wrong_value_is_reported_once_and_in_plain_words(
    key: str, value: object, message: str
) -> None:
    assert problems(board({"prompt": "a"} | {key: value})) == [f"{key}: {message}"]


@pytest.mark.parametrize(
    "still",
    ["dawn.png", "a b/Dawn.JPG", "https://x.example/y", "data:image/png;base64,AA==", "/a/b.webp"],
)
def test_a_still_is_a_picture_file_or_a_url(still: str) -> None:
    shot = Shot(prompt="a", start=still, end_image=still)
    assert (shot.start, shot.end_image) == (still, still)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("secnds", "not known here: did you mean `seconds`?"),
        ("duration", "not known here: did you mean `seconds`?"),
        ("last_image", "not known here: did you mean `end_image`?"),
        (
            "frames_per_second",
            "not known here: a film has one frame rate: set it in the look at the top",
        ),
        (
            "A boat, and then",
            "not a key: if this is a text with a colon in it, put it in quotes",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_a_hint(key: str, said: str) -> None:
    assert problems(board({"prompt": "a"} | {key: 1})) == [f"{key}: {said}"]


def test_an_unknown_key_that_resembles_none_is_told_the_known_ones() -> None:
    keys = "`title`, `family`, `look`, `soundtrack`, `titles`, `captions`, `scenes`"
    assert problems(board("a") | {"zzz": 1}) == [f"zzz: not known here: there are {keys}"]


def test_a_shot_that_is_no_shot_is_one_problem() -> None:
    assert problems(board(5)) == [
        "scenes.0.shots.0: must be a mapping of keys to values, not the number 5"
    ]


def test_problems_come_all_at_once_and_in_the_order_of_the_file() -> None:
    data = {
        "scenes": [
            {"shots": [{"prompt": 1, "secnds": 2}, 3], "name": "x"},
            {"shots": []},
        ]
    }
    with pytest.raises(ValidationError) as caught:
        Storyboard.model_validate(data)
    said: list[Problem] = explain(caught.value, Storyboard, data)
    assert [problem.place for problem in said] == [
        ("scenes", 0, "shots", 0, "prompt"),
        ("scenes", 0, "shots", 0, "secnds"),
        ("scenes", 0, "shots", 1),
        ("scenes", 1, "shots"),
        ("scenes", 1, "name"),
        ("title",),
    ]


HIGH = "https://x.example/high.safetensors"


@pytest.mark.parametrize(
    ("loras", "said"),
    [
        ({"t2v": [{}]}, "t2v.0: a LoRA needs `high_noise`, `low_noise` or both"),
        (
            {"t2v": [{"high_noise": HIGH, "low_noise_scale": 1}]},
            "t2v.0: `low_noise_scale` has no `low_noise` to scale",
        ),
        (
            {"t2v": [{"high_noise": HIGH}] * 2},
            "t2v: must have at most 1 entry, not 2",
        ),
        (
            {"i2v": [{"high_noise": HIGH}] * 4},
            "i2v: must have at most 3 entries, not 4",
        ),
        (
            {"i2v": [{"high_noise": HIGH, "high_noise_scale": 2.5}]},
            "i2v.0.high_noise_scale: must be at most 2, not 2.5",
        ),
        (
            {"i2v": [{"low_noise": "weights.safetensors"}]},
            "i2v.0.low_noise: must be an http(s) URL with a host: `https://host/path`",
        ),
        (
            {"i2v": [{"low_noise": "https://x.example/w.bin"}]},
            (
                "i2v.0.low_noise: must lead to a .safetensors file; if it does though it does not "
                "say so, as some download links, write `#.safetensors` after it"
            ),
        ),
    ],
)
def test_loras_are_checked_before_anything_is_sent(loras: dict[str, Any], said: str) -> None:
    assert problems(board({"prompt": "a", "loras": loras})) == [f"loras.{said}"]


def test_a_lora_url_may_carry_a_query() -> None:
    pair = {"high_noise": f"{HIGH}?download=true"}
    Storyboard.model_validate(board({"prompt": "a", "loras": {"t2v": [pair]}}))


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("start", "http://[::1/a.png", "not an address that can be read: "),
        ("end_image", "https://x.example:port/a.png", "not an address that can be read: "),
        ("start", "https:///a.png", "must be an http(s) URL with a host"),
        ("start", "https://x.example/a b.png", "an address has no blanks in it"),
        ("start", "https://me:secret@x.example/a.png", "would be sent on: leave it out"),
        ("start", "https://x.example/" + "a" * 3000, "of more than 2000 characters"),
        ("start", "a" * 300 + ".png", "no file has a name of more than 255 bytes"),
        ("end_image", "stills/" + "é" * 130 + ".png", "no file has a name of more than 255 bytes"),
    ],
)
def test_an_address_or_name_that_nothing_can_be_had_from_is_refused(
    key: str, value: str, said: str
) -> None:
    (problem,) = problems(board({"prompt": "a", key: value}))
    assert problem.startswith(f"{key}: ")
    assert said in problem
    assert len(problem) < 200


@pytest.mark.parametrize("key", ["high_noise_lora_scale", "low_noise_lora_2", "low_noise_scale"])
@pytest.mark.parametrize("where", ["look", "shot"])
def test_the_services_own_names_for_loras_lead_to_ours(key: str, where: str) -> None:
    shot = {"prompt": "a"} | ({key: 1} if where == "shot" else {})
    (problem,) = problems(board(shot, look={key: 1} if where == "look" else None))
    assert "`loras: {t2v: [{high_noise: https://…, high_noise_scale: 0.8}], i2v: […]}`" in problem


def test_a_wire_name_inside_of_a_lora_is_led_to_ours() -> None:
    pair = {"high_noise": HIGH, "high_noise_lora_scale": 0.5}
    (problem,) = problems(board({"prompt": "a", "loras": {"i2v": [pair]}}))
    assert problem.endswith("did you mean `high_noise_scale`?")


@pytest.mark.parametrize(
    ("address", "sent"),
    [
        ("https://civitai.com/api/download/models/12345", None),
        ("https://civitai.com/api/download/models/12345?type=Model&format=SafeTensor", None),
        ("https://x.example/get?file=ink.safetensors", None),
        ("https://x.example/d/8f3#.safetensors", "https://x.example/d/8f3"),
    ],
)
def test_a_download_link_to_weights_need_not_end_in_their_name(
    address: str, sent: str | None
) -> None:
    pair = LoraPair.model_validate({"high_noise": address})
    assert pair.wire(1, WAN_FAST) == {"high_noise_lora": sent or address}


def test_a_page_about_weights_is_told_from_the_weights() -> None:
    page = "https://huggingface.co/me/ink/blob/main/ink.safetensors"
    (problem,) = problems(board({"prompt": "a", "loras": {"t2v": [{"high_noise": page}]}}))
    assert problem.endswith("write `/resolve/` in place of `/blob/`")
