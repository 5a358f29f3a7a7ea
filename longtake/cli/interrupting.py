"""Ctrl-C is for the render alone, not for the Prefect server that it has started for itself.

A terminal sends it to every process of the render, and a server that stops at once leaves the
render without anybody to tell its end to. A blocked signal stays blocked in the processes that are
started meanwhile, so it is blocked until the server is up. POSIX only; elsewhere nothing is done.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


def _mask(how: str) -> None:
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(getattr(signal, how), {signal.SIGINT})


def release() -> None:
    """Let Ctrl-C through; one that was pressed meanwhile comes now."""
    _mask("SIG_UNBLOCK")


@contextmanager
def held_back() -> Iterator[None]:
    """Hold Ctrl-C back until ``release``, at the latest until the block's end."""
    _mask("SIG_BLOCK")
    try:
        yield
    finally:
        release()
