"""Who makes the clips: the drawing in threads, or any function, at once and in one thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from longtake.emulator.drawing.dials import Dials
from longtake.emulator.validation import Refusal

MakeClip = Callable[[str, dict[str, Any], Dials], bytes]
"""Model, body (with a seed, and with mapped images put in) and dials to the bytes of an MP4."""


class ClipProvider(Protocol):
    """Makes the clips of an emulator; ``drawing.maker.ClipMaker`` is the one that draws."""

    def start(self, model: str, body: dict[str, Any], dials: Dials) -> Future[bytes]:
        """Begin a clip; the future gives its bytes, or raises Refusal: the job then FAILS."""
        ...

    def shrink(self, clip: bytes) -> Future[bytes]:
        """Begin the same clip at half the width and height."""
        ...

    def close(self) -> None:
        """Take no more work, and wait for what is being made."""
        ...


class InstantMaker:
    """Calls ``make`` where it stands: no threads, so that a simulation alone decides the order."""

    def __init__(self, make: MakeClip) -> None:
        self._make = make

    def start(self, model: str, body: dict[str, Any], dials: Dials) -> Future[bytes]:
        """The clip, made already; a Refusal is kept in the future."""
        made: Future[bytes] = Future()
        try:
            made.set_result(self._make(model, body, dials))
        except Refusal as refusal:
            made.set_exception(refusal)
        return made

    def shrink(self, clip: bytes) -> Future[bytes]:
        """The clip as it is."""
        made: Future[bytes] = Future()
        made.set_result(clip)
        return made

    def close(self) -> None:
        """Nothing runs, so nothing has to end."""
