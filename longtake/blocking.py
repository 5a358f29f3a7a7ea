"""Waiting for asynchronous work in a place that is not asynchronous."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """What the work returns, or raise what it raises.

    Where a loop runs in this thread (a notebook, a plain flow that an asynchronous one has called)
    the work gets a thread of its own, and that loop stands still meanwhile.
    """
    import asyncio  # the command line imports this module first thing, and often needs no loop

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    import contextvars
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(contextvars.copy_context().run, asyncio.run, work).result()
