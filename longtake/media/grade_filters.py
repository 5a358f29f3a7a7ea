"""What is done to a clip's colours on the way into the film, as ffmpeg's filters. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from longtake.media.commands import ACCURATE

Lines = tuple[tuple[float, float], ...]
"""Gain and offset (a share of the range) of red, green and blue, each by itself."""


class Mixture(NamedTuple):
    """What red, green and blue become, as rows of [r, g, b, 1], of 0 to 1."""

    rows: tuple[tuple[float, float, float, float], ...]


Grades = Sequence[tuple[int, Lines | Mixture | Path]]
"""Each grade and the frame from which it is due: all as lines, as mixtures, or as .cube files."""

WHITE = 255 * 256 / 65535
"""What swscale (5.1 and 9.0) makes of 8 bits' white as a float."""

_RED, _GREEN, _BLUE = 0.299, 0.587, 0.114  # BT.601's shares of luma


def curved(stream: Any, luma_curves: Sequence[Sequence[float]]) -> Any:
    """Add curves to single frames' luma. The filter's table is exact and rounds down: ``round``."""
    for frame_index, curve in enumerate(luma_curves):
        if max(map(abs, curve)) * 255 >= 0.5:
            # What lies between black and white, 219 levels at 8 bits, is told by the filter.
            added = f"round(val+({_hinged(curve)})*(maxval-minval))"
            stream = stream.filter("lutyuv", y=added, enable=f"eq(n,{frame_index})")
    return stream


def move_planes_apart(grades: Grades) -> bool:
    """Whether what they do to RGB can be done to luma and both chromas, each by itself.

    It can where red, green and blue have one gain: as for most corrections, which are offsets.
    """
    return all(
        not isinstance(how, Mixture | Path) and len({gain for gain, _ in how}) == 1
        for _, how in grades
    )


def planes_graded(stream: Any, grades: Grades, skip_frames: int) -> Any:
    """Grades that ``move_planes_apart``, of a clip in BT.601 and limited range.

    At 12 bits, so that nothing is rounded before its matrix is changed.
    """
    if not grades:
        return stream
    stream = stream.filter("format", "yuv420p12le")
    for how, timed in _timed(grades, skip_frames):
        if isinstance(how, Mixture | Path):
            raise ValueError(f"{how} is not done to planes")
        gain, (red, green, blue) = how[0][0], (_shown(gain, offset) for gain, offset in how)
        luma = _RED * red + _GREEN * green + _BLUE * blue
        chroma = (blue - luma) / (2 * (1 - _BLUE)), (red - luma) / (2 * (1 - _RED))
        y, u, v = (
            f"round({zero}+(val-{zero})*{gain:.6f}{offset:+.6f}*(maxval-minval))"
            for zero, offset in zip(
                ("minval", *["(minval+maxval)/2"] * 2), (luma, *chroma), strict=True
            )
        )
        stream = stream.filter("lutyuv", y=y, u=u, v=v, **timed)
    return stream


def _shown(gain: float, offset: float) -> float:
    """An offset as the frame that is handed on has it: alone, rounding makes whole levels of it."""
    return round(255 * offset) / 255 if gain == 1 else offset


def graded(stream: Any, grades: Grades, colour: Mapping[str, str], skip_frames: int) -> Any:
    """RGB, one grade after another in time."""
    if not grades:
        return stream
    # By itself the first filter would have YUV turned to RGB the quick way, which costs 2 dB.
    stream = stream.filter("scale", **colour, out_range="pc", flags=ACCURATE)
    stream = stream.filter("format", _pixels(grades[0][1]))
    for how, timed in _timed(grades, skip_frames):
        stream = _regraded(stream, how, timed)
    return stream


def _timed(
    grades: Grades, skip_frames: int
) -> Iterator[tuple[Lines | Mixture | Path, Mapping[str, str]]]:
    """Each that is ever due, and when; a filter that is not due passes frames on."""
    starts = [frame_index - skip_frames for frame_index, _ in grades]
    for start, end, (_, how) in zip(starts, [*starts[1:], None], grades, strict=True):
        if end is None or end > 0:
            due = f"gte(n,{start})" if end is None else f"between(n,{start},{end - 1})"
            yield how, {} if len(grades) == 1 else {"enable": due}


def _hinged(curve: Sequence[float]) -> str:
    """A curve through evenly spaced points as an expression: a line, and a bend at each of them."""
    count = len(curve) - 1
    slopes = [(after - before) * count for before, after in pairwise(curve)]
    words = [f"{curve[0]:.6f}"]
    for at, (before, after) in enumerate(pairwise([0.0, *slopes])):
        if abs(after - before) > 1e-9:
            words.append(
                f"{after - before:+.6f}*max((val-minval)/(maxval-minval)-{at / count:.6f},0)"
            )
    return "".join(words)


def _pixels(how: Lines | Mixture | Path) -> str:
    """On floats mixing and a LUT take half of the time, and nothing is rounded on the way."""
    if isinstance(how, Path):
        return "gbrpf32le"
    return "gbrapf32le" if isinstance(how, Mixture) else "gbrp"


def _regraded(stream: Any, how: Lines | Mixture | Path, timed: Mapping[str, str]) -> Any:
    """Each is quicker than the next, and shows the same where it can."""
    if isinstance(how, Path):
        return stream.filter("lut3d", file=str(how), interp="tetrahedral", **timed)
    if isinstance(how, Mixture):
        # The alpha channel is 1 all over: what is taken of it is added.
        shares = {
            f"{channel}{of}": f"{share * (WHITE if of == 'a' else 1):.9f}"
            for channel, row in zip("rgb", how.rows, strict=True)
            for of, share in zip("rgba", row, strict=True)
        }
        return stream.filter("colorchannelmixer", **shares, **timed)
    lines = {
        channel: f"round(val*{gain:.6f}{offset:+.6f}*maxval)"
        for channel, (gain, offset) in zip("rgb", how, strict=True)
    }
    return stream.filter("lutrgb", **lines, **timed)
