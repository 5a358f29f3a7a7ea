"""What all clips of a film share when they are planned."""

from __future__ import annotations

from dataclasses import dataclass

from longtake.story.identity import Seeds
from longtake.story.rates import Rates


@dataclass(frozen=True)
class ClipTerms:
    """How many frames a second, at which prices and durations, and where seeds are drawn."""

    fps: int
    rates: Rates
    seeds: Seeds
