"""The look: every parameter of the two models, authored once and overridden where it differs.

What stands in <> is told to editors as the model family has it (``longtake.story.schema``).
"""

from __future__ import annotations

from typing import Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from longtake.story.addresses import as_sent, weights_address
from longtake.story.authored import Authored
from longtake.story.by_family import at_most, one_of, taken, within
from longtake.story.continuity import AuthoredTakes, ContinuityOverrides, HandoverMode
from longtake.story.family import Family

MAX_SEED = 2**31 - 1
"""Seeds are kept within 31 bits: every layer between here and the model can carry them."""


LoraUrl = Annotated[str, AfterValidator(weights_address)]
LoraScale = Annotated[float, within(lambda family: family.ranges["lora_scale"], "high_noise_scale")]


class LoraPair(Authored):
    """One LoRA: weights for Wan's high-noise expert, for its low-noise expert, or for both."""

    high_noise: LoraUrl | None = None
    """http(s) URL of a .safetensors file for the high-noise expert (layout and motion)."""
    low_noise: LoraUrl | None = None
    """http(s) URL of a .safetensors file for the low-noise expert (detail and texture)."""
    high_noise_scale: LoraScale | None = None
    """Strength of `high_noise`, <lora_scale>; 1 if left out."""
    low_noise_scale: LoraScale | None = None
    """Strength of `low_noise`, <lora_scale>; 1 if left out."""

    @model_validator(mode="after")
    def _has_weights_for_its_scales(self) -> Self:
        if self.high_noise is None and self.low_noise is None:
            raise ValueError("a LoRA needs `high_noise`, `low_noise` or both")
        for name in ("high_noise", "low_noise"):
            if getattr(self, name) is None and getattr(self, f"{name}_scale") is not None:
                raise ValueError(f"`{name}_scale` has no `{name}` to scale")
        return self

    def wire(self, number: int, family: Family) -> dict[str, str | float]:
        """The service's parameters for this pair as its pair ``number`` (1-based)."""
        suffix = "" if number == 1 else family.lora_suffix.format(number=number)
        authored = {
            "high_noise": self.high_noise and as_sent(self.high_noise),
            "high_noise_scale": self.high_noise_scale,
            "low_noise": self.low_noise and as_sent(self.low_noise),
            "low_noise_scale": self.low_noise_scale,
        }
        return {
            f"{family.fields[name]}{suffix}": value
            for name, value in authored.items()
            if value is not None
        }


class Loras(Authored):
    """LoRAs by model: weights made for text-to-video do not fit image-to-video."""

    t2v: (
        Annotated[
            tuple[LoraPair, ...],
            Field(strict=False),
            at_most(lambda family: family.text_to_video.most_loras),
        ]
        | None
    ) = None
    """LoRAs of clips that begin from text alone (`start: cut`): at most <t2v_loras>."""
    i2v: (
        Annotated[
            tuple[LoraPair, ...],
            Field(strict=False),
            at_most(lambda family: family.image_to_video.most_loras),
        ]
        | None
    ) = None
    """LoRAs of clips that begin from an image (continued, or from a still): at most <i2v_loras>."""

    def over(self, below: Loras | None) -> Loras:
        """These LoRAs, and those of ``below`` for the model that these leave open."""
        if below is None:
            return self
        return Loras(
            t2v=below.t2v if self.t2v is None else self.t2v,
            i2v=below.i2v if self.i2v is None else self.i2v,
        )


_CONTINUITY_HINT = "it belongs under `continuity`: `continuity: {colour: paired, gate: retake}`"
_LORA_HINT = (
    "LoRAs are listed under `loras`, by model: "
    "`loras: {t2v: [{high_noise: https://…, high_noise_scale: 0.8}], i2v: […]}`"
)
_LORA_NAMES = (
    f"{expert}_noise_{what}"
    for expert in ("high", "low")
    for what in ("lora", "lora_scale", "scale", "url")
)
_LORA_KEYS = [
    "lora",
    "lora_scale",
    *(f"{name}{number}" for name in _LORA_NAMES for number in ("", "_1", "_2", "_3")),
]


