"""What a rule looks at, and what it says."""

from __future__ import annotations

from dataclasses import dataclass

from longtake.errors import Place


@dataclass(frozen=True)
class LintedClip:
    """A clip as the rules see it: its own words, and what stands around it in the film."""

    id: str
    place: Place
    """Where the author wrote the words: ``("scenes", 0, "shots", 1, "beats", 2)``."""
    text: str
    """The prompt and the beat, without the style."""
    hop: int
    """How many handovers lie before it in its chain: 0 for the chain's first clip."""
    first: bool
    """Whether it is the film's first clip."""
    hands_over: bool
    """Whether the next clip continues it."""


@dataclass(frozen=True)
class Hazard:
    """One hazard: the rule's name, the words that gave it away, why, and what to write instead."""

    rule: str
    place: Place
    words: str
    why: str
    better: str

    @property
    def message(self) -> str:
        """In one line, as `check --lint` says it."""
        words = f"`{self.words}`: " if self.words else ""
        return f"{self.rule}: {words}{self.why}; {self.better}"
