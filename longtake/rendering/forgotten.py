"""An empty ledger next to a full store: refused before anything is paid for a second time."""

from __future__ import annotations

from longtake.errors import LedgerForgotten
from longtake.ledger import Ledger
from longtake.profile_parts import Keeping
from longtake.store import Store


async def refuse_forgotten_ledger(ledger: Ledger, store: Store, keeping: Keeping) -> None:
    """Raise LedgerForgotten where the ledger is empty and its store is not."""
    if await ledger.is_empty():
        await refuse_full_store(store, keeping)


async def refuse_full_store(store: Store, keeping: Keeping) -> None:
    """Raise LedgerForgotten where the store holds takes that no ledger knows of."""
    if await store.holds_takes():
        raise LedgerForgotten(
            f"the ledger {keeping.ledger} is empty or gone, yet its store {store.name} holds "
            "takes that were paid for: `longtake ledger rebuild` makes the ledger again out of "
            "the store; `longtake ledger rebuild --begin` begins a new one, which pays for "
            "everything again"
        )
