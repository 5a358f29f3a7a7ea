"""How the camera moves: read from words, and laid out over a clip's frames.

Every clip begins (i2v) and ends with one common motion, a slow pan to the right, and the move that
the words name is blended in between. So the step across a seam is like its neighbours, in size
and direction, whatever is said on either side. Distances are pixels of the clip; an even step of
the common motion moves halved chroma exactly, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from longtake.emulator.drawing.notes import ClipNotes

EASE_FRAMES = 20
"""Over how many frames a move takes over from the common motion, and gives back to it."""


@dataclass(frozen=True)
class Move:
    """Speeds a frame, in pixels at 480p: ``right`` and ``down`` of the camera, ``closer`` as the
    logarithm of the scale, ``sweep`` as how much faster the nearest ground passes than the sky.
    """

    right: float = 0.0
    down: float = 0.0
    closer: float = 0.0
    sweep: float = 0.0

    def __add__(self, other: Move) -> Move:
        return Move(
            self.right + other.right,
            self.down + other.down,
            self.closer + other.closer,
            self.sweep + other.sweep,
        )


COMMON = Move(right=2.0)

_SLOWLY = r"(?:\W+\w+){0,2}?\W+"
_VIEW = r"(?:camera|view|drone|shot|lens)(?:\W+\w+){0,2}?\W+"

WORDS: dict[str, tuple[Move, str]] = {
    "push in": (
        Move(closer=0.0034),
        (
            rf"push(?:es|ing)?-in|(?:push|doll(?:y|ie)|zoom|track|creep|clos|mov|glid|eas)\w*{_SLOWLY}"
            rf"(?:in|into|closer|forwards?|nearer)\b|{_VIEW}(?:approach|follow|advanc)\w*|"
            rf"(?:walk|step|rid|driv|fl[iy])\w*{_SLOWLY}(?:towards?|into)\b"
        ),
    ),
    "pull out": (
        Move(closer=-0.0034),
        (
            rf"(?:pull|doll(?:y|ie)|zoom|back|mov|draw|track|eas)\w*{_SLOWLY}(?:out|back|away)\b|"
            rf"{_VIEW}(?:retreat|withdraw)\w*"
        ),
    ),
    "tilt up": (Move(down=-1.4), rf"tilt\w*{_SLOWLY}(?:up|upwards?)\b|{_VIEW}looks? up\b"),
    "tilt down": (Move(down=1.4), rf"tilt\w*{_SLOWLY}(?:down|downwards?)\b|{_VIEW}looks? down\b"),
    "crane up": (
        Move(down=-1.3, closer=-0.0014),
        (
            rf"cran(?:e|es|ing)\b(?!{_SLOWLY}down)|boom\w* up|spiral\w* up|"
            rf"{_VIEW}(?:ris|climb|ascend|lift|soar)\w*"
        ),
    ),
    "crane down": (
        Move(down=1.3, closer=0.0014),
        rf"cran(?:e|es|ing){_SLOWLY}down|boom\w* down|{_VIEW}(?:sink|descend|drop|lower)\w*",
    ),
    "orbit": (
        Move(right=1.4, sweep=0.8),
        rf"orbit\w*|spiral\w*|arc(?:s|ing)? (?:a)?round|{_VIEW}(?:circl|revolv|wheel)\w*",
    ),
    "pan left": (
        Move(right=-2.6),
        rf"(?:pan|track|truck|slid|glid|drift|swing|sweep|mov)\w*{_SLOWLY}left\b",
    ),
    "pan right": (
        Move(right=2.6),
        (
            rf"(?:pan|track|truck|slid|glid|drift|swing|sweep|mov)\w*{_SLOWLY}right\b|"
            rf"{_VIEW}(?:turn|pan)s?\b(?!{_SLOWLY}left)"
        ),
    ),
    "hold": (
        Move(right=0.5),
        (
            r"static|locked[ -]off|tripod|motionless|stands? still|stays? still|held shot|"
            r"hardly any movement|(?:camera|shot|picture|view) (?:holds?|rests?|waits?)|"
            r"(?:fixed|still|unmoving) (?:camera|shot|frame)|holds? on"
        ),
    ),
}
"""The moves that are known, with the words that call for them (regular expressions)."""


_KINDS = {
    "push in": "nearing",
    "pull out": "nearing",
    "tilt up": "height",
    "tilt down": "height",
    "crane up": "height",
    "crane down": "height",
    "pan left": "panning",
    "pan right": "panning",
    "orbit": "panning",
    "hold": "hold",
}


def moves_said(notes: ClipNotes) -> tuple[str, ...]:
    """The names of the moves in the nearest text that names any, in the order they are said.

    Several may be combined (a crane and an orbit), but of two that are the same motion (in and out,
    left and right) the first holds.
    """
    for text in notes.sources:
        said = _said_in(text)
        moving = [name for name in said if name != "hold"]
        if said:
            chosen = {_KINDS[name]: name for name in reversed(moving or said)}
            return tuple(name for name in said if chosen.get(_KINDS[name]) == name)
    return ()


def _said_in(text: str) -> list[str]:
    found = {
        name: match.start()
        for name, (_, words) in WORDS.items()
        if (match := re.search(rf"\b(?:{words})", text.lower()))
    }
    return sorted(found, key=found.__getitem__)


def move_of(notes: ClipNotes) -> Move:
    """The move that the notes call for; the common motion where they name none."""
    said = moves_said(notes)
    return sum((WORDS[name][0] for name in said), Move()) if said else COMMON


@dataclass(frozen=True)
class CameraPath:
    """Where the camera is at each whole moment (in frames) of a clip, as far as it has come from
    its first frame: ``right``, ``down`` and ``sweep`` in pixels, ``closer`` as a logarithm.
    """

    right: npt.NDArray[np.float64]
    down: npt.NDArray[np.float64]
    closer: npt.NDArray[np.float64]
    sweep: npt.NDArray[np.float64]

    @classmethod
    def of(cls, move: Move, frame_count: int, step: float, *, from_start: bool) -> CameraPath:
        """The way of ``move``, at ``step`` pixels a frame where the common motion has two.

        ``from_start``: whether the move is there from frame 0 on, as in a clip that nothing comes
        before.
        """
        moments = np.arange(frame_count - 1) + 0.5
        blend = _smooth((frame_count - 1 - moments) / EASE_FRAMES)
        if not from_start:
            blend = blend * _smooth(moments / EASE_FRAMES)
        scale = step / COMMON.right

        def way(common: float, said: float, pixels: float) -> npt.NDArray[np.float64]:
            speed = (common + (said - common) * blend) * pixels
            return np.concatenate([[0.0], np.cumsum(speed)])

        return cls(
            way(COMMON.right, move.right, scale),
            way(0.0, move.down, scale),
            way(0.0, move.closer, 1.0),
            way(0.0, move.sweep, scale),
        )

    @classmethod
    def between(cls, frame_count: int, step: float) -> CameraPath:
        """A sway from a picture to another one: it begins and ends in the common motion, and comes
        back in between, so that both pictures are seen from one place at every moment.
        """
        moments = np.arange(frame_count - 1) + 0.5
        blend = _smooth((frame_count - 1 - moments) / EASE_FRAMES) * _smooth(moments / EASE_FRAMES)
        back = COMMON.right * (1 - blend).sum() / blend.sum()
        return cls.of(Move(right=-float(back)), frame_count, step, from_start=False)

    def at(self, times: Sequence[float]) -> CameraPath:
        """The camera at other moments, between the whole ones too."""
        whole = np.arange(len(self.right))
        return CameraPath(
            *(
                np.interp(times, whole, one)
                for one in (self.right, self.down, self.closer, self.sweep)
            )
        )


def _smooth(way: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    way = np.clip(way, 0, 1)
    return np.asarray(way * way * (3 - 2 * way))
