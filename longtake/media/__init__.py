"""Media: probing, frames, segments, assembly. The only room that starts processes (``run.py``).

What other rooms take from here, ``door`` has; it is loaded at the first use: a render's first jobs
are sent before anything is decoded or measured.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from longtake.media.door import *  # noqa: F403  for type checkers; its __all__ has each name


def __getattr__(name: str) -> Any:
    # A file of the room is asked for here before it is imported: the door imports it, too.
    if name.startswith("__") or find_spec(f"{__name__}.{name}") is not None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module("longtake.media.door"), name)
    return found
