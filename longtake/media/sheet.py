"""A contact sheet: pictures in a grid, each with its name, drawn by Pillow."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from longtake.files import whole_file
from longtake.media.fonts import Font

WIDTH, MARGIN, LINE = 240, 8, 22
"""Pixels: of a picture, between pictures, and of a line of words."""

COLUMNS = 4
_PAPER, _INK = (24, 26, 30), (236, 238, 242)


def contact_sheet(pictures: Sequence[tuple[str, Path]], into: Path, *, font: Font) -> Path:
    """Write the pictures, each above its name, as a JPEG; 4 in a row, 240 pixels wide each.

    Blocking. All pictures have the first one's shape. Raises OSError where one cannot be read.
    """
    with Image.open(pictures[0][1]) as first:
        height = round(WIDTH * first.height / first.width)
    columns = min(COLUMNS, len(pictures))
    rows = math.ceil(len(pictures) / columns)
    across, down = WIDTH + MARGIN, height + LINE + MARGIN
    sheet = Image.new("RGB", (columns * across + MARGIN, rows * down + MARGIN), _PAPER)
    pen, face = ImageDraw.Draw(sheet), font.at(LINE * 2 // 3)
    for place, (name, path) in enumerate(pictures):
        row, column = divmod(place, columns)
        x, y = MARGIN + column * across, MARGIN + row * down
        with Image.open(path) as picture:
            sheet.paste(picture.convert("RGB").resize((WIDTH, height)), (x, y))
        pen.text((x, y + height + 2), name, font=face, fill=_INK)
    with whole_file(into) as part:
        sheet.save(part, "JPEG", quality=85)
    return into
