"""What is heard and read in the film, as the plan has it."""

from __future__ import annotations

from typing import Literal

from longtake.story.attached import ShownWords
from longtake.story.planned import Planned
from longtake.story.words import Ground

TitleKind = Literal["opening", "scene", "credits"]


class SoundCue(Planned):
    """A sound at its place in the film; seconds count from the film's first frame."""

    kind: Literal["music", "voice", "sound"]
    file: str
    """As authored: the path begins at the storyboard's folder."""
    begin_seconds: float
    seconds: float
    """How long it is heard."""
    from_seconds: float = 0.0
    """Seconds of the file that are left out at its beginning."""
    loop_seconds: float | None = None
    """After how many seconds it begins again; None where it is heard once."""
    gain_db: float = 0.0
    fade_in_seconds: float = 0.0
    fade_out_seconds: float = 0.0


class SoundPlan(Planned):
    """What is heard in the film."""

    cues: tuple[SoundCue, ...] = ()
    duck_db: float = 0.0
    """How much softer the music is under voices."""


class CaptionsPlan(Planned):
    """What is read in the film."""

    lines: tuple[ShownWords, ...] = ()
    burn: bool = False
    """Whether they are drawn into the picture, too."""
    language: str = "und"


class ShownTitle(ShownWords):
    """Words in the middle of the picture, from a frame of the film to another."""

    kind: TitleKind
    fade_in_seconds: float
    fade_out_seconds: float
    ground: Ground
    ground_fade_in_seconds: float = 0.0
    """What covers the picture does not come up where the film begins with it."""
    ground_fade_out_seconds: float = 0.0
    """Nor does it go where the film ends with it."""
