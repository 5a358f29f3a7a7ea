"""What words say about a landscape: hour, weather, place, and what stands in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from longtake.emulator.drawing.notes import ClipNotes
from longtake.emulator.drawing.palettes import HOURS, Palette, weathered

HOUR_WORDS: dict[str, str] = {
    "dawn": "dawn sunrise morning mornings daybreak first-light sunup",
    "dusk": "dusk sunset evening twilight sundown nightfall darkening",
    "night": "night nights midnight moon moonlit moonlight stars starry starlight nocturnal neon",
    "gold": "golden golden-hour autumn harvest afternoon",
    "day": "day daylight noon midday sunny summer sunlit",
}

WEATHER_WORDS: dict[str, str] = {
    "storm": "storm storms stormy thunder rain rainy tempest gale lightning overcast",
    "fog": "fog foggy mist mists misty haze hazy",
    "snow": "snow snowy snowfall snowflakes winter blizzard",
    "clear": "clear cloudless sunny starry",
}

PLACE_WORDS: dict[str, str] = {
    "sea": "sea ocean coast shore beach harbour harbor wave waves lighthouse bay boat boats ship "
    "sail lake water river stream island cliff cliffs surf tide shingle quay",
    "forest": "forest wood woods pine pines tree trees jungle fir firs grove spruce",
    "mountains": "mountain mountains alps peak peaks glacier summit valley ridge",
    "desert": "desert dune dunes sand canyon mesa",
    "city": "city street streets skyline town neon rooftop rooftops buildings urban station "
    "platform train traffic",
    "hills": "hill hills field fields meadow meadows farm grass countryside village road vineyard",
}

THINGS: dict[str, str] = {
    "lighthouse": "lighthouse beacon",
    "boat": "boat boats ship sail sailboat sailing ferry",
    "white": "white-lighthouse white-tower",
    "far light": "turning-light",
}

_PAIRS = ("first light", "golden hour", "white lighthouse", "white tower", "turning light")


@dataclass(frozen=True)
class Scenery:
    """What to draw: the hour's colours in its weather, the kind of place, and what stands in it."""

    hour: str
    weather: str
    palette: Palette
    place: str
    things: frozenset[str]


def scenery(notes: ClipNotes, unsaid: str | None = None) -> Scenery:
    """Read the notes, the nearest text first.

    What they leave unsaid is drawn from their hash, so it is always the same; but the place is
    ``unsaid`` where that is given, for a picture that is there already.
    """
    lot = hashlib.sha256("\n".join(notes.sources).encode()).digest()
    weather = _first_said(notes.sources, WEATHER_WORDS) or "clear"
    hour = _first_said(notes.sources, HOUR_WORDS)
    if hour is None:
        hour = "day" if weather != "clear" else list(HOURS)[lot[0] % len(HOURS)]
    place = _first_said(notes.sources, PLACE_WORDS)
    things = {
        thing for thing, words in THINGS.items() if _first_said(_places(notes), {thing: words})
    }
    if things & {"lighthouse", "boat"}:  # both stand in water, whatever grows on its shore
        place = "sea"
    if place is None:
        place = list(PLACE_WORDS)[lot[1] % len(PLACE_WORDS)] if unsaid is None else unsaid
    return Scenery(hour, weather, weathered(HOURS[hour], weather), place, frozenset(things))


def _places(notes: ClipNotes) -> tuple[str, ...]:
    """The texts that may set a thing into the picture: a style only says how it is painted."""
    return tuple(one for one in (notes.beat, notes.shot, notes.scene) if one)


def _first_said(texts: Iterable[str], choices: Mapping[str, str]) -> str | None:
    """The choice whose word comes first, in the first of the texts that has any."""
    said = {word: name for name, text in reversed(list(choices.items())) for word in text.split()}
    for text in texts:
        found = next((said[word] for word in _words(text) if word in said), None)
        if found:
            return found
    return None


def _words(text: str) -> list[str]:
    lowered = text.lower()
    for pair in _PAIRS:
        lowered = lowered.replace(pair, pair.replace(" ", "-"))
    return re.findall(r"[a-z]+(?:-[a-z]+)?", lowered)
