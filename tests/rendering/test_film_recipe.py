"""Equal names are equal pictures, and everything that changes a picture changes its name."""

from __future__ import annotations

from typing import Any

import pytest

from longtake.media.fonts import Font
from longtake.profile_parts import Picture
from longtake.rendering.film_recipe import digest, lettering_of, piece_recipe
from longtake.rendering.takes import StoredTake
from longtake.story import CaptionsPlan, Plan, ShownTitle, ShownWords
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
    plan = PLAN.model_copy(update={"captions": captions})
    first, second = (lettering_of(part, plan, font) for part in PLAN.segments)
    assert first is not None
    assert second is not None
    assert [line.text for line in first.lines] == ["first", "both"]
    assert [(line.begin_seconds, line.end_seconds) for line in second.lines] == [(0, 1)]
    unburnt = PLAN.model_copy(update={"captions": CaptionsPlan(lines=lines)})
    assert lettering_of(PLAN.segments[0], unburnt, font) is None


def test_the_order_of_keys_is_no_part_of_a_name() -> None:
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_another_title_is_another_name_for_the_pieces_that_it_touches_alone() -> None:
    def names(text: str) -> list[str]:
        title = ShownTitle(
            kind="scene",
            text=text,
            begin_seconds=6,
            end_seconds=8,
            fade_in_seconds=0,
            fade_out_seconds=0,
            ground="picture",
        )
        plan = PLAN.model_copy(update={"titles": (title,)})
        lettered = [lettering_of(part, plan, Font("Any", b"a font")) for part in PLAN.segments]
        return [
            piece_recipe(part, [TAKE], plan, Picture(), words)
            for part, words in zip(PLAN.segments, lettered, strict=True)
        ]

    (first, second), (other, another) = names("a"), names("b")
    assert first == other == named()
    assert second != another
