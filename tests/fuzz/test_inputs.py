"""Storyboards and pictures that nobody would write, in small numbers; ``bench.fuzz`` makes more."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import seeds
from tests.fuzz.targets import body, picture, storyboard, within_limits

MARKS = [
    "&a ",
    "*a",
    "<<: ",
    "- ",
    "? ",
    ": ",
    "\n",
    "\n  ",
    "#x",
    "!!int ",
    "|",
    "'",
    '"',
    "{",
    "]",
]
few = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def altered(draw: st.DrawFn, files: list[bytes]) -> bytes:
    """A whole file with pieces taken out, doubled or replaced."""
    content = bytearray(draw(st.sampled_from(files)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        length = draw(st.integers(0, 12))
        piece = draw(
            st.one_of(st.binary(max_size=8), st.just(bytes(content[at : at + 40])))
            | st.sampled_from([mark.encode() for mark in MARKS])
        )
        content[at : at + length] = piece
    return bytes(content)


@given(altered(seeds.storyboards()))
@few
def test_a_storyboard_that_was_altered_is_planned_or_refused_with_the_reason(
    content: bytes,
) -> None:
    with within_limits():
        storyboard(content)


@given(
    st.text(st.characters(codec="utf-8") | st.sampled_from("&*<>:-?|{}[]#!'\"\n ,"), max_size=60)
)
@few
def test_any_text_is_planned_or_refused_with_the_reason(text: str) -> None:
    with within_limits():
        storyboard(text.encode())


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
KEYS = ["prompt", "beats", "seconds", "start", "end_image", "takes", "loras", "continuity", "look"]
SHOTS = VALUES | st.dictionaries(st.sampled_from(KEYS), VALUES | st.just("a.png"), max_size=4)


@given(st.lists(SHOTS, max_size=3), VALUES, VALUES)
@few
def test_any_value_in_any_place_is_planned_or_refused_with_the_reason(
    shots: list[object], look: object, name: object
) -> None:
    import json

    board = {"title": "T", "look": look, "scenes": [{"name": name, "shots": shots}]}
    with within_limits():
        storyboard(json.dumps(board).encode())


@given(altered(seeds.pictures()))
@few
def test_a_picture_that_was_altered_is_seen_or_refused(content: bytes) -> None:
    with within_limits():
        picture(content)


@given(altered(seeds.bodies()))
@few
def test_an_answer_that_was_altered_is_read_or_named(content: bytes) -> None:
    with within_limits():
        body(content)
