"""Titles: how large their words are and where lines break, for ffmpeg's subtitles and for Pillow.

Both draw the very same lines, so that an animatic shows what the film will. The words are made
smaller until they fit; what cannot be broken at a blank is broken inside a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from longtake.media.fonts import Font
from longtake.plain_text import printable
from longtake.story import ShownTitle

if TYPE_CHECKING:
    import numpy as np
    from PIL.ImageFont import FreeTypeFont

_SIZES = {"opening": 0.13, "scene": 0.085, "credits": 0.065}
"""Letters' height by the picture's shorter side, before they are made smaller."""

_ROOM = 0.84
_LINE = 1.25
_LEAST = 8
_PILLOW = 0.86
"""libass counts a font's size from the top of its tallest letter, Pillow by the em."""

GROUNDS: dict[str, tuple[int, int, int]] = {"black": (0, 0, 0), "white": (255, 255, 255)}
"""What covers the picture."""


@dataclass(frozen=True)
class Lines:
    """The words as they are set."""

    texts: tuple[str, ...]
    points: int
    """libass's size of the font."""


@lru_cache(maxsize=64)
def set_lines(title: ShownTitle, width: int, height: int, font: Font) -> Lines:
    """The title's lines as they fit into a picture of that size, as large as they may be."""
    room, tall = width * _ROOM, height * _ROOM
    points = max(_LEAST, round(min(width, height) * _SIZES[title.kind]))
    while True:
        texts = tuple(_broken(title.text, points, room, font))
        if points <= _LEAST or len(texts) * points * _LINE <= tall:
            return Lines(texts, points)
        points = max(_LEAST, points * 9 // 10)


def _broken(text: str, points: int, room: float, font: Font) -> Iterator[str]:
    """Lines no wider than the room, each as long as it may be."""
    face = font.at(points)
    for line in printable(text).splitlines():
        words = [part for word in line.split() for part in _parts(word, face, room)]
        begun = ""
        for word in words:
            longer = f"{begun} {word}".strip()
            if begun and face.getlength(longer) > room:
                yield begun
                longer = word
            begun = longer
        yield begun


def _parts(word: str, face: FreeTypeFont, room: float) -> Iterator[str]:
    """A word, or the parts of one that no line has room for."""
    if face.getlength(word) <= room:
        yield word
        return
    begun = ""
    for letter in word:
        if begun and face.getlength(begun + letter) > room:
            yield begun
            begun = ""
        begun += letter
    yield begun


@dataclass(frozen=True)
class Overlay:
    """A title over frames of a film that are pictures in memory."""

    first_frame_index: int
    frame_count: int
    fps: int
    title: ShownTitle
    ground: tuple[int, int, int] | None
    ink: np.ndarray
    """How much of each pixel is ink, from 0 to 1; height x width x 1."""

    def seen(self, frame_index: int) -> tuple[float, float] | None:
        """How much of ground and ink is there at a frame of the film; None where it is not."""
        number = frame_index - self.first_frame_index
        if not 0 <= number < self.frame_count:
            return None
        at, left = number / self.fps, (self.frame_count - number) / self.fps
        title = self.title
        return (
            _seen(at, left, title.ground_fade_in_seconds, title.ground_fade_out_seconds),
            _seen(at, left, title.fade_in_seconds, title.fade_out_seconds),
        )

    def over(self, picture: np.ndarray, seen: tuple[float, float]) -> np.ndarray:
        """The picture (RGB) with so much of the title."""
        import numpy as np

        mixed = picture.astype(np.float32)
        if self.ground is not None:
            mixed += (np.array(self.ground, np.float32) - mixed) * seen[0]
        colour = 0.0 if self.title.ground == "white" else 255.0
        return (mixed + (colour - mixed) * (self.ink * seen[1]) + 0.5).astype(np.uint8)


def draw_title(title: ShownTitle, size: tuple[int, int], font: Font, fps: int) -> Overlay:
    """A title as Pillow draws it, in the lines that the film will have."""
    import numpy as np
    from PIL import Image, ImageDraw

    width, height = size
    lines = set_lines(title, width, height, font)
    sheet = Image.new("L", size)
    face = font.at(max(1, round(lines.points * _PILLOW)))
    ImageDraw.Draw(sheet).multiline_text(
        (width / 2, height / 2),
        "\n".join(lines.texts),
        fill=255,
        font=face,
        anchor="mm",
        align="center",
        spacing=lines.points * (1 - _PILLOW),
    )
    first = round(title.begin_seconds * fps)
    return Overlay(
        first_frame_index=first,
        frame_count=round(title.end_seconds * fps) - first,
        fps=fps,
        title=title,
        ground=GROUNDS.get(title.ground),
        ink=np.asarray(sheet, np.float32)[:, :, None] / 255,
    )


def _seen(at: float, left: float, fade_in: float, fade_out: float) -> float:
    """How much of it is seen after so many seconds, with so many left."""
    comes = at / fade_in if fade_in else 1.0
    goes = left / fade_out if fade_out else 1.0
    return max(0.0, min(1.0, comes, goes))
