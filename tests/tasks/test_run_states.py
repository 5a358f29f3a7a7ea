"""What a render's phase is called, and how often a run has begun."""

from __future__ import annotations

from datetime import timedelta

from tasks.run_states import beginnings, phase_of
from tests.rendering.run_page.scenes import (
    FILM,
    NOW,
    clip,
    run_of,
    stored,
    under_way,
)


def test_a_run_is_called_by_its_phase() -> None:
    assert phase_of(run_of(clip("a/1.1"))) is None
    assert phase_of(run_of(under_way("a/1.1"), clip("a/1.2"))) == "Rendering"
    assert phase_of(run_of(stored("a/1.1"))) == "Assembling"
    assert phase_of(run_of(stored("a/1.1"), film=FILM)) is None
    assert phase_of(run_of(under_way("a/1.1"), state="paused")) is None


def test_going_on_in_another_process_after_an_answer_is_no_beginning() -> None:
    from prefect.states import AwaitingRetry, Crashed, Pending, Running, Scheduled, Suspended

    answered = [Suspended(), Scheduled(name="Resuming"), Pending(), Running()]
    died = [Crashed(), AwaitingRetry(), Pending(), Running()]
    states = [Pending(), Running(), *answered, *answered, Suspended(), *died]
    history = [
        state.model_copy(update={"timestamp": NOW + timedelta(seconds=second)})
        for second, state in enumerate(states)
    ]
    assert beginnings(history) == 2


def test_pauses_and_names_of_phases_are_no_beginnings() -> None:
    from prefect.states import AwaitingRetry, Crashed, Paused, Pending, Running

    states = [
        Pending(),
        Running(),
        Running(name="Rendering"),
        Paused(),
        Running(),
        Crashed(),
        AwaitingRetry(),
        Pending(),
        Running(),
    ]
    history = [
        state.model_copy(update={"timestamp": NOW + timedelta(seconds=second)})
        for second, state in enumerate(states)
    ]
    assert beginnings(history[::-1]) == 2
