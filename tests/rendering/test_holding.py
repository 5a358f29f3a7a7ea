"""A take belongs to one render at a time."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest

from longtake.clock import Clock
from longtake.errors import BudgetReached, ClipLost, LeaseLost
from longtake.ledger import Slate, TakeState
from longtake.rendering.holding import holding, reopen, reserve, until_free
from longtake.rendering.render import Render
from longtake.rendering.takes import Take, take_for
from tests.rendering.plain import Workshop, board
from tests.rendering.taken import NO_IMAGES, OWNER, put, until


def take_in(render: Render) -> Take:
    """The first take of the render's only clip."""
    return take_for(render.plan.clips[0], 1, NO_IMAGES)


async def test_a_take_is_given_back_by_a_block_that_does_not_bring_it_to_its_end(
    render: Render,
) -> None:
    take = take_in(render)

    async def hold() -> None:
        async with holding(render, take) as slate:
            assert slate is not None
            assert (slate.state, slate.owner) == (TakeState.INTENDED, render.owner)
            raise ClipLost("it cannot be had")

    with pytest.raises(ClipLost):
        await hold()
    assert (await render.ledger.get(take.fingerprint)).owner is None


async def test_the_slower_of_two_gets_nothing_to_work_on(render: Render) -> None:
    take = await put(render.ledger, render.plan.clips[0], 1, TakeState.SUBMITTED)
    async with holding(render, take) as slate:
        assert slate is None
    assert (await render.ledger.get(take.fingerprint)).owner == OWNER


async def test_what_another_living_render_works_on_is_waited_for(render: Render) -> None:
    take = await put(render.ledger, render.plan.clips[0], 1, TakeState.SUBMITTED)
    slate = await render.ledger.get(take.fingerprint)
    waiting = asyncio.create_task(until_free(render, take, slate))

    async def told() -> bool:
        return bool(render.report.clip(take.clip).remark)

    await until(told)
    assert not waiting.done()
    who = OWNER.rpartition("/")[0]
    assert render.report.clip(take.clip).remark == f"another render works on it ({who})"
    await render.ledger.release(OWNER)
    freed = await waiting
    assert freed is not None
    assert (freed.fingerprint, freed.owner) == (take.fingerprint, None)


async def test_an_account_that_others_hold_off_is_told_with_the_claim(render: Render) -> None:
    assert (await reserve(render, take_in(render))).hold_seconds == 0
    assert render.spending.is_free_now(render.clock.monotonic())
    await render.ledger.hold_off(render.spending.account, 300)
    assert 0 < (await reserve(render, take_in(render))).hold_seconds <= 300
    assert not render.spending.is_free_now(render.clock.monotonic())


async def test_what_another_render_went_on_with_is_not_opened_again(render: Render) -> None:
    take = await put(render.ledger, render.plan.clips[0], 1, TakeState.REFUSED)
    seen = await render.ledger.get(take.fingerprint)
    async with holding(render, take):
        pass
    with pytest.raises(LeaseLost):
        await reopen(render, seen)


async def test_what_an_earlier_render_was_refused_is_opened_again(render: Render) -> None:
    take = await put(render.ledger, render.plan.clips[0], 1, TakeState.REFUSED)
    async with holding(render, take) as slate:
        assert slate is not None
        assert slate.state is TakeState.INTENDED


@pytest.mark.parametrize("retake_lost", [False, True])
async def test_a_lost_take_stays_lost_unless_it_may_be_paid_again(
    render: Render, retake_lost: bool
) -> None:
    render.spending.retake_lost = retake_lost
    take = await put(render.ledger, render.plan.clips[0], 1, TakeState.LOST)
    async with holding(render, take) as slate:
        assert slate is not None
        assert slate.state is (TakeState.INTENDED if retake_lost else TakeState.LOST)


async def test_a_take_that_no_budget_has_room_for_is_not_held(workshop: Workshop) -> None:
    keeping = {"daily_budget_usd": 0.01}
    async with workshop.opened(board("a boat"), keeping=keeping) as render:
        with pytest.raises(BudgetReached):
            await reserve(render, take_in(render))
        assert await render.ledger.find(take_in(render).fingerprint) is None


@pytest.fixture
def ended_pid() -> int:
    """The id of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    return gone.pid


async def test_the_take_of_a_process_that_has_ended_is_free_at_once(
    render: Render, ended_pid: int
) -> None:
    place, _, rest = render.owner.rpartition("/")
    owner = f"{place.rpartition('/')[0]}/{ended_pid}/{rest}"
    take = take_in(render)
    await render.ledger.intend(take.intent("One take"), owner=owner, run="r", lease_seconds=60)
    await until_free(render, take, await render.ledger.get(take.fingerprint))
    assert (await render.ledger.get(take.fingerprint)).owner is None


class Passing:
    """A clock on which nothing but this very task's waiting takes time."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._task = clock, asyncio.current_task()
        self.waits: list[float] = []

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return sum(self.waits)

    async def sleep(self, seconds: float) -> None:
        if asyncio.current_task() is self._task:
            self.waits.append(seconds)
        else:
            await self._clock.sleep(seconds)


