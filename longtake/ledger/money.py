"""What was spent and reserved, and whether one clip more fits.

What a slate counts, by its state:

=====================================  ==========================
failed, refused                        nothing: not billed
intended, not sent, nobody holds it    nothing: the next owner reserves again
everything else                        ``usd``, or the estimate until that is known
=====================================  ==========================

Past requests (lost and made again, accepted twice) count on top, on the day they were sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
)

from longtake.errors import BudgetReached
from longtake.ledger import rows, schema
from longtake.ledger.database import Transaction
from longtake.ledger.records import Budget, CostRow, Scope
from longtake.ledger.states import TakeState

_ROUNDING_USD = 1e-6  # twenty times 0.10 must fit into 2.00

_OF_NO_USE = [state.value for state in TakeState if state.of_no_use]

_slates = schema.slates.c
_past = schema.past_requests.c


async def enforce(
    tx: Transaction,
    budgets: Sequence[Budget],
    *,
    fingerprint: str,
    storyboard: str,
    run: str,
    day: str,
    needed_usd: float,
) -> None:
    """Raise BudgetReached if ``needed_usd`` for that take does not fit into every budget.

    What the take has reserved already does not stand in its own way; what its earlier requests
    cost does.
    """
    places = {Scope.ALL: "", Scope.RUN: run, Scope.STORYBOARD: storyboard, Scope.DAY: day}
    for budget in budgets:
        facts = _counted_now(tx, without=fingerprint) | {"place": places[budget.scope]}
        spent, reserved = (await tx.connection.execute(_sums(budget.scope), facts)).one()
        if spent + reserved + needed_usd > budget.limit_usd + _ROUNDING_USD:
            raise BudgetReached(
                budget.name,
                limit_usd=budget.limit_usd,
                spent_usd=round(spent, 6),
                reserved_usd=round(reserved, 6),
                needed_usd=needed_usd,
            )


async def costs(tx: Transaction, by: Scope | str = Scope.STORYBOARD) -> list[CostRow]:
    """What was made and what it cost, by "storyboard", "day", "run" or in "all"."""
    entries, by = _entries(), Scope(by)
    key = literal("all") if by is Scope.ALL else entries.c[by.value]
    query = (
        select(
            key.label("key"),
            func.sum(entries.c.takes),
            _sum(entries.c.usd),
            _sum(entries.c.reserved_usd),
            _sum(entries.c.lost_usd),
        )
        .group_by("key")
        .order_by("key")
    )
    rows = (await tx.connection.execute(query, _counted_now(tx))).all()
    return [
        CostRow(
            str(row[0]),
            int(row[1]),
            usd=round(float(row[2]), 6),
            reserved_usd=round(float(row[3]), 6),
            lost_usd=round(float(row[4]), 6),
        )
        for row in rows
    ]


async def spent_today(tx: Transaction) -> float:
    """USD that count on this day (UTC): what was paid, and what is reserved."""
    facts = _counted_now(tx) | {"place": rows.day_of(tx.now)}
    return float(sum((await tx.connection.execute(_sums(Scope.DAY), facts)).one()))


def _sum(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.coalesce(func.sum(column), 0.0)


@cache
def _sums(scope: Scope) -> Select[Any]:
    """What was spent, and what is reserved, in that ``place``: asked before each submit."""
    entries = _entries()
    sums = select(_sum(entries.c.usd), _sum(entries.c.reserved_usd))
    return sums if scope is Scope.ALL else sums.where(entries.c[scope.value] == bindparam("place"))


def _counted_now(tx: Transaction, without: str = "") -> dict[str, Any]:
    return {"moment": tx.now, "without": without}


def _entries() -> Subquery:
    """All that counts at a ``moment``, ``without`` the slate of one take, a row for each request:

    run, storyboard, day, takes, usd, reserved_usd, lost_usd.
    """
    own = select(*_slate_entry()).where(_slates.fingerprint != bindparam("without"))
    return union_all(own, select(*_past_entry())).subquery()


def _slate_entry() -> list[ColumnElement[Any]]:
    free = _slates.state.in_([TakeState.FAILED.value, TakeState.REFUSED.value])
    unsent = (_slates.state == TakeState.INTENDED.value) & _slates.sent_at.is_(None)
    nobody = _slates.owner.is_(None) | (_slates.lease_expires_at <= bindparam("moment"))
    nothing = free | (unsent & nobody)
    counted = func.coalesce(_slates.usd, _slates.estimated_usd)
    return [
        _slates.run,
        _slates.storyboard,
        _slates.day,
        literal(1).label("takes"),
        case((nothing, 0.0), else_=func.coalesce(_slates.usd, 0.0)).label("usd"),
        case((nothing | _slates.usd.is_not(None), 0.0), else_=_slates.estimated_usd).label(
            "reserved_usd"
        ),
        case((_slates.state.in_(_OF_NO_USE), counted), else_=0.0).label("lost_usd"),
    ]


def _past_entry() -> list[ColumnElement[Any]]:
    counted = func.coalesce(_past.usd, _past.estimated_usd)
    return [
        _past.run,
        _past.storyboard,
        _past.day,
        literal(0).label("takes"),
        func.coalesce(_past.usd, 0.0).label("usd"),
        case((_past.usd.is_not(None), 0.0), else_=_past.estimated_usd).label("reserved_usd"),
        counted.label("lost_usd"),
    ]
