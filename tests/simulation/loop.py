"""An event loop in which nothing waits: its time jumps to whatever is due, its order is drawn.

Work belongs to processes: whatever a process starts carries its name in its context, so that it
can be killed at any of its steps (nothing of it ever runs again, nothing is cleaned up) or frozen
for a while. Threads are replaced by calls in place.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import heapq
import random
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any

PROCESS: contextvars.ContextVar[str] = contextvars.ContextVar("process", default="world")

AT_ONCE_SECONDS = 1e-9
"""What is due within that is due at once: as fine as the clock of a real loop."""


class Stuck(Exception):
    """Everything waits for something that cannot come."""


class Endless(Exception):
    """So many steps that something goes round in a circle."""


class SimulatedLoop(asyncio.BaseEventLoop):
    """``chance`` draws the order in which what is ready runs."""

    def __init__(self, chance: random.Random, most_steps: int = 2_000_000) -> None:
        super().__init__()
        self._chance = chance
        self._seconds = 0.0
        self._processes: dict[str, _Process] = {}
        self._most_steps = most_steps
        self.steps = 0
        self.faults: list[str] = []
        self._kept: list[asyncio.Task[Any]] = []
        self._timers: list[tuple[float, _Handle]] = []
        self.set_task_factory(self._task)
        self.set_exception_handler(self._fault)

    def _task(self, _: Any, work: Any, **facts: Any) -> asyncio.Task[Any]:
        task = asyncio.Task(work, loop=self, **facts)
        if PROCESS.get() != "world" or "context" in facts:
            self._kept.append(task)  # what a dead process held is closed by nobody
        return task

    def _fault(self, _: Any, context: dict[str, Any]) -> None:
        self.faults.append(f"{context.get('message')}: {context.get('exception')!r}")

    def forget(self) -> None:
        """The world is over: whatever is left of its processes may go."""
        for task in self._kept:
            with contextlib.suppress(BaseException):  # what it would clean up is gone already
                task.get_coro().close()
        self._kept.clear()
        self._ready.clear()  # type: ignore[attr-defined]  # of the base loop
        self._timers.clear()
        self.close()

    # -- time and order

    def time(self) -> float:
        """Simulated seconds since the world began."""
        return self._seconds

    def advance(self, seconds: float) -> None:
        """Let time pass, at once."""
        self._seconds += max(0.0, seconds)

    def _run_once(self) -> None:
        """What is ready, in a drawn order; else the time until something is due is gone at once."""
        ready, timers = self._ready, self._timers  # type: ignore[attr-defined]  # of the base loop
        if len(ready) > 1 and self._chance.random() < 0.5:
            ready.rotate(-self._chance.randrange(len(ready)))
        self.steps += 1
        if self.steps > self._most_steps:
            raise Endless(f"{self.steps} rounds")
        while timers and timers[0][1].is_cancelled:
            heapq.heappop(timers)
        if not ready and not self._stopping:  # type: ignore[attr-defined]  # of the base loop
            if not timers:
                raise Stuck("nothing is due, and not everything has ended")
            self.advance(timers[0][0] - self._seconds)
        now = self._seconds + AT_ONCE_SECONDS
        while timers and timers[0][0] < now:
            when, handle = heapq.heappop(timers)
            self.advance(when - self._seconds)  # else who waits for that moment waits forever
            ready.append(handle)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle.is_cancelled and (handle.process is None or self._may_step(handle)):
                try:
                    handle.context.run(handle.callback, *handle.args)
                except (SystemExit, KeyboardInterrupt):
                    raise
                except BaseException as error:
                    self.faults.append(f"{handle.callback}: {error!r}")

    def run_in_executor(  # type: ignore[override]  # the base is generic
        self, executor: Executor | None, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """What a thread would do, done here and now."""
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    # -- processes

    def spawn(self, name: str, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Start a process; all that it starts belongs to it."""
        context = contextvars.copy_context()
        context.run(PROCESS.set, name)
        self._processes[name] = _Process()
        return self.create_task(work, context=context)

    def kill_after(self, name: str, steps: int) -> None:
        """The process dies before the step after so many of its own."""
        self._processes[name].dies_at = steps

    def freeze_after(self, name: str, steps: int, seconds: float) -> None:
        """After so many of its steps the process stands still for that long."""
        process = self._processes[name]
        process.freezes_at, process.freezes_for = steps, seconds

    def kill(self, name: str) -> None:
        """The process is gone, in the middle of whatever it does."""
        self._processes[name].die()

    def kill_all(self) -> None:
        """The machine is gone, and every process with it."""
        for process in list(self._processes.values()):
            process.die()

    def freeze(self, name: str, seconds: float) -> None:
        """The process stands still after the step that it is in."""
        self._processes[name].frozen_until = self._seconds + seconds

    def call_after(self, name: str, steps: int, callback: Callable[[], Any]) -> None:
        """After so many of the process's steps ``callback`` is called."""
        self._processes[name].calls_at, self._processes[name].call = steps, callback

    def death_of(self, name: str) -> asyncio.Future[None]:
        """Done once the process was killed."""
        died = self.create_future()
        self._processes[name].on_death = lambda: died.done() or died.set_result(None)
        return died

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:
        """As ever, unless it is a process's: then as it fares."""
        handle = self._handle(callback, args, context)
        self._ready.append(handle)  # type: ignore[attr-defined]  # of the base loop
        return handle

    def call_at(self, when: float, callback: Any, *args: Any, context: Any = None) -> Any:
        """As ``call_soon``, later."""
        handle = self._handle(callback, args, context)
        heapq.heappush(self._timers, (when, handle))
        return handle

    def call_later(self, delay: float, callback: Any, *args: Any, context: Any = None) -> Any:
        """As ``call_at``, from now on."""
        return self.call_at(self._seconds + delay, callback, *args, context=context)

    def _handle(self, callback: Any, args: Any, context: Any) -> _Handle:
        context = context if context is not None else contextvars.copy_context()
        process = self._processes.get(context.get(PROCESS, "world"))
        return _Handle(callback, args, context, process)

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:
        """There are no threads."""
        return self.call_soon(callback, *args, context=context)

    def _may_step(self, handle: _Handle) -> bool:
        """Whether its process takes the step now: not where it is dead or stands still."""
        process = handle.process
        assert process is not None
        if process.dead:
            return False
        if process.steps == process.dies_at:
            process.die()
            return False
        if process.frozen_until <= self._seconds and process.steps == process.freezes_at:
            process.frozen_until = self._seconds + process.freezes_for
            process.freezes_at = -1
        if process.frozen_until > self._seconds:
            heapq.heappush(self._timers, (process.frozen_until, handle))
            return False
        process.steps += 1
        if process.steps == process.calls_at:
            process.call()
        return True


class _Handle:
    """What is to be called, and whose it is; as much of ``asyncio.TimerHandle`` as is asked for."""

    __slots__ = ("args", "callback", "context", "is_cancelled", "process")

    def __init__(self, callback: Any, args: Any, context: Any, process: _Process | None) -> None:
        self.callback = callback
        self.args = args
        self.context = context
        self.process = process
        self.is_cancelled = False

    def __lt__(self, _: object) -> bool:
        return False  # of two that are due at once neither is the earlier one

    def cancel(self) -> None:
        """It is not called."""
        self.is_cancelled = True
        self.callback = self.args = self.context = None

    def cancelled(self) -> bool:
        """Whether that was asked for."""
        return self.is_cancelled


class _Process:
    def __init__(self) -> None:
        self.steps = 0
        self.dies_at = self.freezes_at = self.calls_at = -1
        self.freezes_for = self.frozen_until = 0.0
        self.dead = False
        self.on_death: Callable[[], Any] = lambda: None
        self.call: Callable[[], Any] = lambda: None

    def die(self) -> None:
        if not self.dead:
            self.dead = True
            self.on_death()
