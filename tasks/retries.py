"""The options of tasks: which failed ones Prefect may repeat, how often, after what pauses.

The segmind room decides what may be repeated, this only asks it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypedDict, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun

from longtake.errors import DamagedClip, FileNotYet, KeyRefused, UnreadableAnswer
from longtake.segmind import Operation, may_retry
from longtake.settings import Waiting

FEW_TRIES = 4
"""For what is wrong in itself, and not only out of reach for a while."""

MINUTES_OF_TRIES = 8
"""For a finished file that cannot be had yet: the next render asks again."""

JITTER = 0.3
"""By this share pauses are longer or shorter, by chance: a crowd does not come back at once."""

P = ParamSpec("P")
T = TypeVar("T")
Condition = Callable[[Task[..., Any], TaskRun, State[Any]], bool]


class Uncached(TypedDict):
    """No result is kept by Prefect: what was paid for is the ledger's."""

    cache_policy: CachePolicy
    persist_result: bool


class CallsService(Uncached):
    """A task that Prefect may repeat."""

    retries: int
    retry_delay_seconds: list[float]
    retry_jitter_factor: float
    retry_condition_fn: Condition


UNCACHED = Uncached(cache_policy=NO_CACHE, persist_result=False)


def calls_service(operation: Operation, *, paid: bool = False) -> CallsService:
    """The options of a task that calls the service; ``paid``: for a job that is paid for already.

    The pauses are those of a profile that says nothing; ``patient`` sets another profile's.
    """
    waiting = Waiting()
    return CallsService(
        **UNCACHED,
        retries=tries_after_first(waiting, paid=paid),
        retry_delay_seconds=list(waiting.retry_seconds),
        retry_jitter_factor=JITTER,
        retry_condition_fn=repeat_if_safe(operation),
    )


def patient(
    task: Task[P, Coroutine[Any, Any, T]], waiting: Waiting, *, paid: bool = False
) -> Task[P, Coroutine[Any, Any, T]]:
    """The task with a profile's pauses."""
    return task.with_options(
        retries=tries_after_first(waiting, paid=paid),
        retry_delay_seconds=list(waiting.retry_seconds),
    )


def tries_after_first(waiting: Waiting, *, paid: bool) -> int:
    """Before a job is accepted there is one more try for each pause.

    After it the clip is paid for: then the last pause is repeated for ``waiting.job_seconds``.
    """
    pauses = waiting.retry_seconds
    more = math.ceil(waiting.job_seconds / max(pauses[-1], 0.1)) if paid and pauses else 0
    return len(pauses) + more


def repeat_if_safe(operation: Operation) -> Condition:
    """Whether what a task asked for may be asked once more.

    Of a job that is paid for, whatever passes by itself is waited for; an answer or a file that
    stays wrong is not, after ``FEW_TRIES``.
    """

    # A plain function, since that is what every Prefect honours; and it takes the error as it lies
    # in the state, since ``state.result`` is a coroutine in an async task.
    def condition(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
        error = state.data
        lasting = isinstance(error, UnreadableAnswer | DamagedClip | KeyRefused)
        if lasting and run.run_count >= FEW_TRIES:
            return False
        if isinstance(error, FileNotYet) and run.run_count >= MINUTES_OF_TRIES:
            return False
        return isinstance(error, Exception) and may_retry(operation, error)

    return condition
