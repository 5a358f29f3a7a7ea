"""longtake: write a storyboard, get a film.

``check``, ``plan``, ``render`` and ``arender`` are what the commands of the same names do, for
Python; their modules are loaded at the first use.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any

# numpy's OpenBLAS reads it once, when it is loaded. Our matrices are small: more threads only wait
# for one another, in a busy machine for seconds, while a next clip waits for them.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from longtake.api import PlannedFilm, RenderedFilm, arender, check, plan, render

__all__ = ["PlannedFilm", "RenderedFilm", "arender", "check", "plan", "render"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("longtake.api"), name)
