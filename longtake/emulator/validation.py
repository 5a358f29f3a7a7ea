"""The two models' parameters, as the service's own pages list them, and how it refuses them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
)

T2V = "wan-2.2-t2v-fast"
I2V = "wan-2.2-i2v-fast"

RANDOM_SEED = -1
"""The service's word for a seed that it draws itself; null, blank and absent mean the same."""


def _seed(given: Any) -> Any:
    blank = isinstance(given, str) and not given.strip()
    return None if blank or given in (RANDOM_SEED, str(RANDOM_SEED)) else given


def _address(given: str) -> str | None:
    """A file's address, or None where it is blank; ValueError for what is none."""
    parts = urlsplit(given.strip())
    if given.strip() and (parts.scheme.lower() not in ("http", "https") or not parts.hostname):
        raise ValueError("not a URL")
    return given.strip() or None


def _picture(given: str) -> str:
    """Whether it leads to a picture is seen when the job runs; what cannot be read is seen now."""
    try:
        urlsplit(given)
    except ValueError as error:
        raise ValueError(f"Invalid image URL: {error}") from error
    return given


Seed = Annotated[Annotated[int, Field(ge=-(2**63), lt=2**64)] | None, BeforeValidator(_seed)]
Lora = Annotated[str | None, AfterValidator(lambda given: given and _address(given))]
Image = Annotated[str, AfterValidator(_picture)]
Scale = Annotated[float, Field(ge=0, le=2)]


class Parameters(BaseModel):
    """What both models take; unknown keys are ignored.

    Names are those on the wire. Models of another family have them as aliases, and properties of
    their own where they count otherwise.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    prompt: Annotated[str, Field(min_length=1)]
    negative_prompt: str = ""
    aspect_ratio: Literal["16:9", "9:16"] = "16:9"
    resolution: Literal["480p", "720p"] = "480p"
    frames_per_second: Annotated[int, Field(ge=5, le=24)] = 16
    num_frames: Annotated[int, Field(ge=81, le=100)] = 81
    sample_shift: Annotated[float, Field(ge=1, le=20)] = 12
    go_fast: StrictBool = True
    seed: Seed = None
    high_noise_lora: Lora = None
    high_noise_lora_scale: Scale = 1
    low_noise_lora: Lora = None
    low_noise_lora_scale: Scale = 1

    landscapes: ClassVar[Mapping[str, tuple[int, int]]] = {"480p": (832, 480), "720p": (1280, 720)}
    """Width and height of a t2v clip at 16:9; 9:16 swaps them."""

    @property
    def frame_count(self) -> int:
        """Frames in the file: the reference pipelines round to 4n+1, so 100 gives 101."""
        return self.num_frames // 4 * 4 + 1

    @property
    def text_to_video_size(self) -> tuple[int, int]:
        """Width and height of a t2v clip: 832x480 or 1280x720, turned for 9:16."""
        width, height = self.landscapes[self.resolution]
        return (width, height) if self.aspect_ratio == "16:9" else (height, width)

    def image_to_video_size(self, image_width: int, image_height: int) -> tuple[int, int]:
        """Width and height of an i2v clip: the image's shape at the resolution's area.

        Sides are rounded down to multiples of 16, and the image is stretched to them: 1920x1080 at
        480p gives 832x464.
        """
        shape, area = image_height / image_width, math.prod(self.landscapes[self.resolution])
        height = round(math.sqrt(area * shape)) // 16 * 16
        width = round(math.sqrt(area / shape)) // 16 * 16
        return max(width, 16), max(height, 16)

    @classmethod
    def on_the_wire(cls, name: str) -> str:
        """What a field is called in requests."""
        known = cls.model_fields.get(name)
        return (known and known.alias) or name

    @classmethod
    def plain(cls, body: Mapping[str, Any]) -> dict[str, Any]:
        """A request's body under the names of these fields."""
        names = {cls.on_the_wire(name): name for name in cls.model_fields}
        return {names.get(name, name): value for name, value in body.items()}


class TextToVideo(Parameters):
    """``wan-2.2-t2v-fast``: a clip from words alone."""


class ImageToVideo(Parameters):
    """``wan-2.2-i2v-fast``: a clip that starts from an image, and may end at another."""

    image: Annotated[Image, Field(min_length=1)]
    last_image: Image | None = None
    high_noise_lora_2: Lora = None
    high_noise_lora_scale_2: Scale = 1
    low_noise_lora_2: Lora = None
    low_noise_lora_scale_2: Scale = 1
    high_noise_lora_3: Lora = None
    high_noise_lora_scale_3: Scale = 1
    low_noise_lora_3: Lora = None
    low_noise_lora_scale_3: Scale = 1


Models = Mapping[str, type[Parameters]]
"""What each model takes, by its slug."""

MODELS: Models = {T2V: TextToVideo, I2V: ImageToVideo}


class Refusal(Exception):
    """The service will not run this; ``refused_enum`` where a listed value was not one of them."""

    def __init__(self, message: str, *, refused_enum: bool = False) -> None:
        super().__init__(message)
        self.refused_enum = refused_enum


def read_parameters(model: str, body: Mapping[str, Any], models: Models = MODELS) -> Parameters:
    """``body`` as the parameters of ``model``; raises Refusal with the service's kind of words."""
    try:
        return models[model].model_validate(dict(body))
    except ValidationError as error:
        found = error.errors()
        words = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found)
        enums_only = all(one["type"] == "literal_error" for one in found)
        raise Refusal(f"Invalid parameters: {words}", refused_enum=enums_only) from error


def body_digest(model: str, body: Mapping[str, Any]) -> bytes:
    """32 bytes that depend on the model and every parameter, in no particular order."""
    text = json.dumps([model, body], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).digest()
