"""Who works on a take: the part of the ledger's door about claims and leases.

What holds for every method stands in ``ledger``.
"""

from __future__ import annotations

from collections.abc import Sequence

from longtake.ledger import (
    claims,
)
from longtake.ledger.door import Door
from longtake.ledger.records import Budget, Claim, Slate, TakeIntent


class Working(Door):
    """Who works on a take: the part of the ledger's door about claims and leases."""

    async def intend(
        self,
        take: TakeIntent,
        *,
        owner: str,
        run: str,
        lease_seconds: float,
        budgets: Sequence[Budget] = (),
    ) -> Claim:
        """Write down that the take shall be made, reserve its money, and hold it.

        A new take becomes ``intended``. An existing one is taken over when nobody holds it, its
        lease ran out, or it is ours (the lease then starts afresh). If it was never sent, the
        budgets are checked again and storyboard, run and day become this call's. What was sent
        needs no budget: its money is counted already. Takes that ended come back unheld.

        Two calls with one ``owner`` both hold the take; ``sending`` still lets only one through.
        Raises BudgetReached; nothing is written and an existing slate stays as it was.
        """
        return await self._db.write(
            lambda tx: claims.intend(
                tx, take, owner=owner, run=run, lease_seconds=lease_seconds, budgets=budgets
            )
        )

    async def reopen(
        self,
        fingerprint: str,
        owner: str,
        *,
        lease_seconds: float = 60,
        run: str | None = None,
        budgets: Sequence[Budget] = (),
    ) -> Slate:
        """Make the take ``intended`` and unsent again, held by ``owner``.

        Only to be called when the earlier attempt is certainly not accepted (``ambiguous``, or
        ``intended`` and sent), was not billed (``failed``, ``refused``), or is ``lost`` and a
        person asked to pay again. Its request id and money move to ``requests`` and still count.
        Raises LeaseLost when another live owner holds it, IllegalTransition for takes that are
        under way, stored or blocked because of their content, and BudgetReached.
        """
        return await self._db.write(
            lambda tx: claims.reopen(
                tx, fingerprint, owner=owner, run=run, lease_seconds=lease_seconds, budgets=budgets
            )
        )

    async def heartbeat(self, owner: str, lease_seconds: float) -> tuple[str, ...]:
        """Renew all leases of the owner that have not run out; returns their fingerprints.

        What is missing from the answer is lost: its reservation ran out too, so intend it again.
        """
        return await self._db.write(lambda tx: claims.heartbeat(tx, owner, lease_seconds))

    async def release(self, owner: str, fingerprint: str | None = None) -> tuple[str, ...]:
        """Give back one lease of the owner, or all; returns the fingerprints given back.

        An intended take that was not sent gives its reserved money back as well.
        """
        return await self._db.write(lambda tx: claims.release(tx, owner, fingerprint))

    async def held(self, owner: str) -> tuple[str, ...]:
        """The fingerprints that the owner holds now."""
        return await self._db.read(lambda tx: claims.held(tx, owner))