class Overrides(Authored):
    """The parameters that the film, a scene and a shot can each set; what is unset is inherited."""

    key_hints: ClassVar[dict[str, str]] = {
        "frames_per_second": "a film has one frame rate: set it in the look at the top",
        "fps": "a film has one frame rate: set `frames_per_second` in the look at the top",
        **dict.fromkeys(_LORA_KEYS, _LORA_HINT),
        **dict.fromkeys(("colour", "color", "deflash", "gate", "drift"), _CONTINUITY_HINT),
        "up_to": "it belongs under `takes`: `takes: {up_to: 3}`",
    }

    aspect_ratio: Annotated[str, one_of(lambda family: family.aspect_ratios)] | None = None
    """Shape of the picture: <aspect_ratios>."""
    resolution: Annotated[str, one_of(lambda family: family.resolutions)] | None = None
    """<sizes>; upright for 9:16."""
    num_frames: Annotated[int, within(lambda family: family.num_frames_range)] | None = None
    """Frames generated for a clip whose shot gives no `seconds`: <least> (default) to <most>. The
    models keep <clean> exactly; longtake rounds up to the next of these and drops what is too much.
    From <beyond> on the film keeps <longest>."""
    go_fast: Annotated[bool, taken("go_fast")] | None = None
    """The service's speed-up; the service's default is true."""
    sample_shift: (
        Annotated[float, within(lambda family: family.ranges["sample_shift"], "sample_shift")]
        | None
    ) = None
    """Sample shift, <sample_shift>; the service's default is 12."""
    negative_prompt: Annotated[str, taken("negative_prompt")] | None = None
    """What should not be seen."""
    seed: Annotated[int, Field(ge=0, le=MAX_SEED)] | None = None
    """The seed of the random numbers, 0 to 2147483647. At the top: every clip's seed is derived
    from it. On a shot: its first clip uses it as it is. Without any, one is drawn and recorded."""
    style: str | None = None
    """Text joined to the end of every prompt; `""` on a shot or scene means none."""
    loras: Loras | None = None
    """LoRAs by model; a shot that sets `t2v` or `i2v` replaces that list and inherits the other."""
    continuity: ContinuityOverrides | None = None
    """How seams are kept from being seen; what a shot or scene leaves out here is inherited."""
    handover: HandoverMode | None = None
    """Where a clip hands over to the next one of its shot: `last` (default), at its last frame, or
    `best`, where the seam is seen least, at the price of up to 12 frames on either side of it."""
    takes: AuthoredTakes | None = None
    """Takes of each clip: a number (1 to 10) is made side by side, `{up_to: N}` one after another
    until one does not fall short. Each is paid for, the best is in the film; 1 if left out."""

    def over(self, below: Overrides | None) -> Overrides:
        """The parameters in force where these lie over ``below``."""
        inherited = {} if below is None else {name: getattr(below, name) for name in _OVERRIDABLE}
        own = {name: getattr(self, name) for name in _OVERRIDABLE}
        merged = inherited | {name: value for name, value in own.items() if value is not None}
        if self.loras is not None:
            merged["loras"] = self.loras.over(inherited.get("loras"))
        if self.continuity is not None:
            merged["continuity"] = self.continuity.over(inherited.get("continuity"))
        return Overrides.model_construct(**merged)


_OVERRIDABLE = tuple(Overrides.model_fields)


class Look(Overrides):
    """What the whole film shares: the defaults of every clip, and the frame rate."""

    key_hints: ClassVar[dict[str, str]] = Overrides.key_hints | {
        "frames_per_second": "",
        "fps": "did you mean `frames_per_second`?",
    }

    frames_per_second: Annotated[int, within(lambda family: family.fps_range)] | None = None
    """Frames per second of the film and of every clip, <fps>; <default_fps> if left out. It
    changes how fast a clip plays, not how many frames are generated."""
