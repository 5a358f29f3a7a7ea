"""A run whose worker died between two states is not left there; a run's death is its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.deployments.acceptance import Film, process_of, stopwatch, worker_of
from tests.deployments.stack import Stack

pytestmark = pytest.mark.slow


@contextmanager
def no_storyboards_workers(stack: Stack) -> Iterator[None]:
    """Nobody who would take a storyboard, or answer for one."""
    workers = [name for name in stack.status() if name.startswith("storyboards")]
    for worker in workers:
        stack.kill(worker)
    try:
        yield
    finally:
        for worker in workers:
            stack.restart(worker)


def put_into(stack: Stack, run_id: str, state_type: str, name: str) -> None:
    """What a worker, or a person, tells the server of a run."""
    said = stack.api(
        "POST", f"/flow_runs/{run_id}/set_state", state={"type": state_type, "name": name}
    )
    assert said["status"] == "ACCEPT", said


def history(stack: Stack, run_id: str) -> dict[str, str]:
    """The names of the states that a run has had, with what was said at the last of each."""
    states = stack.api("GET", f"/flow_run_states/?flow_run_id={run_id}")
    return {each["name"]: each["message"] or "" for each in states}


def begins_again(stack: Stack, run_id: str) -> None:
    """Wait until somebody has scheduled a crashed run."""
    stack.eventually(lambda: "AwaitingRetry" in history(stack, run_id))


def test_runs_that_a_dead_worker_left_between_states_go_on_or_end(unhurried: Stack) -> None:
    cancelled = Film(unhurried, "Left cancelling", (1,))
    cancelling_id = cancelled.begin()
    cancelled.in_flight()
    films = {name: Film(unhurried, f"Left {name}", (1,)) for name in ("Pending", "Submitting")}
    with stopwatch("left between states"), no_storyboards_workers(unhurried):
        put_into(unhurried, cancelling_id, "CANCELLING", "Cancelling")
        runs = {name: film.begin() for name, film in films.items()}
        for name, run_id in runs.items():
            put_into(unhurried, run_id, "PENDING", name)
        ended = unhurried.ended(cancelling_id)
        assert ended["state_type"] == "CANCELLED"
        assert "its worker did not answer" in ended["state"]["message"]
        for run_id in runs.values():
            begins_again(unhurried, run_id)
            assert "not begun for 180 s" in history(unhurried, run_id)["Crashed"]
    for name, film in films.items():
        film.is_whole(film.ended(runs[name]))


def test_a_killed_run_leaves_its_worker_and_the_films_on_it_alone(unhurried: Stack) -> None:
    films = [Film(unhurried, f"One of three {number}", (2,)) for number in range(3)]
    runs = [film.begin() for film in films]
    for film in films:
        film.in_flight()
    before = unhurried.status()
    (scene,) = films[0].scene_runs(runs[0])
    with stopwatch("a storyboard's and a scene's process killed, their workers not"):
        for run_id in (scene["id"], runs[1]):
            (worker,) = worker_of(unhurried, run_id)
            os.kill(process_of(unhurried, worker, run_id), signal.SIGKILL)
        for film, run_id in zip(films, runs, strict=True):
            film.is_whole(film.ended(run_id))
    assert unhurried.status() == before
