"""The options of tasks: which failed ones Prefect may repeat, how often, after what pauses.

``longtake.rendering.repeating`` decides what may be repeated, this only asks it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypedDict, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE, CachePolicy
from prefect.client.schemas.objects import State, TaskRun

from longtake.profile_parts import Waiting
from longtake.rendering.repeating import JITTER, may_repeat, tries_after_first
from longtake.segmind import Operation

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


def repeat_if_safe(operation: Operation) -> Condition:
    """Whether what a task asked for may be asked once more."""

    # A plain function, since that is what every Prefect honours; and it takes the error as it lies
    # in the state, since ``state.result`` is a coroutine in an async task.
    def condition(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
        return may_repeat(operation, state.data, run.run_count)

    return condition
