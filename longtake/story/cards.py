"""What an animatic shows of each clip: words, and colours by what the words say of the light."""

from __future__ import annotations

import colorsys
import hashlib
import re
from dataclasses import dataclass

from longtake.story.beginnings import Still
from longtake.story.plan import ClipPlan, Plan, ShotPlan
from longtake.story.storyboard import Shot, Storyboard, shots_in_film

Colour = tuple[int, int, int]

_LIGHTS: dict[str, tuple[Colour, Colour]] = {
    "night|moon|moonlit|midnight|stars|neon": ((10, 16, 40), (38, 56, 98)),
    "dawn|sunrise|daybreak": ((70, 84, 128), (224, 160, 140)),
    "dusk|sunset|twilight|evening": ((52, 36, 88), (224, 118, 82)),
    "golden|gold|autumn|amber": ((88, 66, 44), (216, 164, 92)),
    "storm|storms|rain|thunder": ((44, 52, 62), (104, 116, 124)),
    "fog|mist|haze|snow": ((124, 134, 142), (198, 204, 206)),
    "noon|day|daylight|morning|sunny|sun": ((58, 112, 172), (176, 206, 222)),
    "monochrome|black and white": ((40, 40, 40), (150, 150, 150)),
}


@dataclass(frozen=True)
class Card:
    """What stands for a clip that is not made yet."""

    clip_id: str
    scene: str
    shot: str
    """`Lamp 2`, and `clip 1 of 3` where there are several."""
    prompt: str
    beat: str
    still: str | None
    """The picture that the clip begins from, as authored."""
    top: Colour
    bottom: Colour


def cards_of(storyboard: Storyboard, plan: Plan) -> dict[str, Card]:
    """A card for each clip, by its id."""
    authored = [shot for _, _, shot in shots_in_film(storyboard)]
    clips = {clip.id: clip for clip in plan.clips}
    return {
        clip_id: _card(clips[clip_id], number, planned, shot)
        for planned, shot in zip(plan.shots, authored, strict=True)
        for number, clip_id in enumerate(planned.clip_ids)
    }


def _card(clip: ClipPlan, number: int, planned: ShotPlan, shot: Shot) -> Card:
    count = len(planned.clip_ids)
    beats = shot.beats or ()
    beat = beats[min(number, len(beats) - 1)] if beats else ""
    top, bottom = _colours(f"{beat} {shot.prompt or ''}", planned.scene, clip.prompt)
    return Card(
        clip_id=clip.id,
        scene=planned.scene,
        shot=f"shot {planned.number}" + (f", clip {number + 1} of {count}" if count > 1 else ""),
        prompt=shot.prompt or "",
        beat=beat,
        still=clip.start.uri if isinstance(clip.start, Still) else None,
        top=top,
        bottom=bottom,
    )


def _colours(*texts: str) -> tuple[Colour, Colour]:
    """By the light that the first text tells of; else drawn from all of them, always the same."""
    for text in texts:
        for words, colours in _LIGHTS.items():
            if re.search(rf"\b(?:{words})\b", text, re.IGNORECASE):
                return colours
    hue = hashlib.sha256(texts[-2].encode()).digest()[0] / 255
    return _rgb(hue, 0.45, 0.3), _rgb((hue + 0.08) % 1, 0.3, 0.68)


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = (round(255 * one) for one in colorsys.hsv_to_rgb(hue, saturation, value))
    return red, green, blue
