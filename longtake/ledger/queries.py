"""Reading many slates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, literal_column, select

from longtake.ledger import rows, schema, verdicts
from longtake.ledger.database import Transaction
from longtake.ledger.records import PastRequest, Slate
from longtake.ledger.states import TakeState, Verdict

_slates, _past = schema.slates, schema.past_requests
_past_of = select(_past).where(_past.c.fingerprint == bindparam("which")).order_by(_past.c.number)
_with_clip = (
    select(_slates.c.fingerprint)
    .where(_slates.c.clip_sha256 == bindparam("clip_sha256"))
    .limit(literal_column("1"))
)
_since = bindparam("since", type_=_slates.c.updated_at.type)
_accepted = select(_slates.c.request_id, _slates.c.submitted_at).where(
    _slates.c.request_id.is_not(None),
    _slates.c.submitted_at >= _since,
    _slates.c.updated_at >= _since,  # implied by the line above; it has the index
)
_accepted_in = _accepted.where(_slates.c.run == bindparam("run"))
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
    facts = {
        "storyboard": storyboard,
        "run": run,
        "state": None if state is None else TakeState(state).value,
        "since": since,
        "most": limit,
    }
    asked = {name: value for name, value in facts.items() if value is not None}
    found = await tx.connection.execute(_listing(tuple(asked)), asked)
    return [rows.as_slate(row) for row in found]


@cache
def _listing(asked: tuple[str, ...]) -> Select[Any]:
    """The query that asks for so much, put together once."""
    query = select(_slates).order_by(_slates.c.updated_at.desc(), _slates.c.fingerprint)
    for name in set(asked) - {"since", "most"}:
        query = query.where(_slates.c[name] == bindparam(name))
    if "since" in asked:
        query = query.where(_slates.c.updated_at >= _since)
    return query.limit(bindparam("most", type_=Integer)) if "most" in asked else query


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
    return await tx.connection.scalar(_with_clip, {"clip_sha256": clip_sha256}) is not None


async def accepted_ago(
    tx: Transaction, within_seconds: float, *, run: str | None = None
) -> dict[str, float]:
    """How many seconds ago the service accepted each of the latest requests, by its id."""
    facts: dict[str, Any] = {"since": tx.now - timedelta(seconds=within_seconds)}
    query, facts = (_accepted, facts) if run is None else (_accepted_in, facts | {"run": run})
    found = await tx.connection.execute(query, facts)
    return {row.request_id: (tx.now - row.submitted_at).total_seconds() for row in found}


async def requests(tx: Transaction, fingerprint: str) -> list[PastRequest]:
    """The take's earlier requests (all but the slate's own), oldest first."""
    found = await tx.connection.execute(_past_of, {"which": fingerprint})
    return [rows.as_past(row) for row in found]
