"""A Prefect server that is away for a while: what was asked is asked again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from prefect.exceptions import ObjectNotFound

from longtake.clock import Clock

T = TypeVar("T")

PAUSE_SECONDS = 3.0


async def outlasting(ask: Callable[[], Awaitable[T]], clock: Clock, seconds: float) -> T:
    """What the server answers, though it cannot for up to ``seconds``; its last error after that.

    For questions, and for what may be asked for twice. Prefect's client repeats a few times by
    itself, which a database that restarts outlasts: the server answers 500 to all that while.
    """
    until = clock.monotonic() + seconds
    while True:
        try:
            return await ask()
        except ObjectNotFound:
            raise
        except Exception:
            if clock.monotonic() >= until:
                raise
        await clock.sleep(PAUSE_SECONDS)
