"""Sound as it is written: the film's music, a shot's voices and its other sounds."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from longtake.story.authored import HasShortForm, OneOrMore

SOUND_SUFFIXES = (".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".opus", ".aif", ".aiff")


def _sound_file(value: str) -> str:
    """Refuse what cannot be the path of a sound."""
    if "://" in value or urlsplit(value).scheme.lower() == "data":
        raise ValueError("must be a file next to the storyboard: longtake fetches no sounds")
    if not value.lower().endswith(SOUND_SUFFIXES):
        raise ValueError(f"must be a sound ({', '.join(SOUND_SUFFIXES)}), not `{value}`")
    return value


SoundFile = Annotated[str, AfterValidator(_sound_file)]
Gain = Annotated[float, Field(ge=-60, le=24)]
Fade = Annotated[float, Field(ge=0, le=60)]
Offset = Annotated[float, Field(ge=0, le=3600)]


class SoundClip(HasShortForm):
    """A sound file, from where in it, and how loud. A plain text is just the file."""

    short_schema: ClassVar[dict[str, Any]] = {"type": "string", "description": "The sound's file."}
    key_hints: ClassVar[dict[str, str]] = {
        "volume": "did you mean `gain`, in decibels?",
        "start": "`at` is where in the shot it begins, `from` where in the file",
        "path": "did you mean `file`?",
        "fade": "did you mean `fade_in` or `fade_out`?",
    }

    file: SoundFile
    """The sound: a file whose path begins at the storyboard's folder."""
    from_: Annotated[Offset, Field(alias="from")] = 0.0
    """Seconds of the file that are left out at its beginning."""
    gain: Gain = 0.0
    """Decibels louder (or, below 0, softer) than the file."""
    fade_in: Fade = 0.0
    """Seconds in which it comes up."""
    fade_out: Fade = 0.0
    """Seconds in which it goes down at its end."""
    as_is: bool = False
    """Take the file though it is silent or clipped."""


class Soundtrack(SoundClip):
    """The film's music, from its first frame on. A plain text is just the file."""

    key_hints: ClassVar[dict[str, str]] = SoundClip.key_hints | {
        "ducking": "did you mean `duck`, the decibels that it gives way under voices?",
        "at": "the soundtrack begins with the film; a `sound` of a shot may begin anywhere",
        "repeat": "did you mean `loop`?",
    }

    fade_out: Fade = 1.0
    """Seconds in which it goes down at the film's end."""
    loop: bool = False
    """Begin again from `from` when the file is over. Without it the file must last to the end of
    the film, where it is faded out."""
    duck: Annotated[float, Field(ge=0, le=40)] = 9.0
    """Decibels that it gives way under voices; 0 for none."""


class ShotSound(SoundClip):
    """A sound within a shot. A plain text is just the file."""

    at: Offset = 0.0
    """Seconds after the shot's beginning."""


class Voice(ShotSound):
    """A voice that is heard in a shot, or in one of its beats. A plain text is just the file."""

    key_hints: ClassVar[dict[str, str]] = SoundClip.key_hints | {
        "text": "longtake speaks nothing itself: name the `file` of the recording"
    }


Voices = OneOrMore[Voice | None]
ShotSounds = OneOrMore[ShotSound]
