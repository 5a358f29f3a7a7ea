"""A render may be killed anywhere: the same command ends it, and nothing is paid for twice."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.crash import Call, Outcome, Renders, renders_of, start_fork_server
from tests.end_to_end.crash_child import Moment, Point

pytestmark = pytest.mark.crash

# A second of each clip is kept: short to encode, and the hand-over is not at the file's end.
STORYBOARD = """\
title: A long take
look: {seed: 7}
scenes:
  - name: chained
    shots:
      - {prompt: a lighthouse at dusk, seconds: 1}
      - {prompt: the lamp is lit, seconds: 1}
"""
UNSEEDED = STORYBOARD.replace("look: {seed: 7}\n", "")
KILLED = -signal.SIGKILL


@pytest.fixture(scope="module", autouse=True)
def fork_server(prefect_server: None) -> None:
    start_fork_server()


@pytest.fixture(scope="module")
def whole(fork_server: None, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What a render leaves that nobody disturbed."""
    with renders_of(tmp_path_factory.mktemp("whole"), STORYBOARD) as renders:
        assert renders.render() == 0, renders.said()
        outcome = renders.outcome()
    assert [outcome.frames_of(clip_id) for clip_id in outcome.run.clips] == [81, 81]
    assert outcome.faults(outcome) == []
    return outcome


@pytest.fixture
def renders(tmp_path: Path) -> Iterator[Renders]:
    with renders_of(tmp_path, STORYBOARD) as renders:
        yield renders


BEFORE, WITHIN, AFTER = Moment
T2V, I2V = 1, 2  # the clips make their calls one after another

POINTS: dict[str, Point | Call] = {
    "when the i2v POST is announced and has not left": Point(AFTER, "sending", I2V),
    "when the t2v POST has left and was never seen": Call("before_accept", T2V, unseen=True),
    "when the i2v POST has left, just before it is accepted": Call("before_accept", I2V),
    "when the t2v take is accepted and not answered": Call("accepted", T2V),
    "when the i2v take is about to be answered": Call("before_answer", I2V),
    "before the t2v take's request id is committed": Point(BEFORE, "submitted", T2V),
    "between the i2v clip's way into the store and its record": Point(BEFORE, "kept", I2V),
    "when the t2v clip has its final name": Point(BEFORE, "report of the stored clip", T2V),
}
"""In each there is one call of the step for each clip."""

QUICK = "when the t2v take is accepted and not answered"
"""Enough to notice at every change that one of the ways to pay twice stands open."""

# Each begins where the one before it left the take, and what is stored makes no calls any more.
WALK: list[Point | Call] = [
    Point(WITHIN, "intend"),
    Point(AFTER, "intend"),
    Point(WITHIN, "sending"),
    Point(AFTER, "sending"),
    Point(WITHIN, "ambiguous"),
    Point(AFTER, "ambiguous"),
    Point(WITHIN, "reopen"),
    Point(AFTER, "reopen"),
    Call("accepted"),
    Point(WITHIN, "submitted"),
    Point(AFTER, "submitted"),
    Point(WITHIN, "completed"),
    Point(AFTER, "completed"),
    Point(AFTER, "put"),
    Point(WITHIN, "kept"),
    Point(AFTER, "kept"),
]
HANDOVER = [
    Point(AFTER, "extract"),
    Point(AFTER, "remember_frame"),
    Point(AFTER, "upload"),
    Point(AFTER, "remember_upload"),
]
JOIN = [Point(AFTER, "encode"), Point(AFTER, "join")]


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(at, id=name, marks=() if name == QUICK else pytest.mark.slow)
        for name, at in POINTS.items()
    ],
)
def test_a_render_killed_anywhere_is_ended_by_the_same_command(
    at: Point | Call, renders: Renders, whole: Outcome
) -> None:
    assert renders.render(at) == KILLED, renders.said()
    assert renders.render() == 0, renders.said()
    assert renders.outcome().faults(whole) == []


@pytest.mark.slow
def test_a_render_killed_at_every_step_of_its_way_pays_once(
    renders: Renders, whole: Outcome
) -> None:
    for number, at in enumerate([*WALK, *HANDOVER, *WALK, *JOIN]):
        assert renders.render(at) == KILLED, f"{number}, {at}: {renders.said()}"
    assert renders.render() == 0, renders.said()
    assert renders.outcome().faults(whole) == []


@pytest.mark.slow
def test_a_killed_blocking_call_is_found_in_the_history(tmp_path: Path, whole: Outcome) -> None:
    with renders_of(tmp_path, STORYBOARD, {"endpoint": "v1"}) as renders:
        assert renders.render(Call("accepted", T2V)) == KILLED, renders.said()
        assert renders.render(Point(BEFORE, "completed")) == KILLED, renders.said()
        assert renders.render() == 0, renders.said()
        assert renders.outcome().faults(whole) == []


@pytest.mark.slow
def test_a_seed_drawn_by_chance_outlives_its_render(tmp_path: Path) -> None:
    with renders_of(tmp_path, UNSEEDED) as renders:
        assert renders.render(Call("accepted", T2V)) == KILLED, renders.said()
        assert renders.render() == 0, renders.said()
        outcome = renders.outcome()
    assert outcome.faults(outcome) == []
