"""What becomes of errors when several things were done side by side: none of them is dropped."""

from __future__ import annotations

from collections.abc import Iterable

from longtake.errors import (
    ClipLost,
    ClipUnusable,
    GenerationFailed,
    LongtakeError,
    OperatorError,
    RenderStopped,
)


def raise_first(errors: Iterable[BaseException]) -> None:
    """Raise the error that matters most, if there is any; the others become notes of it.

    First whatever is no error of longtake's (a bug, an interruption), then what an operator must
    act on, then the rest; that a clip was not submitted since the render is stopping comes last.
    """
    ranked = sorted(errors, key=_rank)
    if not ranked:
        return
    first, *others = ranked
    said = {str(first), *getattr(first, "__notes__", ())}
    for other in others:
        words = f"{type(other).__name__}: {whole_text(other)}"
        if str(other) not in said and words not in said and not isinstance(other, RenderStopped):
            said |= {str(other), words}
            first.add_note(words)
    raise first


def is_made_up_for(error: BaseException) -> bool:
    """Whether a take that ended so is made up for by other takes of its clip.

    Only what became of that very take at the service. A refused key, a full disk, a budget, a
    payment made twice: all of that concerns the render, however many takes are there.
    """
    return isinstance(error, GenerationFailed | ClipLost | ClipUnusable)


def whole_text(error: BaseException) -> str:
    """What an error says, with what went wrong next to it."""
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


def _rank(error: BaseException) -> int:
    if not isinstance(error, LongtakeError):
        return 0 if isinstance(error, Exception) else -1
    if isinstance(error, OperatorError):
        return 1
    return 3 if isinstance(error, RenderStopped) else 2
