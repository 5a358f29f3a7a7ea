"""What a render may pay for: until it is stopped, and never twice for the same loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.clock import SystemClock
from longtake.errors import DiskFull, KeyRefused, OperatorError, RenderStopped
from longtake.ledger import Ledger, Scope
from longtake.rendering.render import Render
from longtake.rendering.slots import job_slot, wait_for_request_slot
from longtake.rendering.spending import Spending, budgets_of
from longtake.rendering.submit_times import SubmitTimes
from longtake.store import Store
from tests.rendering.taken import until


@pytest.fixture
def spending(ledger: Ledger, tmp_path: Path) -> Spending:
    """The money of a render that may pay again for what was lost."""
    store = Store(str(tmp_path / "store"))
    return Spending(
        ledger,
        store,
        run="now",
        account="mine",
        retake_lost=True,
        submit_times=SubmitTimes(SystemClock()),
    )


async def test_the_first_reason_to_stop_stays_until_it_is_fixed(spending: Spending) -> None:
    spending.refuse_if_stopped()
    spending.stop(DiskFull("full"))
    spending.stop(OperatorError("later"))
    assert isinstance(spending.stopped_by, DiskFull)
    with pytest.raises(RenderStopped):
        spending.refuse_if_stopped()
    spending.go_on()
    spending.refuse_if_stopped()


async def test_a_lost_take_is_paid_for_again_once(spending: Spending) -> None:
    assert spending.pays_again("a")
    spending.pay_again("a")
    assert not spending.pays_again("a")
    assert spending.pays_again("b")


def test_budgets_are_those_that_were_given() -> None:
    assert [each.scope for each in budgets_of(1.0, 2.0)] == [Scope.RUN, Scope.DAY]
    assert [each.limit_usd for each in budgets_of(None, 2.0)] == [2.0]
    assert list(budgets_of(None, None)) == []


async def test_after_a_429_all_who_share_the_ledger_and_the_account_wait(
    spending: Spending, ledger: Ledger
) -> None:
    spending.keep_others_away(30)
    await until(lambda: ledger.hold_seconds("mine"))
    assert 0 < await ledger.hold_seconds("mine") <= 30
    assert await ledger.hold_seconds("another") == 0


async def test_a_render_that_is_stopping_begins_no_job(render: Render) -> None:
    async with job_slot(render):
        render.spending.refuse_if_stopped()
    render.spending.stop(KeyRefused("no"))
    with pytest.raises(RenderStopped):
        async with job_slot(render):
            pytest.fail("a job began")


async def test_a_request_waits_until_the_service_may_be_asked_again(render: Render) -> None:
    await render.ledger.hold_off(render.spending.account, 0.05)
    await wait_for_request_slot(render)
    assert await render.ledger.hold_seconds(render.spending.account) == 0
