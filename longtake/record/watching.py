"""Who is told of what happens in a render, as it happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from longtake.record.clips import ClipRecord
    from longtake.record.run import RunRecord

Watcher = Callable[["RunRecord", "ClipRecord | None"], None]
"""Told after each report: the run, and the clip that changed (None: the run itself)."""

_watchers: ContextVar[tuple[Watcher, ...]] = ContextVar("watchers", default=())


@contextmanager
def watching(watcher: Watcher) -> Iterator[None]:
    """Let ``watcher`` follow every run that reports inside the block, next to any other watcher."""
    token = _watchers.set((*_watchers.get(), watcher))
    try:
        yield
    finally:
        _watchers.reset(token)


def tell(run: RunRecord, clip: ClipRecord | None) -> None:
    """Tell every watcher that ``clip`` (or the run itself) has changed."""
    for watcher in _watchers.get():
        watcher(run, clip)
