"""The write-ahead record of every take: what was intended, sent, paid, made and stored.

The only room that knows SQLAlchemy. A SQLite file by default, PostgreSQL by URL, the same
behaviour on both. Start at ``ledger.Ledger``; the states are drawn in ``states``.
"""

from __future__ import annotations

from longtake.ledger.ledger import Ledger
from longtake.ledger.records import (
    Budget,
    Claim,
    CostRow,
    Decision,
    PastRequest,
    Scope,
    ShownTake,
    Slate,
    TakeIntent,
)
from longtake.ledger.states import CONTENT_BLOCKED, GIVEN_UP, TakeState, Verdict
from longtake.ledger.witnesses import Witness, gone_for_good

__all__ = [
    "CONTENT_BLOCKED",
    "GIVEN_UP",
    "Budget",
    "Claim",
    "CostRow",
    "Decision",
    "Ledger",
    "PastRequest",
    "Scope",
    "ShownTake",
    "Slate",
    "TakeIntent",
    "TakeState",
    "Verdict",
    "Witness",
    "gone_for_good",
]
