"""Clips that were paid for are found again: their fingerprints are those of earlier versions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from longtake.documents import load
from longtake.story import ClipPlan, Cut, Storyboard, build_plan, fingerprint
from longtake.story.identity import take_of

ROOT = Path(__file__).parents[2]
RECORDED: dict[str, dict[str, list[str]]] = json.loads(
    Path(__file__).with_name("fingerprints.json").read_text(encoding="utf-8")
)
"""By storyboard and clip, those of its first two takes. Never made again: they are paid for."""


def fingerprints(clip: ClipPlan) -> list[str]:
    """Of the clip's first two takes, with images of hashes that every version is given."""
    start = None if isinstance(clip.start, Cut) else "a" * 64
    end = "b" * 64 if clip.end else None
    return [
        fingerprint(take_of(clip, number), start_sha256=start, end_sha256=end) for number in (1, 2)
    ]


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_an_example_asks_for_the_clips_that_it_always_asked_for(name: str) -> None:
    storyboard = load(ROOT / f"configs/storyboards/{name}.yaml", Storyboard)
    clips = build_plan(storyboard).clips
    assert {clip.id: fingerprints(clip) for clip in clips} == RECORDED[name]
