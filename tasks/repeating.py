"""Which failed steps Prefect may repeat: the segmind room decides, this only asks it."""

from __future__ import annotations

from typing import Any, TypeVar

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from longtake.segmind import Operation, may_retry
from longtake.settings import Waiting

AnyTask = TypeVar("AnyTask", bound=Task[..., Any])

_OPERATIONS = {
    "handover": Operation.UPLOAD,
    "submit": Operation.SUBMIT,
    "poll": Operation.STATUS,
    "download": Operation.DOWNLOAD,
}


def repeat_if_safe(task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Prefect's ``retry_condition_fn``: whether what the task asked for may be asked once more.

    A plain function, since Prefect 3.8 silently never retries on any other callable; and it takes
    the error as it lies in the state, since ``state.result`` is a coroutine in an async task.
    """
    error = state.data
    return isinstance(error, Exception) and may_retry(_OPERATIONS[task.name], error)


def patient(task: AnyTask, waiting: Waiting) -> AnyTask:
    """The task with one more try for every pause in ``waiting.retry_seconds``, with jitter."""
    pauses = list(waiting.retry_seconds)
    return task.with_options(  # type: ignore[return-value]  # the same task, other options
        retries=len(pauses), retry_delay_seconds=pauses, retry_jitter_factor=0.3
    )
