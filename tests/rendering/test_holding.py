"""A take belongs to one render at a time."""

from __future__ import annotations

import asyncio

import pytest

from longtake.errors import BudgetReached, ClipLost, LeaseLost
from longtake.ledger import TakeState
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
