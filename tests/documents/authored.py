"""Storyboards as files, and what is said about one that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.documents import load_storyboard
from longtake.errors import StoryboardError

GOOD = """\
title: T
scenes:
  - name: One
    shots:
      - a boat
"""


def refusal(path: Path, what=load_storyboard) -> list[str]:
    """What is said about the file, without the folder's name."""
    with pytest.raises(StoryboardError) as caught:
        what(path)
    return [str(problem).replace(f"{path.parent}/", "") for problem in caught.value.problems]


STILLS = """\
title: T
scenes:
  - name: One
    shots:
      - prompt: a
        start: stills/dawn.png
        end_image: https://x.example/noon.png
"""
