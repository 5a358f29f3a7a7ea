"""What one clip is asked for: its final prompt, and its parameters under the service's names."""

from __future__ import annotations

from typing import Any

from longtake.story.look import LoraPair, Overrides
from longtake.story.model import DEFAULT_ASPECT_RATIO, DEFAULT_RESOLUTION, Model

_SENTENCE_ENDS = tuple(".,;:!?…。！？")  # noqa: RUF001 - the full-width ones end sentences, too


def joined_prompt(*parts: str | None) -> str:
    """The parts as sentences of one line: prompt, beat and style, the missing ones left out."""
    said = [" ".join(part.split()) for part in parts if part and part.strip()]
    ended = [part if part.endswith(_SENTENCE_ENDS) else f"{part}." for part in said[:-1]]
    return " ".join([*ended, *said[-1:]])


def wire_parameters(
    force: Overrides, *, model: Model, prompt: str, num_frames: int, fps: int
) -> dict[str, Any]:
    """The request's body but for its images and its seed.

    What the plan is built on (shape, frame rate, count) is always said, so that no default of
    the service can break it; the rest is sent only where the author set it.
    """
    always = {
        "prompt": prompt,
        "num_frames": num_frames,
        "frames_per_second": fps,
        "aspect_ratio": force.aspect_ratio or DEFAULT_ASPECT_RATIO,
        "resolution": force.resolution or DEFAULT_RESOLUTION,
    }
    optional = {
        "go_fast": force.go_fast,
        "sample_shift": force.sample_shift,
        "negative_prompt": force.negative_prompt,
    }
    authored = {name: value for name, value in optional.items() if value is not None}
    weights: dict[str, Any] = {}
    for number, pair in enumerate(_loras(force, model), start=1):
        weights |= pair.wire(number)
    return always | authored | weights


def _loras(force: Overrides, model: Model) -> tuple[LoraPair, ...]:
    """The LoRAs that apply to clips of ``model``."""
    if force.loras is None:
        return ()
    return (force.loras.t2v if model is Model.T2V else force.loras.i2v) or ()
