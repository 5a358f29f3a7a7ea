"""What is wrong at a place, in the words of somebody who looks at the film.

A finding's ``says`` has the figure and its limit; this is what stands above it. Pure.
"""

from __future__ import annotations

HEADLINES = {
    "step": "the picture jumps here",
    "step twice": "a frame is shown twice",
    "motion": "the movement changes here",
    "motion turns": "the movement turns round here",
    "motion rests": "the movement starts from rest here",
    "flash": "the light changes here for a moment",
    "flash up": "the light flares up here",
    "flash down": "the light sinks here",
    "pair": "the picture comes back altered here",
    "pair other": "the clip begins with another picture",
    "colour": "colour jumps here",
    "soft": "the picture gets softer here",
    "cut": "another view begins in the middle of the clip",
    "freeze": "the picture stands still",
    "black": "the picture goes black",
    "pace": "the view moves at another pace than the words ask for",
    "drift": "the look has drifted away from where the take began",
}
"""By rule; of a rule that can go wrong in several ways, by the way, too."""


def headline(rule: str, way: str = "") -> str:
    """The headline of a rule that went wrong in such a ``way``; the rule's name where it is new."""
    return HEADLINES.get(f"{rule} {way}".strip()) or HEADLINES.get(rule, rule)
