"""``longtake ledger rebuild``: a ledger that is gone, made again out of its store."""

from __future__ import annotations

from longtake.cli.console import to_person
from longtake.ledger import Ledger
from longtake.settings import Keeping
from longtake.store import Store


async def rebuild(keeping: Keeping, *, begin: bool) -> dict[str, int]:
    """Write what the store's sidecars say into the ledger, or (``begin``) that it is to be new."""
    async with Ledger.open(keeping.ledger) as ledger:
        if begin:
            await ledger.begin()
            to_person().print("the ledger begins empty; what lies in its store is others'")
            return {"restored": 0, "known": 0}
        sidecars = await Store(keeping.store).sidecars()
        restored = await ledger.restore(sidecars)
    known = len(sidecars) - restored
    to_person().print(f"{restored} takes restored, {known} were known")
    return {"restored": restored, "known": known}
