"""Equal names are equal pictures, and everything that changes a picture changes its name."""

from __future__ import annotations

from typing import Any

import pytest

from longtake.media.lettering import Font
from longtake.profile_parts import Picture
from longtake.rendering.film_recipe import digest, lettering_of, piece_recipe
from longtake.rendering.takes import StoredTake
from longtake.story import CaptionsPlan, Plan, ShownWords
from tests.rendering.taken import plan_of

PLAN = plan_of({"prompt": "a boat", "seconds": 5}, {"prompt": "b", "seconds": 5, "start": "cut"})
TAKE = StoredTake("a" * 64, "f", PLAN.clips[0], 1)


def named(take: StoredTake = TAKE, *, plan: Plan = PLAN, **picture: Any) -> str:
    """The name of the film's first piece."""
    return piece_recipe(PLAN.segments[0], [take], plan, Picture(**picture), None)


def test_the_same_frames_have_the_same_name_whatever_the_take_is_called() -> None:
    assert named() == named(TAKE._replace(fingerprint="other", number=7))


@pytest.mark.parametrize(
    "other",
    [
        named(TAKE._replace(sha256="b" * 64)),
        named(plan=PLAN.model_copy(update={"width": 100})),
        named(crf=30),
    ],
    ids=["another file", "another shape", "another quality"],
)
def test_what_is_seen_is_part_of_the_name(other: str) -> None:
    assert other != named()


def test_captions_are_drawn_with_a_pieces_own_times_and_only_where_they_are_seen() -> None:
    font = Font("Any", b"a font")
    lines = (
        ShownWords(begin_seconds=1, end_seconds=2, text="first"),
        ShownWords(begin_seconds=4, end_seconds=6, text="both"),
    )
    captions = CaptionsPlan(lines=lines, burn=True)
    first, second = (lettering_of(part, captions, PLAN, font) for part in PLAN.segments)
    assert first is not None
    assert second is not None
    assert [line.text for line in first.lines] == ["first", "both"]
    assert [(line.begin_seconds, line.end_seconds) for line in second.lines] == [(0, 1)]
    assert lettering_of(PLAN.segments[0], CaptionsPlan(lines=lines), PLAN, font) is None


def test_the_order_of_keys_is_no_part_of_a_name() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
