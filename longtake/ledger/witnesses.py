"""Who has said that a paid clip cannot be had, and since when: no single "not found" is believed.

Three can tell of a clip: the service's record of the request, its request history, and the host of
the file. Each may be late, or stand behind a proxy that answers for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, delete, insert, select, update

from longtake.ledger import schema
from longtake.ledger.database import Transaction

_table = schema.witnesses
_of_take = _table.c.fingerprint == bindparam("which")
_ones = _of_take & (_table.c.witness == bindparam("who"))
_taken_back, _forgotten = delete(_table).where(_ones), delete(_table).where(_of_take)
_said_again = (
    update(_table)
    .where(_ones)
    .values(said=bindparam("now_said"), last_at=bindparam("moment", type_=_table.c.last_at.type))
    .returning(_table.c.witness)
)
_said_first = insert(_table)


_DATE_STEP = timedelta(seconds=1)
"""The service's clock is known from `Date` headers, which tell whole seconds (RFC 9110, 5.6.7)."""


class Witness(StrEnum):
    """What can tell where a clip is."""

    RECORD = "record"
    HISTORY = "history"
    FILE = "file"


@dataclass(frozen=True)
class Statement:
    """That a witness has said, each time it was asked from ``first_at`` to ``last_at``: gone."""

    witness: Witness
    said: str
    first_at: datetime
    last_at: datetime


def gone_for_good(statements: Sequence[Statement], *, over_seconds: float) -> bool:
    """Whether all three say that the clip cannot be had, and have all said so over that time."""
    if {each.witness for each in statements} != set(Witness):
        return False
    together = min(each.last_at for each in statements) - max(each.first_at for each in statements)
    return together + _DATE_STEP >= timedelta(seconds=over_seconds)


async def testify(
    tx: Transaction,
    fingerprint: str,
    witness: Witness,
    said: str | None,
    at: datetime | None,
) -> None:
    """A witness was asked for the clip and said that it is gone; None: it is there after all.

    ``at`` is when, by the service's clock where that is known: this machine's may be set meanwhile.
    Forgotten once the clip is stored, or the take begins again.
    """
    same = {"which": fingerprint, "who": witness.value}
    if said is None:
        await tx.connection.execute(_taken_back, same)
        return
    moment = at or tx.now
    now = {"now_said": said, "moment": moment}
    if (await tx.connection.execute(_said_again, same | now)).scalar() is None:
        row = {"fingerprint": fingerprint, "witness": witness.value, "said": said}
        moments = {"first_at": moment, "last_at": moment}
        await tx.connection.execute(_said_first, row | moments)


async def statements(tx: Transaction, fingerprint: str) -> list[Statement]:
    """Who has said, since when, that the take's clip is gone; ``gone_for_good`` judges it."""
    query = select(_table).where(_table.c.fingerprint == fingerprint).order_by(_table.c.first_at)
    rows = (await tx.connection.execute(query)).all()
    return [Statement(Witness(row.witness), row.said, row.first_at, row.last_at) for row in rows]


async def forget(tx: Transaction, fingerprint: str) -> None:
    """What was said of an attempt says nothing about the next one."""
    await tx.connection.execute(_forgotten, {"which": fingerprint})
