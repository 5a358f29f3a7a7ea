"""What clips like one were billed: the ledger's own history against a table's guess.

Clips are alike by model, resolution and length: what a price may depend on. What was really
billed counts at once: the next take, and those in flight, are reserved at no less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update

from longtake.ledger import schema
from longtake.ledger.database import Transaction
from longtake.ledger.records import Slate, TakeIntent
from longtake.ledger.states import TakeState
from longtake.story import PastClip, family_of

_slates = schema.slates
MOST_PAST_CLIPS = 1000
"""The latest say what clips cost now."""

_LATEST = 5


async def expected(tx: Transaction, take: TakeIntent) -> float:
    """What to reserve for a take: its estimate, or what the latest like it were billed if more."""
    if (like := _like(take.model, take.parameters)) is None:
        return take.estimated_usd
    billed = (
        select(_slates.c.usd.label("usd"))
        .where(_slates.c.usd.is_not(None), like)
        .order_by(_slates.c.updated_at.desc())
        .limit(_LATEST)
        .subquery()
    )
    most: float | None = await tx.connection.scalar(select(func.max(billed.c.usd)))
    return max(take.estimated_usd, most or 0.0)


async def raise_in_flight(tx: Transaction, slate: Slate, usd: float) -> None:
    """Reserve for takes like this one that are in flight what this one was really billed."""
    if (like := _like(slate.model, slate.parameters)) is None:
        return
    await tx.connection.execute(
        update(_slates)
        .where(
            _slates.c.usd.is_(None),
            _slates.c.sent_at.is_not(None),
            _slates.c.state.not_in([TakeState.FAILED.value, TakeState.REFUSED.value]),
            _slates.c.estimated_usd < usd,
            like,
        )
        .values(estimated_usd=usd)
    )


async def past_clips(tx: Transaction) -> list[PastClip]:
    """The latest clips that were completed: what each was billed and how long it took."""
    query = (
        select(_slates)
        .where(_slates.c.completed_at.is_not(None))
        .order_by(_slates.c.completed_at.desc())
        .limit(MOST_PAST_CLIPS)
    )
    found = (await tx.connection.execute(query)).all()
    return [
        PastClip(
            model=row.model,
            resolution=family_of(row.model).resolution_of(row.parameters),
            length=family_of(row.model).length_of(row.parameters),
            usd=row.usd,
            seconds=working_seconds(row),
        )
        for row in found
    ]


def working_seconds(row: Any) -> float | None:
    """Of a slate or its row, from acceptance to completion: as the service told or by our clock.

    The lesser of the two: ours counts the days in which nobody looked, too.
    """
    told = (row.metrics or {}).get("total_time")
    known = [float(told)] if isinstance(told, int | float) and told > 0 else []
    if row.submitted_at is not None:
        known.append(float((row.completed_at - row.submitted_at).total_seconds()))
    return min((each for each in known if each > 0), default=None)


def _like(model: str, parameters: Mapping[str, Any]) -> ColumnElement[bool] | None:
    """Which slates are of that model, resolution and length; None where one is not said."""
    family, asked = family_of(model), _slates.c.parameters
    alike = [_slates.c.model == model]
    if (field := family.fields.get("resolution")) is not None:
        resolution = parameters.get(field)
        if not isinstance(resolution, str):
            return None
        alike.append(asked[field].as_string() == resolution)
    length = family.length_of(parameters)
    if length is None:
        return None
    return and_(*alike, asked[family.fields["length"]].as_integer() == length)
