"""What was read of the files that a storyboard names, so that a plan can be made without them."""

from __future__ import annotations

from pydantic import Field

from longtake.story.planned import Planned


class ShownWords(Planned):
    """Words that are shown for a while; seconds count from the film's beginning."""

    begin_seconds: float
    end_seconds: float
    text: str
    """With line breaks where lines break."""


class Attached(Planned):
    """What is known of sounds and captions; a file that could not be read is not in it."""

    sound_seconds: dict[str, float] = Field(default_factory=dict)
    """How long each sound is, by the path as it is written."""
    clip_seconds: dict[str, float] = Field(default_factory=dict)
    """How long each clip of one's own is, by the path as it is written."""
    captions: tuple[ShownWords, ...] = ()
    """What the film's caption file says."""


NOTHING = Attached()
"""Of a storyboard that names no such file, or one that is planned without them."""
