"""Processes of our own in which pictures are measured.

Python's threads share one lock: what several clips' measuring takes in threads, it takes one after
the other, and more. One process imports what measuring needs while the service is at work, and
forks the others, so that they share that memory.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection, Pipe
from typing import Any, TypeVar, TypeVarTuple

import anyio.to_thread

from longtake.errors import MediaError
from longtake.media.measure.runner import in_thread
from longtake.media.run import LAST, clean_environment

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

PATIENCE_SECONDS = 1.0
"""How long helpers are waited for that have nothing more to do."""

_Places = asyncio.LifoQueue[Connection | None]
"""The helpers that are idle, the last one that was at work first; None for a thread instead."""


class Helpers:
    """So many helpers, and one that stands back on the processor; threads until ``begin``.

    A ``count`` of 0 is for threads alone.

    Nothing depends on them: a helper that is gone, for whatever reason, is a thread from then on,
    which does again what it had been asked for. Where processes cannot be forked safely (outside of
    Linux) there are threads alone.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._is_over = False
        self._process: subprocess.Popen[bytes] | None = None
        self._urgent, self._standing_back = _Places(), _Places()
        for places in (*[self._urgent] * max(count, 1), self._standing_back):
            places.put_nowait(None)

    def begin(self) -> None:
        """Start them, unless they are: half a second later they are at work. Safe to repeat."""
        if not self._count or self._process is not None or sys.platform != "linux":
            return
        kinds = [(0, self._urgent)] * self._urgent.qsize()
        kinds += [(LAST.niceness, self._standing_back)] * self._standing_back.qsize()
        pipes = [Pipe() for _ in kinds]
        theirs = [pipe[1].fileno() for pipe in pipes]
        words = [f"{fd}:{niceness}" for fd, (niceness, _) in zip(theirs, kinds, strict=True)]
        with suppress(OSError):  # then there are threads
            self._process = subprocess.Popen(  # noqa: S603  no shell: our own interpreter and module
                [sys.executable, "-P", "-m", "longtake.media.helper", *words],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=clean_environment(os.environ) | {"OPENBLAS_NUM_THREADS": "1"},
                pass_fds=theirs,
                process_group=0,
            )
            for _, places in kinds:
                places.get_nowait()
            for (ours, _), (_, places) in zip(pipes, kinds, strict=True):
                places.put_nowait(ours)
        for _, other in pipes:
            other.close()

    async def run(self, work: Callable[[*Ts], T], /, *args: *Ts) -> T:
        """``work(*args)``, for which a next clip may wait (a ``Runner``)."""
        return await self._run(self._urgent, work, *args)

    async def stand_back(self, work: Callable[[*Ts], T], /, *args: *Ts) -> T:
        """The same for what nobody waits for."""
        return await self._run(self._standing_back, work, *args)

    async def close(self) -> None:
        """End them: they keep nothing that is not here. Who is still at work is ended by force."""
        self._is_over = True
        if self._process is None:
            return
        for places in (self._urgent, self._standing_back):
            while not places.empty():
                if (helper := places.get_nowait()) is not None:
                    helper.close()
        await anyio.to_thread.run_sync(_end, self._process)

    async def _run(self, places: _Places, work: Callable[[*Ts], T], /, *args: *Ts) -> T:
        helper = await places.get()
        try:
            if helper is not None:
                ask = partial(_ask, helper, work, args)
                try:
                    return await anyio.to_thread.run_sync(ask, abandon_on_cancel=True)
                except _Gone:
                    helper = None
                    if self._is_over:
                        raise MediaError(
                            "the render is over: nothing is measured any more"
                        ) from None
            return await in_thread(work, *args)
        except asyncio.CancelledError:
            helper = None  # its answer, which is still to come, is nobody's
            raise
        finally:
            places.put_nowait(helper)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class _Gone(Exception):
    """The helper has ended before it answered."""


def _ask(helper: Connection, work: Callable[..., T], args: tuple[Any, ...]) -> T:
    try:
        helper.send((work, args))
        is_right, found = helper.recv()
    except (EOFError, OSError) as error:
        helper.close()
        raise _Gone from error
    if not is_right:
        raise found
    result: T = found
    return result
