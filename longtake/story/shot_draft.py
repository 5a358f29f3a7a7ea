"""A shot that contradicts nothing: its texts, its pictures and the frames of its clips."""

from __future__ import annotations

from dataclasses import dataclass

from longtake.story.beginnings import GivenPicture, Still
from longtake.story.family import Family
from longtake.story.look import Overrides
from longtake.story.paths import Between
from longtake.story.timing import ClipFrames, ShotEnds

TITLE_LENGTH = 60
"""Characters of a shot's title at most."""


@dataclass(frozen=True)
class ShotText:
    """What a shot says."""

    prompts: tuple[str, ...]
    """The final text of each clip, or one for all."""
    written: tuple[str, ...]
    """What the author says of it, in order: the prompt, and each beat."""

    @property
    def title(self) -> str:
        """How it begins: the first sentence if that is short, else as many words as fit."""
        sentence = self.prompts[0].split(". ")[0].rstrip(".")
        if len(sentence) <= TITLE_LENGTH:
            return sentence
        words, _, _ = sentence[:TITLE_LENGTH].rpartition(" ")
        return f"{(words or sentence[: TITLE_LENGTH - 1]).rstrip(',;:')}…"

    def prompt(self, clip_index: int) -> str:
        """The final text of the clip (0-based)."""
        return self.prompts[min(clip_index, len(self.prompts) - 1)]


@dataclass(frozen=True)
class ShotPictures:
    """The pictures that a shot begins from, lies between and ends on; None where it has none."""

    still: str | None
    end_image: str | None
    between: Between | None
    """The pictures that its clips lie between; None where each hands over to the next."""

    def start_of(self, clip_index: int) -> GivenPicture | None:
        """The picture between two clips that the clip (0-based) starts from."""
        return self.between.pictures[clip_index] if self.between is not None else None

    def end_of(self, clip_index: int, *, last: bool) -> tuple[GivenPicture | None, bool]:
        """The picture that the clip (0-based) moves towards, and whether the next begins there.

        ``last``: it is the shot's last clip.
        """
        if self.between is not None:
            end = self.between.pictures[clip_index + 1]
            return end, end is not None and (self.between.goes_on or not last)
        return (Still(uri=self.end_image) if last and self.end_image else None), False

    @property
    def guide(self) -> str | None:
        """The clip id of the guide of its take, where that is a tree."""
        return self.between.guide if self.between is not None else None


@dataclass(frozen=True)
class ShotDraft:
    """A shot that is ready to be laid into the film."""

    id: str
    scene: str
    number: int
    family: Family
    """The models that its clips are made by."""
    force: Overrides
    """The parameters in force."""
    text: ShotText
    pictures: ShotPictures
    frames: tuple[ClipFrames, ...]
    """The frames of each clip."""
    ends: ShotEnds
    """How the clips begin, end and meet."""
    seed: int | None
    """The shot's own seed, for its first clip as it is."""
    scene_seed: int | None
    own: str | None = None
    """The author's own clip, which is in the film as it is."""
    skipped: bool = False
    """Whether it is left out: it counts only for the seeds of those that are not."""

    @property
    def continued(self) -> bool:
        """Whether the shot begins from the last frame of the one before."""
        return self.ends.continued
