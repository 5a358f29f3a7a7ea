"""The form that every piece of a film has, so that pieces join without being encoded again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Matrix = Literal["bt601", "bt709"]
"""The coefficients that turn YUV into RGB, for clips that do not say."""

CRF = 17
"""x264's quality of every segment: invisible loss, measured 48 dB at 18."""

PRESET = "superfast"
"""x264's effort for every segment: a hundred times faster than a clip is generated."""

PRESET_PARAMS = {"superfast": "mbtree=1:rc-lookahead=10"}
"""What a preset is given that it lacks (decision 0010): without it a film is far larger."""


TAIL_FRAMES = 13
"""Last frames of the clip before a seam from which the seam is read: twelve steps."""


@dataclass(frozen=True)
class FilmShape:
    """Size in pixels and rate in frames a second of a film, and how its pieces are encoded.

    ``untagged_matrix`` is that of the clips which do not say theirs; ``crf`` and ``preset`` are
    x264's. Raises ValueError for a size that yuv420p cannot have, or no rate.
    """

    width: int
    height: int
    fps: int
    untagged_matrix: Matrix = "bt601"
    crf: int = CRF
    preset: str = PRESET

    def __post_init__(self) -> None:
        if self.width % 2 or self.height % 2:
            raise ValueError(f"yuv420p needs even sizes, not {self.width}x{self.height}")
        if self.fps < 1:
            raise ValueError(f"a film has a rate, not {self.fps} fps")

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.width, self.height


def half_second(fps: int) -> int:
    """Frames: as many of the clip after a seam are shown by the seam reel."""
    return max(1, round(fps / 2))


def tail_frame_count(fps: int) -> int:
    """As many of the clip before a seam are shown by the seam reel: half a second, or more.

    So far before its end a piece has a key frame: from there the seam is read, and copied.
    """
    return max(TAIL_FRAMES, half_second(fps))
