"""When a submit may still leave, and how old it is: by a clock that nobody sets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from longtake.ledger import Slate
from longtake.rendering.render import Render
from longtake.rendering.submit_times import LEAST_SECONDS, SubmitTimes
from longtake.rendering.submitting import HELD_UP_TIMES, send
from longtake.rendering.takes import Take
from tests.rendering.plain import STEPS, Workshop, board
from tests.rendering.tiny import TinyHost, tiny_emulator


class SetClock:
    def __init__(self) -> None:
        self.wall, self.ticks = datetime(2026, 1, 1, tzinfo=UTC), 100.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.ticks

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.mark.parametrize("set_by", [timedelta(hours=-3), timedelta(days=2)])
def test_a_clock_that_is_set_makes_no_submit_older(clock: SetClock, set_by: timedelta) -> None:
    times = SubmitTimes(clock)
    times.note("take")
    clock.wall += set_by
    clock.ticks += 7
    assert times.age_seconds("take") == 7


def test_what_another_process_sent_has_no_age_here(clock: SetClock) -> None:
    assert SubmitTimes(clock).age_seconds("take") is None


@pytest.mark.parametrize(("ticks", "wall"), [(61, 61), (61, -3000), (0, 61)])
def test_after_a_process_was_frozen_or_its_machine_slept_nothing_leaves(
    clock: SetClock, ticks: float, wall: float
) -> None:
    times = SubmitTimes(clock)
    times.note("take")
    assert times.may_leave("take", 60)
    clock.ticks += ticks
    clock.wall += timedelta(seconds=wall)
    assert not times.may_leave("take", 60)


def test_impatient_settings_leave_a_request_a_few_seconds(clock: SetClock) -> None:
    times = SubmitTimes(clock)
    times.note("take")
    clock.ticks += LEAST_SECONDS
    assert times.may_leave("take", 0.1)


async def test_a_submit_that_a_busy_machine_holds_up_is_no_failed_attempt(
    workshop: Workshop,
) -> None:
    class Dozing(SubmitTimes):
        """A machine that falls asleep in the last moment, all but once too often."""

        times = HELD_UP_TIMES - 1

        def may_leave(self, attempt_id: str, within_seconds: float) -> bool:
            self.times -= 1
            return self.times < 0 and super().may_leave(attempt_id, within_seconds)

    async def submit(render: Render, take: Take) -> Slate:
        render.spending.submit_times = Dozing(render.clock)
        return await send(render, take)

    with tiny_emulator(workshop) as emulator:
        steps = replace(STEPS, submit=submit)
        ended = await workshop.render(emulator, board("waves"), host=TinyHost(), steps=steps)
    assert ended.error is None
    assert len(ended.accepted) == 1
