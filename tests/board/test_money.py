"""What was paid, next to what may be."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from longtake.board.money import Money, money_of
from longtake.ledger import Ledger
from tests.board.test_index import begin_a_take


def money(ledger: Path, budget_usd: float | None) -> Money:
    async def read() -> Money:
        async with Ledger.open(ledger) as opened:
            days = await opened.costs("day")
            return await money_of(opened, budget_usd, days[0].key)

    return asyncio.run(read())


@pytest.mark.parametrize(("budget_usd", "over"), [(None, False), (0.1, True), (1.0, False)])
def test_a_day_is_held_against_its_budget(
    tmp_path: Path, budget_usd: float | None, over: bool
) -> None:
    asyncio.run(begin_a_take(tmp_path / "ledger.sqlite", "A film"))
    found = money(tmp_path / "ledger.sqlite", budget_usd)
    (day,) = found.days
    assert (day.reserved_usd, day.over) == (0.1, over)
    assert found.today_usd == 0.1
    assert day.share == (0.1 if budget_usd == 1.0 else 1.0)
    assert [each.name for each in found.storyboards] == ["A film"]


def test_without_a_ledger_nothing_was_paid() -> None:
    assert asyncio.run(money_of(None, 2.0, "2026-05-04")) == Money((), (), 0.0, 0.0, 2.0)
