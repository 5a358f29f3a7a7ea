"""Clips that are healed: what of the plan changes, and that nothing else does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from longtake.story import (
    Pin,
    Pinned,
    Plan,
    Storyboard,
    build_plan,
    fingerprint,
    follower_of,
    pinned_plan,
)
from longtake.story.continuity import TakesPlan


def plan(*shots: Any, **look: Any) -> Plan:
    data = {"title": "T", "look": look, "scenes": [{"name": "One", "shots": list(shots)}]}
    return build_plan(Storyboard.model_validate(data), base_seed=1)


FILM = plan("a", "b", "c", "d", "e")
X = "ab" * 32


def test_a_healed_clip_ends_where_the_next_one_begins() -> None:
    healed = pinned_plan(FILM, {"one/3.1": Pin(X)})
    middle, after = healed.clip("one/3.1"), healed.clip("one/4.1")
    assert middle.start == FILM.clip("one/3.1").start
    assert middle.end == after.start == Pinned(sha256=X)
    assert (middle.pinned_end, after.pinned_start, after.continues) == (True, True, True)


def test_a_cascade_goes_on_from_the_healed_clip() -> None:
    healed = pinned_plan(FILM, {"one/3.1": Pin(X, holds=False)})
    assert healed.clip("one/3.1").end == Pinned(sha256=X)
    assert healed.clip("one/4.1") == FILM.clip("one/4.1")


def test_a_healed_clip_is_paid_for_once() -> None:
    film = plan("a", "b", "c", takes=3, continuity={"gate": "retake"})
    healed = pinned_plan(film, {"one/2.1": Pin(X)})
    assert healed.clip("one/2.1").takes == TakesPlan()
    assert healed.clip("one/2.1").continuity.gate == "flag"
    assert healed.clip("one/3.1").takes == film.clip("one/3.1").takes


def test_a_clip_that_nothing_continues_is_not_healed() -> None:
    film = plan("a", {"prompt": "b", "start": "cut"})
    assert follower_of(film.chains[0], "one/1.1") is None
    with pytest.raises(ValueError, match=r"no clip continues one/1\.1"):
        pinned_plan(film, {"one/1.1": Pin(X)})


@given(st.sets(st.sampled_from(["one/2.1", "one/3.1", "one/4.1"])))
def test_the_film_stays_frame_by_frame_and_take_by_take(which: set[str]) -> None:
    healed = pinned_plan(FILM, {name: Pin(X) for name in which})
    assert (healed.seams, healed.segments, healed.usd) == (FILM.seams, FILM.segments, FILM.usd)
    for before, after in zip(FILM.clips, healed.clips, strict=True):
        end = X if after.end else None
        start = None if before is FILM.clips[0] else X
        same = fingerprint(before, start_sha256=start, end_sha256=None) == fingerprint(
            after, start_sha256=start, end_sha256=end
        )
        assert same is (after.id not in which)
