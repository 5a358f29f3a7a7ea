"""Authored files: YAML or JSON from disk, with every problem reported by file, line and place.

What is read may be anybody's: every file is bounded in its bytes, its values and its depth.
"""

from __future__ import annotations

from longtake.documents.document import STANDARD_INPUT, data_in, locate, read
from longtake.documents.pictures import local_image
from longtake.documents.storyboards import (
    LoadedStoryboard,
    load,
    load_plan,
    load_storyboard,
    plan_of,
)

__all__ = [
    "STANDARD_INPUT",
    "LoadedStoryboard",
    "data_in",
    "load",
    "load_plan",
    "load_storyboard",
    "local_image",
    "locate",
    "plan_of",
    "read",
]
