"""What the emulator is told of a render besides its requests: which words are whose."""

from __future__ import annotations

import json

from longtake.rendering.rehearsal import clip_notes
from longtake.story import Storyboard, build_plan
from tests.rendering.plain import board


def test_each_clip_comes_with_the_parts_of_its_prompt() -> None:
    beats = {"prompt": "a boat", "beats": ["leaves", "returns"], "style": "ink"}
    storyboard = Storyboard.model_validate(json.loads(board(beats, "the sea")))
    notes = [told for _, told in clip_notes(storyboard, build_plan(storyboard))]
    assert [(each.clip, each.shot, each.beat, each.style) for each in notes] == [
        ("one/1.1", "a boat", "leaves", "ink"),
        ("one/1.2", "a boat", "returns", "ink"),
        ("one/2.1", "the sea", "", ""),
    ]
    assert {each.scene for each in notes} == {"one"}
