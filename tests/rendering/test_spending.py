"""What a render may pay for: until it is stopped, and never twice for the same loss."""

from __future__ import annotations

from pathlib import Path

import pytest

from longtake.clock import SystemClock
from longtake.errors import DiskFull, KeyRefused, OperatorError, RenderStopped
from longtake.ledger import Budget, Ledger, Scope, TakeState
from longtake.rendering.render import Render
from longtake.rendering.slots import job_slot, wait_for_request_slot
from longtake.rendering.spending import Spending, budgets_of
from longtake.rendering.submit_times import SubmitTimes
from longtake.store import Store
from tests.rendering.taken import clip_of, put, until


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


@pytest.fixture
def frugal(ledger: Ledger, tmp_path: Path) -> Spending:
    """The money of a render of which nothing but the least was said."""
    times = SubmitTimes(SystemClock())
    return Spending(ledger, ProvenOnce(tmp_path), run="now", account="mine", submit_times=times)


class ProvenOnce(Store):
    """A store that counts how often it was asked whether it can keep a clip."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder / "store"))
        self.asked = 0

    async def prove(self) -> None:
        self.asked += 1
        if self.asked == 1:
            raise DiskFull("full")


async def test_a_render_begins_with_all_that_it_was_given(
    frugal: Spending, spending: Spending
) -> None:
    assert (frugal.run, frugal.account, frugal.budgets) == ("now", "mine", ())
    assert frugal.stopped_by is None
    assert not frugal.retake_lost
    assert not frugal.pays_again("a")
    assert isinstance(frugal.submit_times, SubmitTimes)
    assert spending.retake_lost


async def test_a_store_is_asked_until_it_is_proven_and_no_more(
    frugal: Spending,
) -> None:
    with pytest.raises(DiskFull):
        await frugal.prove_store()
    for _ in range(3):
        await frugal.prove_store()
    assert isinstance(frugal._store, ProvenOnce)
    assert frugal._store.asked == 2


async def test_the_ledgers_word_that_anybody_may_send_holds_for_a_second(
    spending: Spending,
) -> None:
    assert not spending.is_free_now(0.0)
    spending.note_free(100.0, 0.0)
    assert spending.is_free_now(100.99)
    assert not spending.is_free_now(101.0)
    spending.note_free(100.0, 0.5)
    assert not spending.is_free_now(100.0)


async def test_a_429_takes_the_ledgers_word_back_at_once(
    spending: Spending, ledger: Ledger
) -> None:
    spending.note_free(100.0, 0.0)
    spending.keep_others_away(30)
    assert not spending.is_free_now(100.0)
    await until(lambda: ledger.hold_seconds("mine"))


async def test_two_clips_that_ask_for_one_take_wait_for_each_other(spending: Spending) -> None:
    assert spending.lock_for("a") is spending.lock_for("a")
    assert spending.lock_for("a") is not spending.lock_for("b")


async def test_what_failed_in_this_render_is_told_from_what_did_before(
    spending: Spending, ledger: Ledger
) -> None:
    for number, run in ((1, "now"), (2, "earlier")):
        take = await put(ledger, clip_of(), number, TakeState.FAILED, run=run)
        assert await spending.failed_now(take.fingerprint) is (run == "now")


async def test_a_render_that_was_stopped_says_so(spending: Spending) -> None:
    spending.stop(DiskFull("full"))
    with pytest.raises(RenderStopped) as caught:
        spending.refuse_if_stopped()
    assert str(caught.value) == "not submitted: the render had been stopped"


def test_each_budget_has_its_name() -> None:
    assert list(budgets_of(0.0, 2.0)) == [
        Budget("this render's budget", 0.0, Scope.RUN),
        Budget("the daily budget", 2.0, Scope.DAY),
    ]
