"""Words as they are written: captions, and titles in the picture."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from longtake.story.authored import Authored, one_or_more, one_or_more_schema

CAPTION_SUFFIXES = (".srt", ".vtt")


def _caption_file(value: str) -> str:
    """Refuse what cannot be the path of captions."""
    if not value.lower().endswith(CAPTION_SUFFIXES):
        raise ValueError(f"must be captions ({', '.join(CAPTION_SUFFIXES)}), not `{value}`")
    return value


def _said(value: str) -> str:
    if not value.strip():
        raise ValueError("must say something")
    return value


Words = Annotated[str, AfterValidator(_said)]


class Captions(Authored):
    """The film's captions: a file, and how they are shown. A plain text is just the file."""

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

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: object) -> object:
        return {"file": value} if isinstance(value, str) else value


ShotCaptions = Annotated[
    tuple[Words, ...],
    BeforeValidator(one_or_more),
    Field(min_length=1, strict=False, json_schema_extra=one_or_more_schema),
]
