"""The gate in front of all calls, against a clock that the tests turn by hand."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from itertools import pairwise

import anyio
import pytest

from longtake.segmind.retry import LONGEST_WAIT_SECONDS
from longtake.segmind.throttle import WINDOW_SECONDS, Throttle


@dataclass
class HandClock:
    """Sleeping moves the time; nobody waits."""

    seconds: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.seconds += seconds
        await anyio.lowlevel.checkpoint()


def throttle_of(clock: HandClock, requests_per_minute: int | None = None) -> Throttle:
    return Throttle(requests_per_minute, clock=clock.now, sleep=clock.sleep)


async def starts(
    throttle: Throttle, clock: HandClock, count: int, *, look: bool = False
) -> list[float]:
    """Start ``count`` calls side by side and return when each started."""
    moments: list[float] = []

    async def call() -> None:
        await throttle.turn(look=look)
        moments.append(clock.seconds)

    async with anyio.create_task_group() as group:
        for _ in range(count):
            group.start_soon(call)
    return moments


async def test_without_a_budget_nobody_waits() -> None:
    clock = HandClock()
    await starts(throttle_of(clock), clock, 500)
    assert clock.slept == []


async def test_never_more_calls_in_a_minute_than_the_budget() -> None:
    clock = HandClock()
    moments = await starts(throttle_of(clock, 5), clock, 23)
    for moment in moments:
        assert sum(moment <= other < moment + 60 for other in moments) <= 5


async def test_calls_of_a_client_before_this_one_count_in_its_budget() -> None:
    clock, calls = HandClock(), deque[float]()
    for _ in range(2):
        throttle = Throttle(3, clock=clock.now, sleep=clock.sleep, calls=calls)
        await starts(throttle, clock, 2)
    assert [moment - calls[0] for moment in calls] == [0, 0, 0, WINDOW_SECONDS]


async def test_calls_within_the_budget_start_at_once() -> None:
    clock = HandClock()
    await starts(throttle_of(clock, 5), clock, 5)
    assert clock.slept == []


async def test_looks_leave_a_quarter_of_the_budget_to_other_calls() -> None:
    clock = HandClock()
    moments = await starts(throttle_of(clock, 8), clock, 20, look=True)
    most = max(sum(one <= other < one + 60 for other in moments) for one in moments)
    assert most == 6


async def test_a_call_does_not_stand_behind_the_looks_of_many_jobs() -> None:
    clock = HandClock()
    throttle = throttle_of(clock, 8)
    async with anyio.create_task_group() as group:
        for _ in range(100):
            group.start_soon(lambda: throttle.turn(look=True))
        await anyio.lowlevel.checkpoint()
        (moment,) = await starts(throttle, clock, 1)
        group.cancel_scope.cancel()
    assert moment == 1000.0


async def test_looks_and_other_calls_together_keep_the_budget() -> None:
    clock = HandClock()
    throttle = throttle_of(clock, 5)
    moments: list[float] = []

    async def call(look: bool) -> None:
        await throttle.turn(look=look)
        moments.append(clock.seconds)

    async with anyio.create_task_group() as group:
        for number in range(24):
            group.start_soon(call, number % 2 == 0)
    for moment in moments:
        assert sum(moment <= other < moment + 60 for other in moments) <= 5


async def test_a_budget_of_one_still_lets_looks_pass() -> None:
    clock = HandClock()
    assert len(await starts(throttle_of(clock, 1), clock, 3, look=True)) == 3


async def test_after_a_429_everybody_waits_for_the_hint() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    throttle.slow_down(5.0)
    moments = await starts(throttle, clock, 4)
    assert moments[0] == pytest.approx(1005.0)


async def test_the_waiting_crowd_starts_one_by_one() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    throttle.slow_down(5.0)
    moments = await starts(throttle, clock, 4)
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert gaps == pytest.approx([0.5, 0.5, 0.5])


async def test_success_forgets_the_gap() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    throttle.slow_down(1.0)
    await throttle.turn()
    for _ in range(6):
        throttle.went_well()
    before = clock.seconds
    await starts(throttle, clock, 10)
    assert clock.seconds == before


async def test_each_success_halves_the_gap_until_it_is_forgotten() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    throttle.slow_down(0.0)
    gaps = []
    for _ in range(6):
        first, second = await starts(throttle, clock, 2)
        gaps.append(second - first)
        throttle.went_well()
    assert gaps == [0.5, 0.25, 0.125, 0.0625, 0.03125, 0.0]


def test_others_are_told_for_how_long_a_429_closed_the_gate() -> None:
    told: list[float] = []
    clock = HandClock()
    throttle = Throttle(clock=clock.now, sleep=clock.sleep, on_closed=told.append)
    throttle.slow_down(7.0)
    throttle.slow_down(1e6)
    assert told == [7.0, LONGEST_WAIT_SECONDS]


async def test_without_a_hint_the_wait_doubles_up_to_the_cap() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    waits = []
    for _ in range(9):
        waits.append(throttle.slow_down())
        await throttle.turn()
    assert waits[:4] == [1.0, 2.0, 4.0, 8.0]
    assert waits[-1] == LONGEST_WAIT_SECONDS


def test_429s_of_calls_under_way_count_once() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    assert [throttle.slow_down() for _ in range(5)] == [1.0] * 5


async def test_success_starts_the_back_off_afresh() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    for _ in range(4):
        throttle.slow_down()
        await throttle.turn()
    throttle.went_well()
    assert throttle.slow_down() == 1.0


def test_a_hint_of_a_day_is_capped() -> None:
    assert throttle_of(HandClock()).slow_down(86400.0) == LONGEST_WAIT_SECONDS


def test_a_budget_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="requests_per_minute"):
        Throttle(0)


async def test_a_shorter_hint_opens_no_gate_that_a_longer_one_closed() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    assert [throttle.slow_down(9.0), throttle.slow_down(2.0)] == [9.0, 2.0]
    throttle.went_well()  # of a call from before: the gate stays closed, and the gap as wide
    moments = await starts(throttle, clock, 2)
    assert moments == pytest.approx([1009.0, 1009.5])


async def test_a_429_after_the_gate_has_opened_doubles_the_wait_and_one_before_does_not() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    assert throttle.slow_down() == 1.0
    clock.seconds += 0.25
    assert throttle.slow_down() == 0.75
    clock.seconds += 0.75
    assert throttle.slow_down() == 2.0


async def test_success_forgets_the_back_off_only_after_the_gate_has_opened() -> None:
    clock = HandClock()
    throttle = throttle_of(clock)
    throttle.slow_down()
    throttle.went_well()
    clock.seconds += 1.0
    assert throttle.slow_down() == 2.0
    clock.seconds += 2.0
    throttle.went_well()
    assert throttle.slow_down() == 1.0


async def test_a_budget_of_one_is_one_call_in_a_window() -> None:
    clock = HandClock()
    moments = await starts(throttle_of(clock, 1), clock, 3)
    assert moments == [1000.0, 1000.0 + WINDOW_SECONDS, 1000.0 + 2 * WINDOW_SECONDS]


async def test_without_a_budget_no_call_is_counted_of_another_client() -> None:
    clock, calls = HandClock(), deque[float]()
    throttle = Throttle(clock=clock.now, sleep=clock.sleep, calls=calls)
    await starts(throttle, clock, 2)
    await starts(throttle, clock, 1, look=True)
    assert list(calls) == [1000.0] * 3
    assert clock.slept == []
