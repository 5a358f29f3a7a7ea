"""Cards: what an animatic shows where there is no clip yet, drawn by Pillow."""

from __future__ import annotations

from collections.abc import Sequence
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
    room = width - 2 * margin
    y = margin
    for text, scale, colour in ((card.scene, 1.7, _WHITE), (card.shot, 1.0, _PALE)):
        face = font.at(round(unit * scale))
        y = _write(pen, _wrapped(text, face, room)[:1], (margin, y), face, colour)
    y = height - margin  # from here on upwards: the last line ends there
    for text, scale, colour in ((card.beat, 1.15, _WHITE), (card.prompt, 1.0, _PALE)):
        if text:
            face = font.at(round(unit * scale))
            lines = _wrapped(text, face, room)[:4]
            y -= _leading(face) * len(lines)
            _write(pen, lines, (margin, y), face, colour)
            y -= round(face.size * 0.4)
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
    lines: Sequence[str],
    at: tuple[int, int],
    face: ImageFont.FreeTypeFont,
    colour: tuple[int, int, int],
) -> int:
    """Write downwards from a point; where the next line begins."""
    x, y = at
    for line in lines:
        pen.text((x, y), line, font=face, fill=colour)
        y += _leading(face)
    return y


def _leading(face: ImageFont.FreeTypeFont) -> int:
    """From one line to the next."""
    return round(face.size * 1.25)


def _wrapped(text: str, face: ImageFont.FreeTypeFont, room: int) -> list[str]:
    lines: list[str] = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and face.getlength(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
