"""What one clip is asked for: its final prompt, and its parameters under the service's names."""

from __future__ import annotations

from typing import Any

from longtake.story.family import Family, VideoModel
from longtake.story.look import LoraPair, Overrides

_SENTENCE_ENDS = tuple(".,;:!?…。！？")  # noqa: RUF001 - the full-width ones end sentences, too


def joined_prompt(*parts: str | None) -> str:
    """The parts as sentences of one line: prompt, beat and style, the missing ones left out."""
    said = [" ".join(part.split()) for part in parts if part and part.strip()]
    ended = [part if part.endswith(_SENTENCE_ENDS) else f"{part}." for part in said[:-1]]
    return " ".join([*ended, *said[-1:]])


def wire_parameters(
    force: Overrides, family: Family, model: VideoModel, *, prompt: str, num_frames: int, fps: int
) -> dict[str, Any]:
    """The request's body but for its images and its seed.

    What the plan is built on (shape, frame rate, count) is always said, so that no default of
    the service can break it; the rest is sent only where the author set it.
    """
    resolution, aspect_ratio = shape_of(force, family)
    values = {
        "prompt": prompt,
        "length": family.lengths.sent(num_frames, fps),
        "fps": fps,
        "aspect_ratio": aspect_ratio,
        "resolution": resolution,
        "go_fast": force.go_fast,
        "sample_shift": force.sample_shift,
        "negative_prompt": force.negative_prompt,
    }
    wire = {
        family.fields[name]: value
        for name, value in values.items()
        if value is not None and name in family.fields
    }
    for number, pair in enumerate(_loras(force, of_text=model == family.text_to_video), start=1):
        wire |= pair.wire(number, family)
    return wire


def shape_of(force: Overrides, family: Family) -> tuple[str, str]:
    """Resolution and aspect ratio in force."""
    return force.resolution or family.resolutions[0], force.aspect_ratio or family.aspect_ratios[0]


def pixel_size(force: Overrides, family: Family) -> tuple[int, int]:
    """Width and height in pixels of a clip.

    Image to video follows the shape of its start image. Start images are therefore fitted to this
    size before they are sent, and every clip of a chain has the same pixels.
    """
    resolution, aspect_ratio = shape_of(force, family)
    return family.sizes[resolution][aspect_ratio]


def _loras(force: Overrides, *, of_text: bool) -> tuple[LoraPair, ...]:
    """The LoRAs that apply to clips made from text, or from an image."""
    if force.loras is None:
        return ()
    return (force.loras.t2v if of_text else force.loras.i2v) or ()
