"""Machines that die and servers that go away: every film comes, and each clip is paid once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.deployments.acceptance import Film, process_of, stopwatch, worker_of
from tests.deployments.stack import Stack

pytestmark = pytest.mark.slow

MINUTE = 60


@contextmanager
def killed(stack: Stack, run_id: str) -> Iterator[str]:
    """The worker of a run and the run's own process, both killed; the worker is back afterwards."""
    (worker,) = worker_of(stack, run_id)
    assert process_of(stack, worker, run_id)
    stack.kill(worker)
    assert stack.status()[worker] is None
    assert not process_of(stack, worker, run_id)
    try:
        yield worker
    finally:
        stack.restart(worker)


def test_a_scene_goes_on_at_the_other_worker_when_its_own_is_killed(unhurried: Stack) -> None:
    film = Film(unhurried, "A scene dies", (2,))
    run_id = film.begin()
    film.in_flight()
    (scene,) = film.scene_runs(run_id)
    with stopwatch("a scene's worker and run killed"), killed(unhurried, scene["id"]):
        run = film.ended(run_id)
    film.is_whole(run)
    assert worker_of(unhurried, scene["id"]) == {"scenes-1", "scenes-2"}


def test_a_storyboard_goes_on_at_the_other_worker_when_its_own_is_killed(unhurried: Stack) -> None:
    film = Film(unhurried, "A storyboard dies", (2, 1))
    run_id = film.begin()
    film.in_flight(2)
    with stopwatch("a storyboard's worker and run killed"), killed(unhurried, run_id):
        run = film.ended(run_id)
    film.is_whole(run)
    assert worker_of(unhurried, run_id) == {"storyboards-1", "storyboards-2"}
    assert len(film.scene_runs(run_id)) == 2


@pytest.mark.parametrize("part", ["prefect", "postgres"])
def test_a_server_that_is_killed_and_started_again_amid_clips(part: str, unhurried: Stack) -> None:
    film = Film(unhurried, f"The {part} dies", (2, 1))
    run_id = film.begin()
    film.in_flight(2)
    before = unhurried.status()[part]
    with stopwatch(f"{part} killed and started again"):
        unhurried.kill(part)
        unhurried.restart(part)
        assert unhurried.status()[part] not in (None, before)
        run = film.ended(run_id)
    film.is_whole(run)


def test_clips_that_come_while_the_store_hangs_for_a_minute_are_kept(unhurried: Stack) -> None:
    film = Film(unhurried, "The store hangs", (2, 1))
    run_id = film.begin()
    film.in_flight(2)
    with stopwatch("S3 frozen for a minute"):
        unhurried.freeze("s3")
        time.sleep(MINUTE)  # what is tried, not what is waited for
        assert {job["state"] for job in film.jobs()} == {"COMPLETED"}
        assert len(film.jobs()) == 2  # neither went on: no follower is bought on a clip not kept
        unhurried.thaw("s3")
        run = film.ended(run_id)
    film.is_whole(run)
