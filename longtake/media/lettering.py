"""Words in the picture: an ASS file for ffmpeg's subtitles filter.

The font is handed over in a folder of its own, so that the same words look the same wherever that
font is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from longtake.media.fonts import Font
from longtake.media.titles import GROUNDS, set_lines
from longtake.plain_text import printable
from longtake.story import ShownTitle, ShownWords

if TYPE_CHECKING:
    from pysubs2 import SSAEvent


@dataclass(frozen=True)
class Lettering:
    """What is drawn into a piece of the film; seconds count from the piece's first frame."""

    lines: tuple[ShownWords, ...]
    width: int
    height: int
    font: Font
    titles: tuple[ShownTitle, ...] = ()
    """Those that are seen in the piece; they may begin before it and end after it."""

    def as_recipe(self) -> list[Any]:
        """What decides how it looks, as JSON values."""
        lines = [[*vars(line).values()] for line in (*self.lines, *self.titles)]
        return [*lines, self.font.sha256]


@contextmanager
def on_disk(lettering: Lettering | None) -> Iterator[tuple[Path, Path] | None]:
    """The ASS file and the font's folder for as long as the block lasts."""
    if lettering is None or not (lettering.lines or lettering.titles):
        yield None
        return
    with TemporaryDirectory(prefix="longtake-words-") as folder:
        words, fonts = Path(folder, "words.ass"), Path(folder, "fonts")
        fonts.mkdir()
        (fonts / f"font{lettering.font.suffix}").write_bytes(lettering.font.content)
        words.write_text(as_ass(lettering), encoding="utf-8")
        yield words, fonts


def as_ass(lettering: Lettering) -> str:
    """The words as an ASS file: captions at the bottom, titles in the middle, with an outline."""
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
    for title in lettering.titles:
        file.extend(_title(title, lettering))
    for line in lettering.lines:
        file.append(_event(line, _escaped(line.text), layer=2))
    return file.to_string("ass")


def as_srt(lines: Sequence[ShownWords]) -> str:
    """The lines as an SRT file, for a caption track."""
    import pysubs2

    file = pysubs2.SSAFile()
    for line in lines:
        # What looks like the times of a line would be read as such.
        file.append(_event(line, _escaped(line.text.replace("-->", "\u2192"))))
    return file.to_string("srt")


def _event(words: ShownWords, text: str, layer: int = 0) -> SSAEvent:
    import pysubs2

    begin, end = (round(1000 * max(0, at)) for at in (words.begin_seconds, words.end_seconds))
    return pysubs2.SSAEvent(start=begin, end=end, text=text, layer=layer)


def _title(title: ShownTitle, lettering: Lettering) -> Iterator[SSAEvent]:
    """A title's words, and before them what covers the picture."""
    if title.ground != "picture":
        width, height = lettering.width, lettering.height
        fade = _fade(title, title.ground_fade_in_seconds, title.ground_fade_out_seconds)
        fill = rf"\1c{_bgr(GROUNDS[title.ground])}\bord0{fade}"
        box = f"m 0 0 l {width} 0 {width} {height} 0 {height}"
        yield _event(title, rf"{{\an7\pos(0,0)\p1{fill}}}{box}", layer=0)
    lines = set_lines(title, lettering.width, lettering.height, lettering.font)
    fade = _fade(title, title.fade_in_seconds, title.fade_out_seconds)
    colour = rf"\1c{_bgr((0, 0, 0))}\bord0" if title.ground == "white" else ""
    text = r"\N".join(map(_escaped, lines.texts))
    yield _event(title, rf"{{\an5\q2\fs{lines.points}{colour}{fade}}}{text}", layer=1)


def _fade(title: ShownTitle, fade_in: float, fade_out: float) -> str:
    """Counted from the event's beginning, which is the piece's where the title began before it."""
    shift = max(0.0, title.begin_seconds)
    marks = (
        title.begin_seconds,
        title.begin_seconds + fade_in,
        title.end_seconds - fade_out,
        title.end_seconds,
    )
    begin, there, going, gone = (round(1000 * (mark - shift)) for mark in marks)
    clear = (255 if fade_in else 0, 255 if fade_out else 0)
    return rf"\fade({clear[0]},0,{clear[1]},{begin},{there},{going},{gone})"


def _bgr(colour: tuple[int, int, int]) -> str:
    red, green, blue = colour
    return f"&H{blue:02X}{green:02X}{red:02X}&"


def _escaped(text: str) -> str:
    r"""Text as ASS takes it: no braces that would be commands, ``\N`` where lines break."""
    plain = printable(text).replace("\\", "\u2216").replace("{", "(").replace("}", ")")
    return "\\N".join(line for line in plain.splitlines() if line.strip())
