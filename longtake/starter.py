"""What ``longtake init`` writes: the first storyboard of a newcomer, or one of the examples."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

ExampleName = Literal["documentary", "long-take", "music-video", "product", "reel"]
"""The storyboards to begin from, by what they are for."""

STORYBOARD = "storyboard.yaml"

_SCHEMA_LINE = "# yaml-language-server:"


def starter_text() -> str:
    """A commented storyboard that renders as it is: no pictures and no seed are needed."""
    return files("longtake").joinpath("story", "starter.yaml").read_text(encoding="utf-8")


def starter_files(example: ExampleName | None = None) -> dict[str, bytes]:
    """The files of the starter, or of an example, by their path in the folder they are put into.

    An example's own files lie in a folder with its name next to it.
    """
    if example is None:
        return {STORYBOARD: starter_text().encode()}
    folder = _examples()
    text = folder.joinpath(f"{example}.yaml").read_text(encoding="utf-8")
    # The schema's place is told for an editor in this repository.
    lines = [line for line in text.splitlines() if not line.startswith(_SCHEMA_LINE)]
    while lines[0].strip() in ("", "#"):
        lines.pop(0)
    storyboard = "\n".join(lines).replace(f"{example}.yaml", STORYBOARD) + "\n"
    found = {STORYBOARD: storyboard.encode()}
    own = folder.joinpath(example)
    if own.is_dir():
        found |= {f"{example}/{file.name}": file.read_bytes() for file in own.iterdir()}
    return found


def _examples() -> Traversable:
    """Where the examples lie: in the wheel, or in the repository that longtake runs from."""
    packaged = files("longtake").joinpath("storyboards")
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "configs/storyboards"
