"""Finding, changing and reading back single slates; no rules here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Row, Select, bindparam, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from longtake.errors import IllegalTransition, LedgerConflict
from longtake.ledger import schema
from longtake.ledger.database import Transaction
from longtake.ledger.records import PastRequest, Slate
from longtake.ledger.states import TakeState

slates = schema.slates
_AT_ONCE = 500  # SQLite's older limit on a statement's parameters is 999
_COLUMNS = tuple(column.name for column in slates.columns)

_by_fingerprint = select(slates).where(slates.c.fingerprint == bindparam("fingerprint"))
_by_request = select(slates.c.fingerprint).where(slates.c.request_id == bindparam("request_id"))
_past = select(schema.past_requests).where(
    schema.past_requests.c.request_id == bindparam("request_id")
)
_adding = insert(slates).returning(slates)
"""Asked at every step, and so put together once."""


def as_slate(row: Row[Any]) -> Slate:
    """A row of ``slates`` as its record."""
    columns = dict(zip(_COLUMNS, row, strict=True))
    columns["state"] = TakeState(columns["state"])
    return Slate(**columns)


async def find(tx: Transaction, fingerprint: str) -> Slate | None:
    """The slate, or None."""
    found = await tx.connection.execute(_by_fingerprint, {"fingerprint": fingerprint})
    row = found.one_or_none()
    return None if row is None else as_slate(row)


async def get(tx: Transaction, fingerprint: str) -> Slate:
    """The slate. Raises LedgerConflict where the take is not in the ledger."""
    slate = await find(tx, fingerprint)
    if slate is None:
        raise LedgerConflict(f"take {fingerprint[:12]} is not in the ledger")
    return slate


async def need(tx: Transaction, fingerprint: str) -> Slate:
    """The slate; raises IllegalTransition where nobody intended the take."""
    slate = await find(tx, fingerprint)
    if slate is None:
        raise IllegalTransition(f"take {fingerprint[:12]} is not in the ledger: intend it first")
    return slate


async def add(tx: Transaction, **values: Any) -> Slate:
    """A new slate."""
    added = await tx.connection.execute(_adding, values | {"updated_at": tx.now})
    return as_slate(added.one())


async def change(tx: Transaction, slate: Slate, **values: Any) -> Slate:
    """The slate with other values, as the database has it now."""
    facts = {"which": slate.fingerprint, "updated_at": tx.now} | values
    changed = await tx.connection.execute(_changing(tuple(facts)[1:]), facts)
    return as_slate(changed.one())


@cache
def _changing(names: tuple[str, ...]) -> ReturningUpdate[Any]:
    """The statement that changes those columns: there are as many as there are steps."""
    values = {name: bindparam(name, type_=slates.c[name].type) for name in names}
    which = slates.c.fingerprint == bindparam("which")
    return update(slates).where(which).values(values).returning(slates)


async def past(tx: Transaction, request_id: str) -> PastRequest | None:
    """The earlier request with that id, or None."""
    row = (await tx.connection.execute(_past, {"request_id": request_id})).one_or_none()
    return None if row is None else as_past(row)


def as_past(row: Row[Any]) -> PastRequest:
    """A row of ``past_requests`` as its record."""
    return PastRequest(**{key: value for key, value in row._mapping.items() if key != "number"})


async def retire(
    tx: Transaction, slate: Slate, ended: str, *, request_id: str | None, usd: float | None
) -> None:
    """Keep a request that is not (or no longer) the slate's own, with its money and its day."""
    statement = insert(schema.past_requests).values(
        fingerprint=slate.fingerprint,
        request_id=request_id,
        storyboard=slate.storyboard,
        run=slate.run,
        day=slate.day,
        estimated_usd=slate.estimated_usd,
        usd=usd,
        ended=ended,
        error=slate.error,
        recorded_at=tx.now,
    )
    await tx.connection.execute(statement)


async def of_some(tx: Transaction, query: Select[Any], names: Sequence[str]) -> list[Row[Any]]:
    """What ``query`` finds of those names, which it asks for as its ``some``."""
    found: list[Row[Any]] = []
    for start in range(0, len(names), _AT_ONCE):
        some = {"some": names[start : start + _AT_ONCE]}
        found += (await tx.connection.execute(query, some)).all()
    return found


async def owner_of_request(tx: Transaction, request_id: str) -> str | None:
    """The fingerprint of the take that a request id belongs to, now or earlier."""
    found: str | None = await tx.connection.scalar(_by_request, {"request_id": request_id})
    if found is None and (earlier := await past(tx, request_id)) is not None:
        return earlier.fingerprint
    return found


def day_of(moment: datetime) -> str:
    """The UTC date that money is counted on."""
    return moment.date().isoformat()


async def knows(tx: Transaction, request_id: str) -> bool:
    """Whether that request is on record already, for any take, its own or an earlier one."""
    return await owner_of_request(tx, request_id) is not None
