"""Pace against words: whether a clip moves as its prompt says. For a person; no rule of the gate.

How quick a view is depends on how near it is, so a clip is compared with those of its film whose
words ask for no pace, and not with a limit of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from statistics import median
from typing import Literal

from longtake.story.headlines import headline
from longtake.story.readings import ClipReading, Finding

_SLOW = re.compile(
    r"\b(?:slow(?:ly|ed|s)?|slow[- ]?mo(?:tion)?|gently|unhurried(?:ly)?|lingers?|lingering|"
    r"barely mov(?:es|ing)|motionless|leisurely|creep(?:s|ing)?)\b",
    re.IGNORECASE,
)
_QUICK = re.compile(
    r"\b(?:quick(?:ly)?|fast(?:er)?|rapid(?:ly)?|rush(?:es|ing)?|rac(?:es|ing)|sprint(?:s|ing)?|"
    r"gallop(?:s|ing)?|hurtl(?:es|ing)|dash(?:es|ing)|whip[- ]?pans?|"
    r"speed(?:s|ing) (?:past|along|through|down|up))\b",
    re.IGNORECASE,
)

OTHER_PACE = 2.0
"""By how much a clip must be slower or quicker than the others to be told."""

LEAST_OTHERS = 3
"""Fewer clips do not say what is usual in a film."""


def asked_pace(prompt: str) -> Literal["slow", "quick"] | None:
    """The pace that the words ask for; None for none, and where they ask for both."""
    slow, quick = bool(_SLOW.search(prompt)), bool(_QUICK.search(prompt))
    if slow == quick:
        return None
    return "slow" if slow else "quick"


def pace_findings(
    prompts: Mapping[str, str], readings: Mapping[str, ClipReading]
) -> Iterator[Finding]:
    """Clips that move otherwise than their words ask; both by clip id, of one film.

    A clip in which no motion can be followed says nothing.
    """
    speeds = {name: sum(one.motion) / 2 for name, one in readings.items() if min(one.motion) > 0}
    asked = {name: asked_pace(prompts[name]) for name in speeds}
    others = [speed for name, speed in speeds.items() if asked[name] is None]
    if len(others) < LEAST_OTHERS:
        return
    usual = median(others)
    for name, speed in speeds.items():
        ratio = {"slow": speed / usual, "quick": usual / speed, None: 0.0}[asked[name]]
        if ratio > OTHER_PACE:
            yield Finding(
                severity="note",
                place=name,
                rule="pace",
                says=f"the words ask for a {asked[name]} pace, the view moves {speed / usual:.2f} "
                "times as fast as where they ask for none",
                score=round(ratio / OTHER_PACE, 3),
                headline=headline("pace"),
            )