async def test_a_lease_that_nobody_renews_has_run_out_whatever_the_clock_says(
    workshop: Workshop,
) -> None:
    async with workshop.opened(board("a boat"), keeping={"lease_seconds": 5}) as render:
        render.clock = clock = Passing(render.clock)
        take = await put(render.ledger, render.plan.clips[0], 1, TakeState.SUBMITTED)
        other = await put(render.ledger, render.plan.clips[0], 2, TakeState.SUBMITTED)
        slate = await until_free(render, take, await render.ledger.get(take.fingerprint))
        assert slate is not None
        assert (await render.ledger.get(take.fingerprint)).owner is None
        assert (await render.ledger.get(other.fingerprint)).owner == OWNER
    assert 50 < clock.monotonic() < 53, "ten leases"
    assert clock.waits[0] == 0.5
    assert clock.waits == sorted(clock.waits)
    assert max(clock.waits) == 1.25


async def test_a_lease_that_is_renewed_is_waited_for_as_long_as_it_takes(
    workshop: Workshop,
) -> None:
    async with workshop.opened(board("a boat"), keeping={"lease_seconds": 5}) as render:
        take = await put(render.ledger, render.plan.clips[0], 1, TakeState.SUBMITTED)

        class Renewed(Passing):
            async def sleep(self, seconds: float) -> None:
                await super().sleep(seconds)
                if asyncio.current_task() is not self._task:
                    return
                await render.ledger.heartbeat(OWNER, 60 + self.monotonic())
                if self.monotonic() > 200:
                    await render.ledger.release(OWNER)

        render.clock = clock = Renewed(render.clock)
        slate = await until_free(render, take, await render.ledger.get(take.fingerprint))
        assert slate is not None
        assert slate.owner is None
    assert 200 < clock.monotonic() < 203


async def test_what_is_opened_again_is_held_by_this_run_for_its_lease_and_in_its_budget(
    workshop: Workshop,
) -> None:
    async with workshop.opened(board("a boat"), keeping={"lease_seconds": 33}) as render:
        take = await put(render.ledger, render.plan.clips[0], 1, TakeState.REFUSED)
        async with holding(render, take) as slate:
            assert slate is not None
            assert (slate.owner, slate.run) == (render.owner, render.run)
            assert slate.lease_expires_at is not None
            assert slate.lease_expires_at - slate.updated_at == timedelta(seconds=33)
    keeping = {"daily_budget_usd": 0.01}
    async with workshop.opened(board("a boat"), keeping=keeping) as render:
        poor = await put(render.ledger, render.plan.clips[0], 2, TakeState.REFUSED)
        with pytest.raises(BudgetReached):
            await reopen(render, await render.ledger.get(poor.fingerprint))


async def test_a_lost_take_is_paid_for_once_more_in_a_render_and_not_twice(render: Render) -> None:
    render.spending.retake_lost = True
    take = await put(render.ledger, render.plan.clips[0], 1, TakeState.LOST)
    async with holding(render, take) as slate:
        assert slate is not None
    await render.ledger.sending(take.fingerprint, render.owner)
    await render.ledger.submitted(take.fingerprint, render.owner, "once more")
    await render.ledger.lost(take.fingerprint, render.owner, "gone again")
    async with holding(render, take) as slate:
        assert slate is not None
        assert slate.state is TakeState.LOST


async def test_nothing_is_worked_on_where_another_has_just_opened_it_again(
    render: Render, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = await put(render.ledger, render.plan.clips[0], 1, TakeState.REFUSED)
    by_this = render.ledger.reopen

    async def too_late(name: str, owner: str, **facts: Any) -> Slate:
        await by_this(name, OWNER, lease_seconds=60)
        return await by_this(name, owner, **facts)

    monkeypatch.setattr(render.ledger, "reopen", too_late)
    async with holding(render, take) as slate:
        assert slate is None


@pytest.mark.parametrize(
    ("by_an_emulator", "run", "state"),
    [
        (True, "earlier", TakeState.LOST),
        (True, None, TakeState.SUBMITTED),
        (False, "earlier", TakeState.SUBMITTED),
    ],
)
async def test_a_job_ends_with_the_emulator_that_took_it(
    render: Render, by_an_emulator: bool, run: str | None, state: TakeState
) -> None:
    render.report.record.emulated = by_an_emulator
    clip, run = render.plan.clips[0], run or render.run
    take = await put(render.ledger, clip, 1, TakeState.SUBMITTED, run=run)
    await render.ledger.release(OWNER)
    async with holding(render, take) as slate:
        assert slate is not None
        assert slate.state is state
