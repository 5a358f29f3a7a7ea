"""The stills of configs/storyboards/product.yaml: one lantern, off, lit, and lit in the evening.

.venv/bin/python -m bench.product_stills
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

FOLDER = Path(__file__).parents[1] / "configs/storyboards/product"
WIDTH, HEIGHT, LARGER = 832, 480, 3
"""Pixels of a still, and how much larger it is drawn."""

Colour = tuple[int, int, int]


def still(top: Colour, low: Colour, table: Colour, flame: float) -> Image.Image:
    """The lantern on its table before a backdrop from ``top`` to ``low``; ``flame`` 0 to 1."""
    wide, high = WIDTH * LARGER, HEIGHT * LARGER
    edge = round(high * 0.72)
    way = np.linspace(0, 1, high)[:, None]
    backdrop = np.asarray(top) * (1 - way) + np.asarray(low) * way
    backdrop[edge:] = np.asarray(table) * np.linspace(1, 0.72, high - edge)[:, None]
    image = Image.fromarray(np.repeat(backdrop[:, None], wide, axis=1).astype(np.uint8))
    image = _shadowed(image, edge)
    _draw_lantern(image, flame)
    image = _lit(image, flame)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _box(left: float, top: float, right: float, bottom: float) -> tuple[float, ...]:
    """Shares of the height, across from the middle, in pixels."""
    unit, middle = HEIGHT * LARGER, WIDTH * LARGER / 2
    return (middle + left * unit, top * unit, middle + right * unit, bottom * unit)


def _shadowed(image: Image.Image, edge: int) -> Image.Image:
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).ellipse(_box(-0.24, 0.79, 0.3, 0.87), fill=120)
    mask = mask.filter(ImageFilter.GaussianBlur(14 * LARGER))
    return Image.composite(Image.new("RGB", image.size, (12, 12, 16)), image, mask)


def _draw_lantern(image: Image.Image, flame: float) -> None:
    draw = ImageDraw.Draw(image)
    brass, dark, light = (176, 134, 66), (104, 74, 34), (224, 190, 118)
    glass = tuple(
        round(a + (b - a) * flame) for a, b in zip((92, 104, 116), (255, 214, 140), strict=True)
    )
    draw.arc(
        _box(-0.12, 0.1, 0.12, 0.34), 180, 360, fill=dark, width=round(0.012 * HEIGHT * LARGER)
    )
    draw.polygon(
        [
            _box(-0.06, 0.24, 0, 0)[:2],
            _box(0.06, 0.24, 0, 0)[:2],
            _box(0.13, 0.34, 0, 0)[:2],
            _box(-0.13, 0.34, 0, 0)[:2],
        ],
        fill=brass,
    )
    draw.rounded_rectangle(_box(-0.115, 0.335, 0.115, 0.72), 0.03 * HEIGHT * LARGER, fill=glass)
    for left in (-0.115, -0.006, 0.103):
        draw.rectangle(_box(left, 0.34, left + 0.012, 0.72), fill=dark)
    draw.rounded_rectangle(_box(-0.14, 0.7, 0.14, 0.83), 0.02 * HEIGHT * LARGER, fill=brass)
    draw.rectangle(_box(-0.14, 0.72, 0.14, 0.735), fill=light)
    draw.rectangle(_box(-0.13, 0.335, 0.13, 0.35), fill=light)
    if flame:
        draw.ellipse(_box(-0.03, 0.5, 0.03, 0.68), fill=(255, 244, 206))


def _lit(image: Image.Image, flame: float) -> Image.Image:
    """The flame's glow over everything around."""
    if not flame:
        return image
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).ellipse(_box(-0.3, 0.28, 0.3, 0.88), fill=round(150 * flame))
    mask = mask.filter(ImageFilter.GaussianBlur(60 * LARGER))
    return Image.composite(Image.new("RGB", image.size, (255, 206, 126)), image, mask)


def main() -> None:
    """Write the three stills."""
    FOLDER.mkdir(exist_ok=True)
    grey, night = ((120, 124, 132), (196, 198, 202)), ((26, 24, 52), (150, 78, 92))
    for name, backdrop, table, flame in (
        ("off", grey, (136, 134, 134), 0.0),
        ("on", grey, (136, 134, 134), 0.8),
        ("evening", night, (58, 46, 58), 1.0),
    ):
        picture = still(*backdrop, table, flame)
        picture.save(FOLDER / f"lantern-{name}.jpg", quality=90, optimize=True)


if __name__ == "__main__":
    main()
