"""What clips like one were billed: the ledger's own history against a table's guess.

Clips are alike by model, resolution and length: what a price may depend on. What was really
billed counts at once: the next take, and those in flight, are reserved at no less.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, bindparam, func, select, update

from longtake.ledger import schema
from longtake.ledger.database import Transaction
from longtake.ledger.records import Slate, TakeIntent
from longtake.ledger.states import TakeState
from longtake.story import PastClip, family_of

_slates = schema.slates
MOST_PAST_CLIPS = 1000
"""The latest say what clips cost now."""

_LATEST = 5
_completed = (
    select(_slates)
    .where(_slates.c.completed_at.is_not(None))
    .order_by(_slates.c.completed_at.desc())
    .limit(MOST_PAST_CLIPS)
)


async def expected(tx: Transaction, take: TakeIntent) -> float:
    """What to reserve for a take: its estimate, or what the latest like it were billed if more."""
    if (like := _like(take.model, take.parameters)) is None:
        return take.estimated_usd
    most: float | None = await tx.connection.scalar(_most_billed(*_fields(take.model)), like)
    return max(take.estimated_usd, most or 0.0)


async def raise_in_flight(tx: Transaction, slate: Slate, usd: float) -> None:
    """Reserve for takes like this one that are in flight what this one was really billed."""
    if (like := _like(slate.model, slate.parameters)) is None:
        return
    await tx.connection.execute(_raising(*_fields(slate.model)), like | {"billed_usd": usd})


@cache
def _most_billed(length: str, resolution: str | None) -> Select[Any]:
    billed = (
        select(_slates.c.usd.label("usd"))
        .where(_slates.c.usd.is_not(None), *_alike(length, resolution))
        .order_by(_slates.c.updated_at.desc())
        .limit(_LATEST)
        .subquery()
    )
    return select(func.max(billed.c.usd))


@cache
def _raising(length: str, resolution: str | None) -> Update:
    billed_usd = bindparam("billed_usd", type_=_slates.c.usd.type)
    unbilled = [_slates.c.state != state.value for state in (TakeState.FAILED, TakeState.REFUSED)]
    return (
        update(_slates)
        .where(
            _slates.c.usd.is_(None),
            _slates.c.sent_at.is_not(None),
            *unbilled,
            _slates.c.estimated_usd < billed_usd,
            *_alike(length, resolution),
        )
        .values(estimated_usd=billed_usd)
    )


async def past_clips(tx: Transaction) -> list[PastClip]:
    """The latest clips that were completed: what each was billed and how long it took."""
    found = (await tx.connection.execute(_completed, {})).all()
    return [
        PastClip(
            model=row.model,
            resolution=family_of(row.model).resolution_of(row.parameters),
            length=family_of(row.model).length_of(row.parameters),
            usd=row.usd,
            seconds=_seconds(row),
        )
        for row in found
    ]


def _seconds(row: Any) -> float | None:
    """From acceptance to completion: what the service told, or what it took by our own clock.

    The lesser of the two: ours counts the days in which nobody looked, too.
    """
    told = (row.metrics or {}).get("total_time")
    known = [float(told)] if isinstance(told, int | float) and told > 0 else []
    if row.submitted_at is not None:
        known.append(float((row.completed_at - row.submitted_at).total_seconds()))
    return min((each for each in known if each > 0), default=None)


def _like(model: str, parameters: Mapping[str, Any]) -> dict[str, Any] | None:
    """By what slates are of that model, resolution and length; None where one is not said."""
    family, like = family_of(model), {"like_model": model}
    if (field := family.fields.get("resolution")) is not None:
        if not isinstance(resolution := parameters.get(field), str):
            return None
        like["like_resolution"] = resolution
    length = family.length_of(parameters)
    return None if length is None else like | {"like_length": length}


def _fields(model: str) -> tuple[str, str | None]:
    """In which of the model's own words a request tells length and resolution."""
    fields = family_of(model).fields
    return fields["length"], fields.get("resolution")


def _alike(length: str, resolution: str | None) -> list[ColumnElement[bool]]:
    """That a slate is like what ``_like`` says, told in fields of those names."""
    asked = _slates.c.parameters
    alike = [
        _slates.c.model == bindparam("like_model"),
        asked[length].as_integer() == bindparam("like_length"),
    ]
    if resolution is not None:
        alike.append(asked[resolution].as_string() == bindparam("like_resolution"))
    return alike
