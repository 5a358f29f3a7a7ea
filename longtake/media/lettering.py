"""Words in the picture: an ASS file for ffmpeg's subtitles filter, and the font it is drawn with.

The font is one that is named, else a usual one of the system, else Aileron, which Pillow brings
along (Latin letters only). It is handed over in a folder of its own, so that the same words look
the same wherever that font is.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from longtake.errors import OperatorError
from longtake.files import read_regular
from longtake.story import ShownWords

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


@dataclass(frozen=True)
class Lettering:
    """What is drawn into a piece of the film; seconds count from the piece's first frame."""

    lines: tuple[ShownWords, ...]
    width: int
    height: int
    font: Font

    def as_recipe(self) -> list[Any]:
        """What decides how it looks, as JSON values."""
        return [*([*vars(line).values()] for line in self.lines), self.font.sha256]


@contextmanager
def on_disk(lettering: Lettering | None) -> Iterator[tuple[Path, Path] | None]:
    """The ASS file and the font's folder for as long as the block lasts."""
    if lettering is None or not lettering.lines:
        yield None
        return
    with TemporaryDirectory(prefix="longtake-words-") as folder:
        words, fonts = Path(folder, "words.ass"), Path(folder, "fonts")
        fonts.mkdir()
        (fonts / f"font{lettering.font.suffix}").write_bytes(lettering.font.content)
        words.write_text(as_ass(lettering), encoding="utf-8")
        yield words, fonts


def as_ass(lettering: Lettering) -> str:
    """The words as an ASS file, at the bottom of the picture, with an outline."""
    import pysubs2

    file = pysubs2.SSAFile()
    short = min(lettering.width, lettering.height)
    size = max(12, round(short * 0.062))
    file.info |= {
        "PlayResX": str(lettering.width),
        "PlayResY": str(lettering.height),
        "WrapStyle": "0",
        "ScaledBorderAndShadow": "yes",
        "YCbCr Matrix": "TV.709",
    }
    file.styles = {
        "Default": pysubs2.SSAStyle(
            fontname=lettering.font.family,
            fontsize=size,
            outline=max(1.0, size / 14),
            shadow=0,
            marginv=round(short * 0.05),
            marginl=round(lettering.width * 0.06),
            marginr=round(lettering.width * 0.06),
        )
    }
    for line in lettering.lines:
        file.append(
            pysubs2.SSAEvent(
                start=round(line.begin_seconds * 1000),
                end=round(line.end_seconds * 1000),
                text=_escaped(line.text),
            )
        )
    return file.to_string("ass")


def as_srt(lines: Sequence[ShownWords]) -> str:
    """The lines as an SRT file, for a caption track."""
    import pysubs2

    file = pysubs2.SSAFile()
    for line in lines:
        file.append(
            pysubs2.SSAEvent(
                start=round(line.begin_seconds * 1000),
                end=round(line.end_seconds * 1000),
                text=_escaped(line.text),
            )
        )
    return file.to_string("srt")


@lru_cache
def find_font(named: Path | None = None) -> Font:
    """The font to draw with; OperatorError where the named one cannot be used."""
    if named is not None:
        return _opened(named)
    for folder in FONT_FOLDERS:
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
    if not content:
        raise OperatorError("there is no font to draw words with: install one, or name `font`")
    return Font(font.getname()[0] or "Aileron", content)  # type: ignore[union-attr]


def _escaped(text: str) -> str:
    r"""Text as ASS takes it: no braces that would be commands, ``\N`` where lines break."""
    plain = text.replace("\\", "\u2216").replace("{", "(").replace("}", ")")
    return plain.replace("\r\n", "\n").replace("\n", "\\N")
