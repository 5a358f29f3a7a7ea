"""What people decided about takes; the rest of the ledger tells what happened to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import delete, insert, select

from longtake.ledger import schema
from longtake.ledger.database import Transaction
from longtake.ledger.states import Verdict

__all__ = ["Verdict", "decide", "verdicts"]

_verdicts = schema.verdicts


async def decide(tx: Transaction, fingerprint: str, verdict: Verdict | None, note: str) -> None:
    """See ``Ledger.decide``."""
    same = _verdicts.c.fingerprint == fingerprint
    await tx.connection.execute(delete(_verdicts).where(same))
    if verdict is not None:
        row = {"fingerprint": fingerprint, "verdict": verdict.value, "note": note}
        await tx.connection.execute(insert(_verdicts).values(decided_at=tx.now, **row))


async def verdicts(tx: Transaction, fingerprints: Sequence[str]) -> Mapping[str, Verdict]:
    """See ``Ledger.verdicts``."""
    query = select(_verdicts.c.fingerprint, _verdicts.c.verdict).where(
        _verdicts.c.fingerprint.in_(fingerprints)
    )
    rows = (await tx.connection.execute(query)).all()
    return {fingerprint: Verdict(verdict) for fingerprint, verdict in rows}
