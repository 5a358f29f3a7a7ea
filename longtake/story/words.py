"""Words as they are written: captions, and titles in the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from longtake.story.authored import Authored, HasShortForm, OneOrMore, Text

CAPTION_SUFFIXES = (".srt", ".vtt")


def _caption_file(value: str) -> str:
    """Refuse what cannot be the path of captions."""
    if not value.lower().endswith(CAPTION_SUFFIXES):
        raise ValueError(f"must be captions ({', '.join(CAPTION_SUFFIXES)}), not `{value}`")
    return value


class Captions(HasShortForm):
    """The film's captions: a file, and how they are shown. A plain text is just the file."""

    short_schema: ClassVar[dict[str, Any]] = {
        "type": "string",
        "description": "The captions' file.",
    }
    key_hints: ClassVar[dict[str, str]] = {
        "text": "texts stand in the shots: `captions: TEXT`",
        "burnt": "did you mean `burn`?",
        "lang": "did you mean `language`?",
    }

    file: Annotated[str, AfterValidator(_caption_file)] | None = None
    """An SRT or VTT file whose path begins at the storyboard's folder; times count from the film's
    first frame."""
    burn: bool = False
    """Draw them into the picture, too. They are a track in the film in any case."""
    language: Annotated[str, Field(pattern=r"^[a-z]{3}$")] = "und"
    """Three letters of ISO 639-2, such as `eng`; `und` if it is not said."""


ShotCaptions = OneOrMore[Text]

TITLE_LETTERS, TITLE_LINES = 2000, 40
"""What can still be read in a picture of 480 lines."""


def _fits(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what says nothing, and what would be too small to be read."""
    if not any(line.strip() for line in lines):
        raise ValueError("must say something")
    count = sum(len(line.splitlines()) for line in lines)
    if count > TITLE_LINES:
        raise ValueError(f"has {count} lines; a title has at most {TITLE_LINES}")
    letters = sum(map(len, lines))
    if letters > TITLE_LETTERS:
        raise ValueError(f"has {letters} letters; a title has at most {TITLE_LETTERS}")
    return lines


Ground = Literal["picture", "black", "white"]
TitleFade = Annotated[float, Field(ge=0, le=30)]


class Title(HasShortForm):
    """Words in the middle of the picture. A plain text, or a list of lines, is just the text."""

    short_schema: ClassVar[dict[str, Any]] = {
        "description": "The title's text, or its lines.",
        "type": ["string", "array"],
    }
    key_hints: ClassVar[dict[str, str]] = {
        "duration": "did you mean `seconds`?",
        "fade": "did you mean `fade_in` or `fade_out`?",
        "background": "did you mean `ground`?",
        "font": "the font is the profile's: `font`",
        "lines": "did you mean `text`?",
    }

    text: Annotated[OneOrMore[str], AfterValidator(_fits)]
    """What is read: a text, or a list of lines."""
    seconds: Annotated[float, Field(gt=0, le=60)] | None = None
    """How long it is there; 4 if left out, or as long as there is room."""
    fade_in: TitleFade | None = None
    """Seconds in which it comes up; 0.5 if left out, or as much as there is time for."""
    fade_out: TitleFade | None = None
    """Seconds in which it goes."""
    ground: Ground = "black"
    """What is behind the words: the `picture`, or `black` or `white` in its place."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return value if isinstance(value, Mapping | cls) else {"text": value}


class SceneTitle(Title):
    """Words over a scene's first shot. A plain text, or a list of lines, is just the text."""

    ground: Ground = "picture"
    """What is behind the words; the `picture` if left out."""
    at: Annotated[float, Field(ge=0, le=3600)] = 0.0
    """Seconds after the scene's beginning, or after the opening card where there is one."""


class Titles(Authored):
    """The cards at both ends of the film. They lie over its picture: it gets no longer."""

    key_hints: ClassVar[dict[str, str]] = {
        **dict.fromkeys(("end", "ending", "closing", "outro"), "did you mean `credits`?"),
        **dict.fromkeys(("open", "intro", "start", "title"), "did you mean `opening`?"),
        **dict.fromkeys(("scene", "scenes"), "a scene's title stands in the scene: `title: TEXT`"),
    }

    opening: Title | None = None
    """Over the film's first frames."""
    credits: Title | None = None
    """Over the film's last frames."""
