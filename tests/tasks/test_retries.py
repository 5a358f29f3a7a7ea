"""The seven tasks: what Prefect may repeat of them and how often; it keeps nothing of them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from prefect import Task
from prefect.cache_policies import NO_CACHE

from longtake.errors import AmbiguousSubmit, DiskFull, ServiceUnavailable
from longtake.profile_parts import Waiting
from longtake.segmind import Operation
from tasks.assemble import assemble
from tasks.download import download
from tasks.handover import handover
from tasks.poll import poll
from tasks.reconcile import reconcile
from tasks.retries import repeat_if_safe
from tasks.review import review
from tasks.steps import prefect_steps
from tasks.submit import submit

ALL: tuple[Task[..., Any], ...] = (
    handover,
    submit,
    reconcile,
    poll,
    download,
    assemble,
    review,
)
PAID: tuple[Task[..., Any], ...] = (reconcile, poll, download)


@pytest.mark.parametrize("each", ALL, ids=lambda task: task.name)
def test_prefect_keeps_no_result_of_a_task(each: Task[..., Any]) -> None:
    assert each.cache_policy is NO_CACHE
    assert each.persist_result is False


def test_what_is_paid_for_is_tried_longer_than_what_is_not() -> None:
    assert {each.retries for each in (handover, submit)} == {5}
    assert all(each.retries > 5 for each in PAID)
    assert (assemble.retries, review.retries) == (0, 0)


@pytest.mark.parametrize(
    ("operation", "error", "again"),
    [
        (Operation.SUBMIT, AmbiguousSubmit("no answer", operation="submit"), False),
        (Operation.SUBMIT, DiskFull("full"), False),
        (Operation.STATUS, ServiceUnavailable("502", operation="status"), True),
        (Operation.STATUS, ValueError("a fault of ours"), False),
        (Operation.STATUS, None, False),
    ],
)
def test_only_what_is_safe_is_repeated(
    operation: Operation, error: Exception | None, again: bool
) -> None:
    run: Any = SimpleNamespace(run_count=1)
    state: Any = SimpleNamespace(data=error)
    assert repeat_if_safe(operation)(submit, run, state) is again


def test_a_profiles_pauses_are_those_of_its_steps() -> None:
    steps = prefect_steps(Waiting(retry_seconds=(1, 3)))
    assert isinstance(steps.submit, Task)
    assert isinstance(steps.poll, Task)
    assert (steps.submit.retries, steps.submit.retry_delay_seconds) == (2, [1, 3])
    assert steps.poll.retry_delay_seconds == [1, 3]
    assert submit.retries == 5, "the task itself stays as it is"
