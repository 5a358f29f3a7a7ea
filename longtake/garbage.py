"""How often Python searches a process for garbage: hardly at all while it starts, or as it ends.

Each search goes through all objects, of which nearly all that a start imports stay as long as the
process: with Prefect's they take as long as half of its import, and once more that long at the end.
"""

from __future__ import annotations

import atexit
import gc

IMPORTED_OBJECTS = 250_000
"""More than a render has when its first job is sent; with Prefect it has a few more."""

_USUAL_THRESHOLDS = gc.get_threshold()


def begin_with_imports() -> None:
    """Search this process seldom, and not at its end; ``imports_are_done`` where it goes on."""
    gc.set_threshold(IMPORTED_OBJECTS)
    atexit.register(gc.freeze)


def imports_are_done() -> None:
    """Search as usual from now on, but not among what is there already."""
    gc.freeze()
    gc.set_threshold(*_USUAL_THRESHOLDS)
