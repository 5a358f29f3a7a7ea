"""What a prompt's words say about a landscape: hour, place, and what stands in it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Palette:
    """Colours (RGB, 0..255) of one hour of the day.

    ``sky`` runs from the top to the horizon; ``light`` is the sun or moon; ``height`` is where it
    stands (0 horizon, 1 top of the frame); ``dark`` is the nearest ground.
    """

    sky: tuple[Colour, Colour, Colour]
    light: Colour
    cloud: Colour
    dark: Colour
    height: float
    stars: float = 0.0
    glow: float = 1.0
    cover: float = 0.5


HOURS: dict[str, Palette] = {
    "dawn": Palette(
        ((54, 74, 122), (196, 142, 158), (255, 206, 160)),
        (255, 240, 214), (250, 190, 176), (38, 36, 54), 0.16, glow=1.1, cover=0.52,
    ),
    "day": Palette(
        ((52, 116, 188), (128, 182, 224), (214, 232, 240)),
        (255, 252, 236), (255, 255, 255), (34, 60, 44), 0.62, glow=0.6, cover=0.5,
    ),
    "dusk": Palette(
        ((40, 34, 84), (182, 74, 96), (255, 158, 84)),
        (255, 226, 160), (238, 120, 104), (26, 20, 36), 0.1, stars=0.25, glow=1.3, cover=0.54,
    ),
    "night": Palette(
        ((8, 12, 34), (18, 30, 66), (48, 70, 108)),
        (238, 240, 228), (52, 66, 100), (6, 9, 20), 0.6, stars=1.0, glow=0.55, cover=0.44,
    ),
    "storm": Palette(
        ((42, 50, 60), (86, 98, 108), (142, 152, 152)),
        (214, 220, 214), (62, 70, 80), (18, 22, 28), 0.44, glow=0.35, cover=0.74,
    ),
    "fog": Palette(
        ((150, 162, 170), (186, 194, 198), (216, 218, 214)),
        (248, 246, 236), (204, 208, 210), (84, 94, 98), 0.4, glow=0.8, cover=0.6,
    ),
    "gold": Palette(
        ((84, 122, 166), (230, 184, 128), (255, 222, 158)),
        (255, 246, 214), (255, 224, 184), (52, 38, 30), 0.24, glow=1.2, cover=0.46,
    ),
}  # fmt: skip

HOUR_WORDS: dict[str, str] = {
    "dawn": "dawn sunrise morning daybreak first-light",
    "dusk": "dusk sunset evening twilight sundown",
    "night": "night midnight moon moonlit moonlight stars starry dark nocturnal",
    "storm": "storm stormy thunder rain rainy tempest gale lightning grey gray overcast",
    "fog": "fog foggy mist misty haze snow snowy snowfall winter",
    "gold": "golden autumn harvest warm desert dune dunes",
    "day": "day noon midday sunny bright summer blue afternoon clear",
}

PLACE_WORDS: dict[str, str] = {
    "sea": "sea ocean coast shore beach harbour harbor wave waves lighthouse bay boat ship sail "
    "lake water island cliff cliffs surf tide keeper",
    "forest": "forest wood woods pine pines tree trees jungle fir grove",
    "mountains": "mountain mountains alps peak peaks glacier snow snowy summit valley",
    "desert": "desert dune dunes sand canyon mesa",
    "city": "city street skyline town tower neon rooftops buildings urban",
    "hills": "hill hills field fields meadow farm grass countryside village river road",
}

THINGS: dict[str, str] = {
    "lighthouse": "lighthouse beacon lantern",
    "boat": "boat ship sail sailboat sailing fishing ferry harbour harbor",
}


@dataclass(frozen=True)
class Scenery:
    """What to draw: the hour's colours, the kind of place, and what stands in it."""

    hour: str
    palette: Palette
    place: str
    things: frozenset[str]


def _first_said(prompt: str, choices: dict[str, str]) -> str | None:
    """The choice whose word comes first in the prompt."""
    words = re.findall(r"[a-z]+(?:-[a-z]+)?", prompt.lower())
    said = {word: name for name, text in reversed(choices.items()) for word in text.split()}
    return next((said[word] for word in words if word in said), None)


def scenery(prompt: str) -> Scenery:
    """Read the prompt; what it leaves unsaid is drawn from its hash, so it is always the same."""
    lot = hashlib.sha256(prompt.encode()).digest()
    hour = _first_said(prompt, HOUR_WORDS) or list(HOURS)[lot[0] % len(HOURS)]
    place = _first_said(prompt, PLACE_WORDS) or list(PLACE_WORDS)[lot[1] % len(PLACE_WORDS)]
    things = {thing for thing, words in THINGS.items() if _first_said(prompt, {thing: words})}
    if "lighthouse" in things:
        place = "sea"
    return Scenery(hour, HOURS[hour], place, frozenset(things))
