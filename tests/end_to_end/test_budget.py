"""A budget stops the spending and nothing else; more money and the same command finish the film."""

from __future__ import annotations

from typing import Literal

import pytest

from longtake.emulator import RunningEmulator
from longtake.errors import BudgetReached, LongtakeError, OutOfCredits
from tests.end_to_end.conftest import Ending, Harness

pytestmark = pytest.mark.slow

ONE = """\
title: One
look: {seed: 7}
scenes: [{name: one, shots: [{prompt: a sailing boat at dawn, seconds: 1}]}]
"""
TWO = ONE.replace("seconds: 1}", "seconds: 1}, {prompt: it turns, seconds: 1}")
THREE = """\
title: Three
look: {seed: 7}
scenes:
  - name: chained
    shots: [{prompt: a lighthouse at dusk, seconds: 1}, {prompt: the lamp is lit, seconds: 1}]
  - name: alone
    shots: [{prompt: a sailing boat at dawn, seconds: 1}]
"""


def billed(ending: Ending) -> float:
    return round(sum(request.price_usd for request in ending.accepted), 6)


def kept(ending: Ending) -> set[str]:
    return {clip.id for clip in ending.run.clips.values() if clip.stage.ended_well}


def assert_stopped(ending: Ending, kind: type[LongtakeError], *, way_on: str) -> None:
    """It ended for want of money, says how to go on, and has every clip that was accepted."""
    assert isinstance(ending.error, kind)
    assert ending.error.exit_code == 3
    assert way_on in str(ending.error)
    assert ending.run.state == "incomplete"
    assert not ending.film.exists()
    assert len(kept(ending)) == len(ending.accepted)
    assert all(
        (ending.folder / str(ending.run.clips[name].file)).is_file() for name in kept(ending)
    )


async def test_a_budget_stops_before_the_clip_that_does_not_fit_and_more_of_it_pays_only_the_rest(
    harness: Harness,
) -> None:
    with harness.emulator() as emulator:
        short = await harness.render_on(emulator, THREE, budget_usd=0.2)
        assert_stopped(short, BudgetReached, way_on="raise the budget and render again")
        assert isinstance(short.error, BudgetReached)
        assert (short.error.limit_usd, short.error.needed_usd) == (0.2, 0.09)
        assert kept(short) == {"chained/1.1", "alone/1.1"}
        assert billed(short) == 0.2

        whole = await harness.render_on(emulator, THREE, budget_usd=0.09)
        assert whole.error is None
        assert whole.film.is_file()
        assert billed(whole) == 0.09
        assert whole.run.totals.usd == 0.09
        assert whole.run.totals.reused_usd == 0.2

        free = await harness.render_on(emulator, THREE, budget_usd=0)
    assert free.error is None
    assert not free.accepted


async def test_what_is_in_flight_when_the_budget_ends_is_finished_and_kept(
    harness: Harness,
) -> None:
    """Both chains start at once and only one clip fits: the other is refused while it is made."""
    with harness.emulator() as emulator:
        short = await harness.render_on(emulator, THREE, budget_usd=0.1)
    assert_stopped(short, BudgetReached, way_on="0.10 USD")
    assert len(short.accepted) == 1
    assert emulator.emulator.billed_usd == 0.1


async def test_no_budget_at_all_pays_nothing_and_says_so(harness: Harness) -> None:
    ending = await harness.render(render={"budget_usd": 0})
    assert_stopped(ending, BudgetReached, way_on="this render's budget")
    assert not ending.accepted


async def test_the_daily_budget_counts_every_film_of_the_day(harness: Harness) -> None:
    def a_day(usd: float) -> dict[str, dict[str, float]]:
        return {"keeping": {"daily_budget_usd": usd}}

    another = ONE.replace("One", "Another").replace("dawn", "night")
    with harness.emulator() as emulator:
        first = await harness.render_on(emulator, ONE, profile=a_day(0.15))
        assert first.error is None

        short = await harness.render_on(emulator, another, profile=a_day(0.15))
        assert isinstance(short.error, BudgetReached)
        assert "the daily budget" in str(short.error)
        assert (short.error.spent_usd, short.error.needed_usd) == (0.1, 0.1)
        assert not short.accepted

        whole = await harness.render_on(emulator, another, profile=a_day(0.2))
    assert whole.error is None
    assert billed(whole) == 0.1


async def test_out_of_credits_keeps_what_is_paid_and_topping_up_finishes_the_film(
    harness: Harness,
) -> None:
    with harness.emulator(credits_usd=0.1) as emulator:
        short = await harness.render_on(emulator, TWO)
        assert_stopped(short, OutOfCredits, way_on="Top up the account")
        assert billed(short) == 0.1

        top_up(emulator, 0.09)
        whole = await harness.render_on(emulator, TWO)
    assert whole.error is None
    assert whole.film.is_file()
    assert billed(whole) == 0.09


@pytest.mark.parametrize("status", [402, 406])
async def test_both_ways_of_having_no_credits_stop_the_whole_render(
    harness: Harness, status: Literal[402, 406]
) -> None:
    broke = await harness.render(credits_usd=0, out_of_credits_status=status)
    assert_stopped(broke, OutOfCredits, way_on="Top up the account")
    assert isinstance(broke.error, OutOfCredits)
    assert broke.error.status == status
    assert not broke.accepted


def top_up(emulator: RunningEmulator, usd: float) -> None:
    account = emulator.emulator.account("a-key-for-tests")
    assert account is not None
    account.credits_usd += usd
