"""The 15-line flow of docs/python.md may be killed anywhere: run again, it pays once."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.end_to_end.crash import Call, FlowRuns, renders_of, start_fork_server
from tests.end_to_end.crash_child import Moment, Point
from tests.end_to_end.test_python import example

pytestmark = pytest.mark.crash

FLOW = example("async def two_clips")
KILLED = -signal.SIGKILL


@pytest.fixture(scope="module", autouse=True)
def fork_server(prefect_server: None) -> None:
    start_fork_server()


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(
            Call("accepted", 1),
            id="when the t2v take is accepted and not answered",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            Point(Moment.BEFORE, "kept", 2),
            id="between the i2v clip's way into the store and its record",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            Call("before_accept", 2),
            id="when the i2v POST has left, just before it is accepted",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            Point(Moment.AFTER, "extract"),
            id="when the last frame has been taken",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            Point(Moment.AFTER, "join"), id="when the film is joined", marks=pytest.mark.slow
        ),
    ],
)
def test_the_flow_killed_anywhere_is_ended_by_its_next_run(
    at: Point | Call, tmp_path: Path
) -> None:
    with renders_of(tmp_path, FLOW, kind=FlowRuns) as runs:
        assert runs.render(at) == KILLED, runs.said()
        assert runs.render() == 0, runs.said()
        outcome = runs.outcome()
    assert len(outcome.accepted) == 2
    assert outcome.faults(outcome) == []
    assert outcome.film["segments"]
