"""Ctrl-C and SIGTERM: both stop a render in order, and neither can be kept waiting.

SIGTERM (``kill``, systemd, ``docker stop``) is made a Ctrl-C: what is under way is cancelled,
leases are given back, ``run.json`` is written. What comes after that, Prefect's report, may hang
forever where its server has got the same signal, so that there is an end to the waiting.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

INTERRUPTED, TERMINATED = 130, 143

PATIENCE_SECONDS = 9.0
"""After a SIGTERM, until the process ends whatever it is doing: ``docker stop`` kills after ten."""

REPORT_SECONDS = 4.0
"""After the render's own end, for Prefect to be told of it."""

_LOOK_SECONDS = 0.25


class _Signalled:
    """What has come so far."""

    terminated = False


def interrupted_code() -> int:
    """The exit code of a command that was stopped: by SIGTERM, else by Ctrl-C."""
    return TERMINATED if _Signalled.terminated else INTERRUPTED


@contextmanager
def terminable() -> Iterator[None]:
    """Have SIGTERM do what Ctrl-C does until the block ends; in the main thread, on POSIX.

    Where Ctrl-C is ignored, as a shell's script has it for ``command &``, it stays kept out, but a
    SIGTERM has its way.
    """
    if threading.current_thread() is not threading.main_thread() or os.name == "nt":
        yield
        return
    _Signalled.terminated = False
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, signal.default_int_handler)
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def terminated() -> KeyboardInterrupt:
    """What to raise where a SIGTERM came by Prefect's handler: an interruption, told as SIGTERM."""
    _Signalled.terminated = True
    return KeyboardInterrupt()


def take_back() -> None:
    """Have SIGTERM do what Ctrl-C does again: Prefect takes the signal for each flow."""
    if threading.current_thread() is threading.main_thread() and os.name != "nt":
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(number: int, frame: FrameType | None) -> None:
    _Signalled.terminated = True
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.raise_signal(signal.SIGINT)


@contextmanager
def ending(ended: Callable[[], bool], leave: Callable[[], None]) -> Iterator[None]:
    """See that the process ends soon after a signal, whatever still hangs.

    ``ended`` says whether the render was interrupted and has closed all that is its own. Once it
    has been for ``REPORT_SECONDS``, or ``PATIENCE_SECONDS`` after a SIGTERM, ``leave`` is called
    and the process is over. The leases are given back and the record is written by then; what may
    be cut short is the report to Prefect.
    """
    over = threading.Event()

    def watch() -> None:
        since: float | None = None
        while not over.wait(_LOOK_SECONDS):
            if not (ended() or _Signalled.terminated):
                continue
            since = time.monotonic() if since is None else since
            waited = time.monotonic() - since
            if waited >= PATIENCE_SECONDS or (ended() and waited >= REPORT_SECONDS):
                leave()
                sys.stderr.flush()
                os._exit(interrupted_code())

    threading.Thread(target=watch, daemon=True, name="longtake-ending").start()
    try:
        yield
    finally:
        over.set()
