"""Reading many slates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import bindparam, select

from longtake.ledger import rows, schema, verdicts
from longtake.ledger.database import Transaction
from longtake.ledger.records import PastRequest, Slate
from longtake.ledger.states import TakeState, Verdict

_slates, _past = schema.slates, schema.past_requests
_past_of = select(_past).where(_past.c.fingerprint == bindparam("which")).order_by(_past.c.number)
_of_some = select(_slates).where(_slates.c.fingerprint.in_(bindparam("some", expanding=True)))


async def slates(
    tx: Transaction,
    *,
    storyboard: str | None = None,
    run: str | None = None,
    state: TakeState | None = None,
    since: datetime | None = None,
    limit: int | None = None,
) -> list[Slate]:
    """The slates that fit, last changed first; ``since`` looks at the last change."""
    query = select(_slates).order_by(_slates.c.updated_at.desc(), _slates.c.fingerprint)
    for column, wanted in (
        (_slates.c.storyboard, storyboard),
        (_slates.c.run, run),
        (_slates.c.state, None if state is None else TakeState(state).value),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if since is not None:
        query = query.where(_slates.c.updated_at >= since)
    found = await tx.connection.execute(query.limit(limit))
    return [rows.as_slate(row) for row in found]


async def find_all(tx: Transaction, fingerprints: Sequence[str]) -> dict[str, Slate]:
    """The slates of those fingerprints that are in the ledger."""
    found = await rows.of_some(tx, _of_some, fingerprints)
    return {row.fingerprint: rows.as_slate(row) for row in found}


async def known_takes(
    tx: Transaction, fingerprints: Sequence[str]
) -> tuple[Mapping[str, Verdict], dict[str, Slate]]:
    """What people decided about those takes, and how they stand, as far as they are known."""
    return await verdicts.verdicts(tx, fingerprints), await find_all(tx, fingerprints)


async def has_clip(tx: Transaction, clip_sha256: str) -> bool:
    """Whether any take's clip has that content."""
    query = select(_slates.c.fingerprint).where(_slates.c.clip_sha256 == clip_sha256).limit(1)
    return await tx.connection.scalar(query) is not None


async def requests(tx: Transaction, fingerprint: str) -> list[PastRequest]:
    """The take's earlier requests (all but the slate's own), oldest first."""
    found = await tx.connection.execute(_past_of, {"which": fingerprint})
    return [rows.as_past(row) for row in found]
