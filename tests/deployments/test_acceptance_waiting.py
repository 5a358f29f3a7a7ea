"""A run that waits for a person holds nothing, and an answer finds it whatever died meanwhile."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from tests.deployments.acceptance import Film, process_of, stopwatch, worker_of
from tests.deployments.stack import Stack
from tests.deployments.test_acceptance_people import paused, told

pytestmark = pytest.mark.slow

UNTOUCHED_SECONDS = float(os.environ.get("STACK_UNTOUCHED_SECONDS", "600"))
"""How long the form lies there with nobody looking."""


def suspended(stack: Stack, run_id: str) -> dict[str, Any]:
    """The run once it waits without a process."""

    def found() -> dict[str, Any] | None:
        run: dict[str, Any] = stack.api("GET", f"/flow_runs/{run_id}")
        return run if run["state_name"] == "Suspended" else None

    run: dict[str, Any] = stack.eventually(found)
    return run


def answer(stack: Stack, run_id: str, **given: Any) -> None:
    said = stack.api("POST", f"/flow_runs/{run_id}/resume", run_input=given)
    assert said["status"] == "ACCEPT", said


def test_an_approval_outlives_server_database_and_workers_and_counts_once(
    on_either_database: Stack,
) -> None:
    stack = on_either_database
    film = Film(stack, "Waits overnight", (1, 1))
    run_id = film.begin(approve="each-scene")
    suspended(stack, run_id)
    (worker,) = worker_of(stack, run_id)
    stack.eventually(lambda: not process_of(stack, worker, run_id))
    assert len(film.jobs()) == 2  # the other chain went on while the first waited
    assert film.scene_runs(run_id) == []  # a form belongs to the film's own run

    before = stack.status()
    time.sleep(UNTOUCHED_SECONDS)  # what is tried, not what is waited for
    assert stack.status() == before  # no worker died of it
    for part in before:  # in their order: a database, the server, its workers; S3 is in memory
        if part not in {"s3", "emulator"}:
            stack.kill(part)
            stack.restart(part)
    run = stack.api("GET", f"/flow_runs/{run_id}")
    assert run["state_name"] == "Suspended"
    said = told(stack, run)  # about the chain that came in first, whichever that is
    (other,) = (clip_id for clip_id in film.clip_ids if clip_id not in said)

    with stopwatch("from the first answer to the next form"):
        answer(stack, run_id, decision="approve", note="at last")
        paused_about(stack, run_id, other)
    with stopwatch("from the last answer to the film"):
        answer(stack, run_id, decision="approve")
        film.is_whole(film.ended(run_id))


def test_a_form_whose_process_died_takes_an_answer_that_is_found(
    on_either_database: Stack,
) -> None:
    stack = on_either_database
    film = Film(stack, "Dies while it waits", (1,))
    run_id = film.begin(approve="each-scene")
    paused(stack, run_id)
    (worker,) = worker_of(stack, run_id)
    stack.kill(worker)
    answer(stack, run_id, decision="approve")
    with stopwatch("answered while dead, to the film"):
        film.is_whole(film.ended(run_id))
    stack.restart(worker)


def paused_about(stack: Stack, run_id: str, clip_id: str) -> None:
    """Wait for the form about that clip."""

    def found() -> bool:
        run = stack.api("GET", f"/flow_runs/{run_id}")
        return run["state_type"] == "PAUSED" and clip_id in told(stack, run)

    stack.eventually(found)
