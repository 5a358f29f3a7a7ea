"""What a clip is drawn by, written into it: a rehearsal is read from a band under the picture.

The band is opaque, and its mark is known again: a clip that starts from a captioned frame shows
that frame first, and then goes on from the picture above the band, with words of its own.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from longtake.emulator.drawing.moves import moves_said
from longtake.emulator.drawing.notes import ClipNotes
from longtake.emulator.drawing.pictures import Picture, Planes, to_planes
from longtake.emulator.drawing.scenery import scenery

GROUND, MARK = (18, 20, 26), (244, 196, 88)
"""Colours of the band and of the line along its top."""

_HEAD, _BEAT, _PROMPT = MARK, (246, 246, 240), (158, 164, 174)
_SPELLINGS = str.maketrans({"–": "-", "—": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "ß": "ss"})  # noqa: RUF001  signs that people type


def band_height(width: int, height: int) -> int:
    """Rows of the band in a frame of that size."""
    return round(6.6 * _font_pixels(width, height)) // 2 * 2


def band(notes: ClipNotes, prompt: str, width: int, height: int) -> Picture:
    """The band for a frame of that size: the clip and how it was read, the beat, the prompt.

    The font that comes with Pillow has no accents: letters are spelled without them.
    """
    size = _font_pixels(width, height)
    image = Image.new("RGB", (width, band_height(width, height)), GROUND)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(size)
    draw.rectangle((0, 0, width, 1), fill=MARK)
    room = int((width - 2 * size) / (0.52 * size))
    top = size * 0.45
    for text, lines, colour in _written(notes, prompt):
        for line in textwrap.wrap(_spelled(text), room, max_lines=lines, placeholder=" ..."):
            draw.text((size, top), line, font=font, fill=colour)
            top += size * 1.18
    return np.asarray(image)


def captioned(
    frames: Iterator[Planes], notes: ClipNotes, prompt: str, width: int, height: int, first: int = 0
) -> Iterator[Planes]:
    """The frames with their band, from the frame ``first`` on."""
    rows = band_height(width, height)
    words = to_planes(band(notes, prompt, width, height))
    for frame_index, frame in enumerate(frames):
        if frame_index < first:
            yield frame
            continue
        luma, blue, red = frame.luma.copy(), frame.blue.copy(), frame.red.copy()
        luma[-rows:], blue[-rows // 2 :], red[-rows // 2 :] = words.luma, words.blue, words.red
        yield Planes(luma, blue, red)


def without_band(picture: Picture) -> Picture:
    """``picture`` down to where its band begins; all of it where it has none."""
    height, width = picture.shape[:2]
    rows = band_height(width, height)
    margin = picture[height - rows :, : max(_font_pixels(width, height) - 4, 2)].astype(np.int16)
    plain = np.abs(margin[4:] - np.asarray(GROUND)).mean()
    line = np.abs(margin[:2].mean(axis=(0, 1)) - np.asarray(MARK)).mean()
    return picture[: height - rows] if plain < 14 and line < 40 else picture


def _written(notes: ClipNotes, prompt: str) -> Iterator[tuple[str, int, tuple[int, int, int]]]:
    """Each text with how many lines it may have, and its colour."""
    seen = scenery(notes, unsaid="")
    moves = " + ".join(moves_said(notes)) or "pan"
    things = sorted(seen.things - {"white"})
    read = ", ".join(one for one in (seen.hour, seen.weather, seen.place, *things, moves) if one)
    yield " | ".join(one for one in (notes.clip, notes.scene, read) if one), 1, _HEAD
    yield notes.beat or notes.shot, 2, _BEAT
    yield prompt, 2, _PROMPT


def _font_pixels(width: int, height: int) -> int:
    return max(min(width, height) // 32, 6)


def _spelled(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.translate(_SPELLINGS).replace("…", "..."))
    return plain.encode("ascii", "ignore").decode()
