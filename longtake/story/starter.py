"""The first storyboard of a newcomer: what ``longtake init`` writes."""

from __future__ import annotations

from importlib.resources import files


def starter_text() -> str:
    """A commented storyboard that renders as it is: no pictures and no seed are needed."""
    return files("longtake.story").joinpath("starter.yaml").read_text(encoding="utf-8")
