"""Where a piece of measuring runs: in a worker thread by default; a render hands in helpers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar, TypeVarTuple

import anyio.to_thread

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Runner(Protocol):
    """Runs ``work(*args)`` elsewhere; a function of some module, so that a process can find it."""

    def __call__(self, work: Callable[[*Ts], T], /, *args: *Ts) -> Awaitable[T]:
        """What ``work`` returns; raises what it raises."""
        ...


async def in_thread(work: Callable[[*Ts], T], /, *args: *Ts) -> T:
    """In a worker thread: at hand at once, though such threads share one lock and take turns."""
    return await anyio.to_thread.run_sync(work, *args)
