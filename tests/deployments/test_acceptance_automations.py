"""A server whose automations died while it started is started again, and then notices deaths."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.deployments.acceptance import Film, psql, sql, stopwatch, worker_of
from tests.deployments.stack import Stack

pytestmark = pytest.mark.slow

WAITING_FOR_IT = (
    "SELECT count(*) FROM pg_locks WHERE relation = 'automation'::regclass AND NOT granted"
)


@contextmanager
def automations_locked(stack: Stack) -> Iterator[None]:
    """Nobody reads the automations, as if the database were too busy to answer."""
    words = psql(stack)
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as held:
        assert held.stdin is not None
        assert held.stdout is not None
        held.stdin.write("BEGIN; LOCK TABLE automation; SELECT 'held';\n")
        held.stdin.flush()
        assert held.stdout.readline() == "held\n"
        try:
            yield
        finally:
            held.stdin.close()


def test_a_server_whose_automations_died_at_its_start_is_started_again(unhurried: Stack) -> None:
    stack = unhurried
    log = stack.folder / "logs/prefect.log"
    said = log.stat().st_size
    with automations_locked(stack):
        stack.kill("prefect")
        stack.restart("prefect")
        stack.eventually(lambda: int(sql(stack, WAITING_FOR_IT)))
        stack.eventually(lambda: not int(sql(stack, WAITING_FOR_IT)))  # it has given up
    film = Film(stack, "Nobody notices", (1,))
    run_id = film.begin()
    film.in_flight()
    (worker,) = worker_of(stack, run_id)
    with stopwatch("a worker and its storyboard killed where no automation is at work"):
        stack.kill(worker)
        stack.eventually(lambda: "no automation answered" in log.read_text()[said:])
        film.is_whole(film.ended(run_id))
    stack.restart(worker)
