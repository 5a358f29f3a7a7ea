"""What differs between two things that are asked for, down to the words."""

from __future__ import annotations

import pytest

from longtake.story.changes import (
    Asked,
    Change,
    WordChange,
    changes_between,
    in_words,
    words_that_differ,
)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("a boat at dawn", "a boat at dawn", []),
        ("a boat at dawn", "a  boat\nat dawn", []),
        ("a boat at dawn", "a raft at dawn", [("boat", "raft")]),
        ("a boat at dawn", "a small boat", [("", "small"), ("at dawn", "")]),
        ("a b c d", "x b c y", [("a", "x"), ("d", "y")]),
        ("", "a boat", [("", "a boat")]),
    ],
)
def test_the_very_words_that_differ_are_found(
    before: str, after: str, words: list[tuple[str, str]]
) -> None:
    found = words_that_differ(before, after)
    assert found == tuple(WordChange(before=old, after=new) for old, new in words)


def test_parameters_are_compared_by_name_the_prompt_first_and_seeds_not_at_all() -> None:
    before = Asked("t2v", {"prompt": "a boat", "num_frames": 81, "seed": 1, "fast": True})
    after = Asked("i2v", {"prompt": "a raft", "num_frames": 97, "seed": 2})
    found = changes_between(before, after)
    assert [each.what for each in found] == ["prompt", "fast", "num_frames", "model"]
    assert in_words(found) == (
        "prompt: “boat” → “raft”; fast true → null; num_frames 81 → 97; model t2v → i2v"
    )


def test_of_many_words_the_first_are_told_and_the_rest_counted() -> None:
    words = words_that_differ("a 1 b 2 c 3 d 4 e 5", "a x b x c x d x e x")
    change = Change(what="prompt", before="", after="", words=words)
    assert change.says.endswith("“4” → “x” and 1 more")
    added = Change(what="prompt", words=(WordChange(before="", after="slowly"),))
    gone = Change(what="prompt", words=(WordChange(before="still", after=""),))
    assert in_words([added, gone]) == "prompt: with “slowly”; prompt: without “still”"
