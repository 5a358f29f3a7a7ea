"""What is wrong at a place, in the words of somebody who looks at the film."""

from __future__ import annotations

import pytest

from longtake.story import SeamReading, judge_seam
from longtake.story.headlines import HEADLINES, headline


@pytest.mark.parametrize(
    ("readings", "says"),
    [
        ({"step_ratio": 0.1}, "a frame is shown twice"),
        ({"step_ratio": 9.0}, "the picture jumps here"),
        ({"hesitation": 0.01}, "the movement starts from rest here"),
        ({"flash": 40.0}, "the light flares up here"),
        ({"flash": -40.0}, "the light sinks here"),
        ({"motion_jump": 9.0, "motion_cosine": -1.0}, "the movement turns round here"),
        ({"motion_jump": 9.0, "motion_cosine": 1.0}, "the movement changes here"),
    ],
)
def test_a_finding_says_what_is_seen_there(readings: dict[str, float], says: str) -> None:
    seam = SeamReading(left="a", right="b", kind="continuous", frame_index=9, **readings)
    (finding,) = judge_seam(seam)
    assert finding.headline == says
    assert not any(sign.isdigit() for sign in finding.headline)


def test_every_headline_is_plain_and_a_new_rule_has_its_name() -> None:
    assert headline("colour") == "colour jumps here"
    assert headline("step", "sideways") == HEADLINES["step"]
    assert headline("new-rule") == "new-rule"
    for words in HEADLINES.values():
        assert words == words.strip().lower()
