"""``longtake ledger rebuild``: a ledger that is gone, made again out of its store."""

from __future__ import annotations

from longtake.cli.console import to_person
from longtake.figures import counted
from longtake.ledger import Ledger
from longtake.profile_parts import Keeping
from longtake.store import ObjectKind, Store


async def rebuild(keeping: Keeping, *, begin: bool) -> dict[str, int]:
    """Write what the store's sidecars say into the ledger, or (``begin``) that it is to be new."""
    async with Ledger.open(keeping.ledger) as ledger:
        if begin:
            await ledger.begin()
            to_person().print("the ledger begins empty; what lies in its store is others'")
            return {"restored": 0, "known": 0, "unknown_clips": 0}
        store = Store(keeping.store)
        sidecars = await store.sidecars()
        restored = await ledger.restore(sidecars)
        recorded = await ledger.contents()
        unknown = sum(
            each.kind is ObjectKind.CLIP and each.sha256 not in recorded
            for each in await store.walk()
        )
    known = len(sidecars) - restored
    to_person().print(f"{counted(restored, 'take')} restored, {known} were known")
    if unknown:
        to_person().print(
            f"{unknown} clips have no sidecar (they were stored before there were any): which "
            "takes they are, and what they cost, cannot be restored; a render would pay for these "
            "again. `longtake ledger rebuild --begin` accepts that"
        )
    return {"restored": restored, "known": known, "unknown_clips": unknown}
