"""Cards: what an animatic shows where there is no clip yet, drawn by Pillow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from longtake.media.fonts import Font
from longtake.story.cards import Card

_WHITE, _PALE = (255, 255, 255), (226, 230, 236)


def draw_card(card: Card, size: tuple[int, int], font: Font, still: Path | None) -> np.ndarray:
    """The card as RGB, height x width x 3: its still, or its colours, and its words."""
    width, height = size
    image = _ground(card, size, still)
    unit = min(width, height) / 20
    shade = Image.new("L", (1, height))
    shade.putdata([round(150 * min(1, 2 * abs(2 * y / height - 1))) for y in range(height)])
    image = Image.composite(Image.new("RGB", size), image, shade.resize(size))
    pen = ImageDraw.Draw(image)
    margin = round(1.4 * unit)
    y = margin
    for text, scale, colour in ((card.scene, 1.7, _WHITE), (card.shot, 1.0, _PALE)):
        y = _write(pen, text, (margin, y), font, round(unit * scale), width - 2 * margin, colour, 1)
    below = height - margin
    for text, scale, colour in ((card.beat, 1.15, _WHITE), (card.prompt, 1.0, _PALE)):
        if text:
            below = _write_up(
                pen, text, (margin, below), font, round(unit * scale), width - 2 * margin, colour
            )
    return np.asarray(image)


def _ground(card: Card, size: tuple[int, int], still: Path | None) -> Image.Image:
    if still is not None:
        try:
            with Image.open(still) as picture:
                return ImageOps.fit(ImageOps.exif_transpose(picture).convert("RGB"), size)
        except (OSError, ValueError, Image.DecompressionBombError):
            pass  # `check` and the render tell of it; a rehearsal goes on
    width, height = size
    ramp = np.linspace(0, 1, height)[:, None]
    rows = np.array(card.top) * (1 - ramp) + np.array(card.bottom) * ramp
    return Image.fromarray(np.repeat(rows[:, None], width, axis=1).astype(np.uint8))


def _write(
    pen: ImageDraw.ImageDraw,
    text: str,
    at: tuple[int, int],
    font: Font,
    points: int,
    room: int,
    colour: tuple[int, int, int],
    most_lines: int,
) -> int:
    """Write downwards from a point; where the next line begins."""
    face = font.at(points)
    x, y = at
    for line in _wrapped(text, face, room)[:most_lines]:
        pen.text((x, y), line, font=face, fill=colour)
        y += round(points * 1.25)
    return y


def _write_up(
    pen: ImageDraw.ImageDraw,
    text: str,
    at: tuple[int, int],
    font: Font,
    points: int,
    room: int,
    colour: tuple[int, int, int],
) -> int:
    """Write so that the last line ends at a point; where what is above may end."""
    face = font.at(points)
    lines = _wrapped(text, face, room)[:4]
    top = at[1] - round(points * 1.25) * len(lines)
    _write(pen, text, (at[0], top), font, points, room, colour, 4)
    return top - round(points * 0.4)


def _wrapped(text: str, face: ImageFont.FreeTypeFont, room: int) -> list[str]:
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and face.getlength(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
