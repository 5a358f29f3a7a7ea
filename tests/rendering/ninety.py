"""Ninety seconds: music, a voice over three shots, captions, titles, a click at either end."""

from __future__ import annotations

import json
from pathlib import Path

from tests.media.sounds import clicks, tone, write_sound

SECONDS = 90
VOICE_SECONDS = 4.3


def write_ninety(folder: Path) -> Path:
    """Write the storyboard and its sounds; the storyboard's path."""
    music = tone(SECONDS, hertz=220, level=0.08) + clicks(SECONDS, [0.0, SECONDS - 0.5], level=0.85)
    write_sound(folder / "music.flac", music, codec="flac")
    for number in (1, 2, 3):
        voice = tone(VOICE_SECONDS, hertz=300 + 80 * number)
        write_sound(folder / f"voice-{number}.m4a", voice, codec="aac")
    path = folder / "ninety.yaml"
    path.write_text(json.dumps(_data()), encoding="utf-8")
    return path


def _data() -> dict[str, object]:
    calm = {"colour": "off", "deflash": False, "gate": "off"}
    scenes = []
    for scene, light in enumerate(("at dawn", "at noon", "at night"), start=1):
        shots = [
            {
                "prompt": f"A harbour {light}, seen from the pier",
                "seconds": 10,
                "voice": f"voice-{scene}.m4a",
                "captions": f"The harbour {light}.",
            },
            {"prompt": "Boats leave one after another", "seconds": 15, "beats": ["a", "b", "c"]},
            {"prompt": "Gulls over the water", "seconds": 5, "start": {"dissolve": 1}},
        ]
        scenes.append({"name": f"Harbour {scene}", "title": light, "shots": shots})
    return {
        "title": "Ninety seconds",
        "look": {"seed": 9, "continuity": calm},
        "soundtrack": {"file": "music.flac", "duck": 12, "fade_out": 0},
        "captions": {"language": "eng", "burn": True},
        "titles": {
            "opening": ["NINETY SECONDS", "of a harbour"],
            "credits": {"text": ["Music: a tone", "Voices: three more"], "seconds": 3},
        },
        "scenes": scenes,
    }
