"""What a request's words come from, where the emulator is told: it draws by the nearest of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ClipNotes:
    """The authored parts of a clip's prompt, and what the request itself never says.

    The service is sent one text. An emulator that draws for a render knows more: which words are
    the beat's, what the scene is called, and which clip it is.
    """

    clip: str = ""
    """The clip's id, as in ``night/1.2``."""
    scene: str = ""
    shot: str = ""
    beat: str = ""
    style: str = ""

    @classmethod
    def of_prompt(cls, prompt: str) -> ClipNotes:
        """Notes of a request that nobody has told more about: all of it is the shot's."""
        return cls(shot=prompt)

    @property
    def sources(self) -> tuple[str, ...]:
        """The texts that say something, the nearest to the clip first."""
        return tuple(one for one in (self.beat, self.shot, self.scene, self.style) if one)


class Notebook:
    """Notes by the requests that they are about. They decide what is drawn, and nothing else."""

    def __init__(self) -> None:
        self._by_prompt: dict[str, ClipNotes] = {}
        self._by_seed: dict[tuple[str, object], ClipNotes] = {}

    def add(self, body: Mapping[str, Any], notes: ClipNotes) -> None:
        """Know more about requests like ``body``: those with its prompt and seed, or its prompt.

        Where clips have one prompt, other seeds (of later takes) get the first one's notes.
        """
        prompt = str(body.get("prompt"))
        self._by_prompt.setdefault(prompt, notes)
        self._by_seed[prompt, body.get("seed")] = notes

    def of(self, body: Mapping[str, Any]) -> ClipNotes | None:
        """What is known about a request besides its body, if anything."""
        prompt = str(body.get("prompt"))
        exact = self._by_seed.get((prompt, body.get("seed")))
        return exact or self._by_prompt.get(prompt)
