"""What was paid, by day and by storyboard, next to what may be. Pure but for the ledger's sums."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from longtake.ledger import CostRow, Ledger, Scope

DAYS = 21
STORYBOARDS = 12
"""How many rows are shown: the latest days, the most expensive storyboards."""


@dataclass(frozen=True)
class Sum:
    """A day or a storyboard; ``share`` (0 to 1) is its bar, of the longest or of the budget."""

    name: str
    usd: float
    reserved_usd: float
    take_count: int
    share: float
    over: bool = False
    """Whether it has reached its budget: somebody should look."""


@dataclass(frozen=True)
class Money:
    """What a ledger's takes cost; ``budget_usd`` is a day's, None where there is none."""

    days: tuple[Sum, ...]
    storyboards: tuple[Sum, ...]
    today_usd: float
    total_usd: float
    budget_usd: float | None


async def money_of(ledger: Ledger | None, budget_usd: float | None, today: str) -> Money:
    """The sums of a ledger; ``today`` is the UTC date as the ledger writes it."""
    if ledger is None:
        return Money((), (), 0.0, 0.0, budget_usd)
    days = await ledger.costs(Scope.DAY)
    storyboards = await ledger.costs(Scope.STORYBOARD)
    most_expensive = sorted(storyboards, key=lambda row: -row.usd)[:STORYBOARDS]
    return Money(
        days=_sums(days[::-1][:DAYS], budget_usd),
        storyboards=_sums(most_expensive, None),
        today_usd=next((_counted(row) for row in days if row.key == today), 0.0),
        total_usd=sum(row.usd for row in days),
        budget_usd=budget_usd,
    )


def _counted(row: CostRow) -> float:
    """Paid, and reserved for what is under way: what a budget counts."""
    return row.usd + row.reserved_usd


def _sums(rows: Sequence[CostRow], budget_usd: float | None) -> tuple[Sum, ...]:
    longest = max([budget_usd or 0.0, *(_counted(row) for row in rows)], default=0.0) or 1.0
    return tuple(
        Sum(
            name=row.key,
            usd=row.usd,
            reserved_usd=row.reserved_usd,
            take_count=row.take_count,
            share=_counted(row) / longest,
            over=budget_usd is not None and _counted(row) >= budget_usd,
        )
        for row in rows
    )
