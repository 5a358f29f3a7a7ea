"""Which failed steps Prefect may repeat: the segmind room decides, this only asks it."""

from __future__ import annotations

import math
from typing import Any, TypeVar

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun

from longtake.errors import DamagedClip, UnreadableAnswer
from longtake.segmind import Operation, may_retry
from longtake.settings import Waiting

AnyTask = TypeVar("AnyTask", bound=Task[..., Any])

_OPERATIONS = {
    "handover": Operation.UPLOAD,
    "submit": Operation.SUBMIT,
    "reconcile": Operation.HISTORY,
    "poll": Operation.STATUS,
    "download": Operation.DOWNLOAD,
}


_PAID_FOR = frozenset({"reconcile", "poll", "download"})

FEW_TRIES = 4
"""For what is wrong in itself, and not only out of reach for a while."""


def repeat_if_safe(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Prefect's ``retry_condition_fn``: whether what the task asked for may be asked once more.

    Of a job that is paid for, whatever passes by itself is waited for; an answer or a file that
    stays wrong is not, after ``FEW_TRIES``.

    A plain function, since Prefect 3.8 silently never retries on any other callable; and it takes
    the error as it lies in the state, since ``state.result`` is a coroutine in an async task.
    """
    error = state.data
    if isinstance(error, UnreadableAnswer | DamagedClip) and run.run_count >= FEW_TRIES:
        return False
    return isinstance(error, Exception) and may_retry(_OPERATIONS[task.name], error)


def patient(task: AnyTask, waiting: Waiting) -> AnyTask:
    """The task with pauses between its tries, from ``waiting.retry_seconds``, with jitter.

    Before a job is accepted there is one more try for each pause. After it the clip is paid for:
    then the last pause is repeated for as long as ``waiting.job_seconds``.
    """
    pauses = list(waiting.retry_seconds)
    retries = len(pauses)
    if task.name in _PAID_FOR and pauses:
        retries += math.ceil(waiting.job_seconds / max(pauses[-1], 0.1))
    return task.with_options(  # type: ignore[return-value]  # the same task, other options
        retries=retries, retry_delay_seconds=pauses, retry_jitter_factor=0.3
    )
