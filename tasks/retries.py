"""How steps run as Prefect's tasks, and which failed ones it may repeat.

The segmind room decides what may be repeated, this only asks it.
"""

from __future__ import annotations

import math
from collections.abc import Coroutine
from functools import cache
from typing import Any, ParamSpec, TypeVar

from prefect import Task
from prefect.client.schemas.objects import State, TaskRun
from prefect.utilities.annotations import quote

from longtake.errors import DamagedClip, KeyRefused, UnreadableAnswer
from longtake.segmind import Operation, may_retry
from longtake.settings import Waiting

P = ParamSpec("P")
T = TypeVar("T")
Step = Task[P, Coroutine[Any, Any, T]]

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

    A plain function, since that is what every Prefect honours; and it takes
    the error as it lies in the state, since ``state.result`` is a coroutine in an async task.
    """
    error = state.data
    lasting = isinstance(error, UnreadableAnswer | DamagedClip | KeyRefused)
    if lasting and run.run_count >= FEW_TRIES:
        return False
    return isinstance(error, Exception) and may_retry(_OPERATIONS[task.name], error)


async def run_step(step: Step[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a step as a task of Prefect's, with its arguments quoted.

    Otherwise Prefect looks for futures in them twice for every run, through the render into each
    clip of the plan: half of a render's processor time with 100 clips, and more with more.
    """
    quoted: Any = step
    result: T = await quoted(*map(quote, args), **kwargs)
    return result


async def run_patiently(step: Step[P, T], waiting: Waiting, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a step with pauses between its tries, from ``waiting.retry_seconds``, with jitter.

    Before a job is accepted there is one more try for each pause. After it the clip is paid for:
    then the last pause is repeated for as long as ``waiting.job_seconds``.
    """
    patient: Any = _patient(step, tuple(waiting.retry_seconds), waiting.job_seconds)
    result: T = await run_step(patient, *args, **kwargs)
    return result


@cache
def _patient(step: Task[..., Any], pauses: tuple[float, ...], job_seconds: float) -> Task[..., Any]:
    retries = len(pauses)
    if step.name in _PAID_FOR and pauses:
        retries += math.ceil(job_seconds / max(pauses[-1], 0.1))
    return step.with_options(
        retries=retries, retry_delay_seconds=list(pauses), retry_jitter_factor=0.3
    )
