"""The font that words are drawn with.

One that is named, else a usual one of the system, else Aileron, which Pillow brings along (Latin
letters only).
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from longtake.errors import OperatorError
from longtake.files import read_regular

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

FONT_FOLDERS = (
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:/Windows/Fonts",
)
USUAL_FONTS = (
    "NotoSans-Regular.ttf",
    "DejaVuSans.ttf",
    "LiberationSans-Regular.ttf",
    "Arial.ttf",
    "arial.ttf",
    "Helvetica.ttc",
)
MAX_FONT_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Font:
    """A font that words are drawn with."""

    family: str
    content: bytes
    suffix: str = ".ttf"

    @property
    def sha256(self) -> str:
        """Of its file."""
        return hashlib.sha256(self.content).hexdigest()

    def at(self, points: int) -> FreeTypeFont:
        """The font in Pillow's hands, at that size."""
        from PIL import ImageFont

        return ImageFont.truetype(io.BytesIO(self.content), points)


@lru_cache
def find_font(named: Path | None = None, folders: tuple[str, ...] = FONT_FOLDERS) -> Font:
    """The font to draw with; OperatorError where the named one cannot be used.

    Without a name it is a usual one of the system's ``folders``, else the one that is shipped.
    """
    if named is not None:
        return _opened(named)
    for folder in folders:
        for name in USUAL_FONTS:
            found = next(Path(folder).rglob(name), None) if Path(folder).is_dir() else None
            if found is not None:
                return _opened(found)
    return _shipped()


def _opened(path: Path) -> Font:
    from PIL import ImageFont

    try:
        content = read_regular(path.expanduser(), MAX_FONT_BYTES)
        family = ImageFont.truetype(io.BytesIO(content), 20).getname()[0]
    except OSError as error:
        raise OperatorError(f"{path} is no font that can be used: {error}") from error
    return Font(family or path.stem, content, path.suffix or ".ttf")


def _shipped() -> Font:
    from PIL import ImageFont

    font = ImageFont.load_default(20)
    content = getattr(font, "font_bytes", None)
    if not content or not isinstance(font, ImageFont.FreeTypeFont):
        raise OperatorError("there is no font to draw words with: install one, or name `font`")
    return Font(font.getname()[0] or "Aileron", content)
