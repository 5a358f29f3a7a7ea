from __future__ import annotations

import pytest

from longtake.segmind.wording import (
    READABLE_CHARACTERS,
    error_words,
    says_bad_form,
    says_content_blocked,
)


@pytest.mark.parametrize(
    "text",
    [
        "NSFW content detected",
        "Your request was blocked by our content policy",
        "Blocked due to Responsible AI",
        "RAI filter triggered",
        "Content moderation failed",
        "The prompt has been flagged",
        "Image was flagged as inappropriate",
        "This violates our usage policies",
        "Failed the safety checker",
        "Blocked by safety filters",
        "sensitive content",
        "The input image contains explicit content",
        "content_policy_violation",
    ],
)
def test_a_content_block_is_known_by_its_words(text: str) -> None:
    assert says_content_blocked(text)


@pytest.mark.parametrize(
    "text",
    [
        "CUDA out of memory",
        "could not load high_noise_lora.safetensors",
        "Invalid content type",
        "Content-Type must be application/json",
        "seed is case-sensitive",
        "unrailed exception in trailing frames",
        "input image could not be downloaded",
        "Worker blocked: no GPU",
        "explicit num_frames required",
        "prompt must not be empty",
        "Failed for prompt 'a violent storm, a sensitive face'",
        "policy network timeout",
        "image violates minimum size of 64 pixels",
        "",
    ],
)
def test_other_failures_are_not_taken_for_content_blocks(text: str) -> None:
    assert not says_content_blocked(text)


@pytest.mark.parametrize(
    "text", ["Invalid content type", "value is not one of the enum", "resolution must be one of"]
)
def test_a_406_about_the_form_is_told_from_credits(text: str) -> None:
    assert says_bad_form(text)


@pytest.mark.parametrize(
    "text", ["Insufficient credits", "", "Not Acceptable", "Invalid value: not enough credits"]
)
def test_any_other_406_is_about_credits(text: str) -> None:
    assert not says_bad_form(text)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ('{"error": "Too bad"}', "Too bad"),
        ('{"detail": "Too bad"}', "Too bad"),
        ('{"message": "Too bad"}', "Too bad"),
        ('{"error": {"message": "Too bad", "code": 3}}', "Too bad"),
        ('{"error": null, "message": "Too bad"}', "Too bad"),
        ('{"detail": [{"loc": ["body", "seed"], "msg": "not an int"}]}', "body.seed: not an int"),
        ("<html><style>h1 {}</style><h1>405 Not\n Allowed</h1></html>", "405 Not Allowed"),
        ("upstream\n  gone", "upstream gone"),
        ('{"code": 17}', '{"code": 17}'),
        ("", ""),
    ],
)
def test_error_bodies_of_every_form_are_read(body: str, words: str) -> None:
    assert error_words(body) == words


def test_long_words_are_cut() -> None:
    assert len(error_words("x" * 5000)) == READABLE_CHARACTERS


def test_a_body_nested_beyond_reason_is_only_text() -> None:
    assert error_words("[" * 100_000).startswith("[[[")
