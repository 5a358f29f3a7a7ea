"""The colours of an hour of the day, and what the weather makes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

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
    disc: float = 1.0
    """How clearly the sun or moon itself is seen, 0 to 1."""
    haze: float = 0.74
    """How much of the air lies before the farthest ground, 0 to 1."""


HOURS: dict[str, Palette] = {
    "dawn": Palette(
        ((54, 74, 122), (196, 142, 158), (255, 206, 160)),
        (255, 240, 214), (250, 190, 176), (38, 36, 54), 0.16, glow=1.1, cover=0.52,
    ),
    "day": Palette(
        ((52, 116, 188), (128, 182, 224), (214, 232, 240)),
        (255, 252, 236), (255, 255, 255), (34, 60, 44), 0.62, glow=0.6, cover=0.5,
    ),
    "gold": Palette(
        ((84, 122, 166), (230, 184, 128), (255, 222, 158)),
        (255, 246, 214), (255, 224, 184), (52, 38, 30), 0.24, glow=1.2, cover=0.46,
    ),
    "dusk": Palette(
        ((40, 34, 84), (182, 74, 96), (255, 158, 84)),
        (255, 226, 160), (238, 120, 104), (26, 20, 36), 0.1, stars=0.25, glow=1.3, cover=0.54,
    ),
    "night": Palette(
        ((8, 12, 34), (18, 30, 66), (48, 70, 108)),
        (238, 240, 228), (52, 66, 100), (6, 9, 20), 0.6, stars=1.0, glow=0.55, cover=0.44,
    ),
}  # fmt: skip


def weathered(palette: Palette, weather: str) -> Palette:
    """The hour's colours under ``weather``: clear, storm, fog or snow."""
    if weather == "storm":
        return replace(
            palette,
            sky=_each(palette.sky, grey=0.78, light=0.74),
            light=_one(palette.light, 0.6, 0.4 if palette.stars > 0.5 else 0.86),
            cloud=_one(palette.cloud, 0.8, 0.5),
            dark=_one(palette.dark, 0.6, 0.72),
            stars=0.0,
            glow=0.3 * palette.glow,
            cover=0.74,
            disc=0.0,
        )
    if weather in ("fog", "snow"):
        veil = 0.5 if weather == "fog" else 0.35
        pale = _mixed(
            _mixed(*palette.sky[1:], 0.5), (208, 212, 218), 0.18 if palette.stars > 0.5 else 0.5
        )
        top, middle, low = (_mixed(one, pale, veil + 0.2 * k) for k, one in enumerate(palette.sky))
        return replace(
            palette,
            sky=(top, middle, low),
            cloud=_mixed(palette.cloud, pale, 0.5),
            dark=_mixed(palette.dark, pale, 0.3 if weather == "fog" else 0.5),
            stars=0.3 * palette.stars,
            glow=0.8 * palette.glow,
            disc=0.3,
            haze=0.93,
        )
    return palette


def _mixed(near: Colour, far: Colour, share: float) -> Colour:
    red, green, blue = (
        round(one + (other - one) * share) for one, other in zip(near, far, strict=True)
    )
    return red, green, blue


def _one(colour: Colour, grey: float, light: float) -> Colour:
    """The colour with ``grey`` (0..1) of its hue gone and ``light`` of its light left."""
    level = round(0.3 * colour[0] + 0.59 * colour[1] + 0.11 * colour[2])
    red, green, blue = _mixed(colour, (level, level, level + 6), grey)
    return round(red * light), round(green * light), round(blue * light)


def _each(
    sky: tuple[Colour, Colour, Colour], grey: float, light: float
) -> tuple[Colour, Colour, Colour]:
    top, middle, low = (_one(one, grey, light) for one in sky)
    return top, middle, low
