"""A family that is not shipped, twice: as longtake is told of it, and in the emulator's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from longtake.emulator.validation import ImageToVideo, Parameters, Seed, TextToVideo
from longtake.story import Family, Lengths, VideoModel

POCKET = Family(
    name="pocket",
    text_to_video=VideoModel("pocket-text", usd={"tiny": 0.02}, expected_seconds=0.2),
    image_to_video=VideoModel("pocket-image", usd={"tiny": 0.01}, expected_seconds=0.2),
    lengths=Lengths("seconds", clean=(1, 2, 4), least=1, most=4, default=2, extra_frames=1),
    sizes={"tiny": {"3:2": (96, 64)}},
    default_fps=8,
    fields={
        "prompt": "words",
        "seed": "noise",
        "length": "duration",
        "start_image": "first_frame",
        "end_image": "final_frame",
    },
    most_prompt_characters=60,
)
"""Names of its own, one resolution, and lengths in seconds: 9, 17 or 33 frames."""


class PocketWords(Parameters):
    """What its service takes."""

    landscapes: ClassVar[Mapping[str, tuple[int, int]]] = {"480p": (96, 64)}

    prompt: Annotated[str, Field(min_length=1, max_length=60, alias="words")]
    seed: Annotated[Seed, Field(alias="noise")] = None
    duration: Literal[1, 2, 4]
    frames_per_second: Annotated[int, Field(ge=8, le=8)] = 8

    @property
    def frame_count(self) -> int:
        """Both ends of the time are shown."""
        return self.duration * 8 + 1


class PocketText(PocketWords, TextToVideo):
    """A clip from words alone."""


class PocketImage(PocketWords, ImageToVideo):
    """A clip that starts from an image."""

    image: Annotated[str, Field(min_length=1, alias="first_frame")]
    last_image: Annotated[str | None, Field(alias="final_frame")] = None


EMULATED = {"pocket-text": PocketText, "pocket-image": PocketImage}
EMULATED_USD = {"pocket-text": 0.02, "pocket-image": 0.01}
EMULATED_SECONDS = {"pocket-text": 93.0, "pocket-image": 54.0}
