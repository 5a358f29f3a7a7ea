"""What is known: the part of the ledger's door that only tells, and rebuilds.

What holds for every method stands in ``ledger``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from longtake.errors import LedgerConflict
from longtake.ledger import (
    money,
    prices,
    queries,
    rebuilding,
    rows,
)
from longtake.ledger.door import Door
from longtake.ledger.records import CostRow, PastRequest, Scope, Slate
from longtake.ledger.states import TakeState
from longtake.story import PastClip


class Knowing(Door):
    """What is known: the part of the ledger's door that only tells, and rebuilds."""

    async def get(self, fingerprint: str) -> Slate:
        """The slate. Raises LedgerConflict where the take is not in the ledger."""
        slate = await self.find(fingerprint)
        if slate is None:
            raise LedgerConflict(f"take {fingerprint[:12]} is not in the ledger")
        return slate

    async def find(self, fingerprint: str) -> Slate | None:
        """The slate, or None."""
        return await self._db.read(lambda tx: rows.find(tx, fingerprint))

    async def find_all(self, fingerprints: Sequence[str]) -> dict[str, Slate]:
        """The slates of those fingerprints that are in the ledger."""
        return await self._db.read(lambda tx: queries.find_all(tx, fingerprints))

    async def slates(
        self,
        *,
        storyboard: str | None = None,
        run: str | None = None,
        state: TakeState | None = None,
        since: datetime | None = None,
        limit: int | None = None,
    ) -> list[Slate]:
        """The slates that fit, last changed first; ``since`` looks at the last change."""
        return await self._db.read(
            lambda tx: queries.slates(
                tx, storyboard=storyboard, run=run, state=state, since=since, limit=limit
            )
        )

    async def knows(self, request_id: str) -> bool:
        """Whether that request is on record already, for any take, its own or an earlier one."""
        return await self._db.read(lambda tx: rows.knows(tx, request_id))

    async def requests(self, fingerprint: str) -> list[PastRequest]:
        """The take's earlier requests (all but the slate's own), oldest first."""
        return await self._db.read(lambda tx: queries.requests(tx, fingerprint))

    async def costs(self, by: Scope | str = Scope.STORYBOARD) -> list[CostRow]:
        """What was made and what it cost, by "storyboard", "day", "run" or in "all"."""
        return await self._db.read(lambda tx: money.costs(tx, Scope(by)))

    async def spent_today(self) -> float:
        """USD that count on this day (UTC): what was paid, and what is reserved."""
        return await self._db.read(money.spent_today)

    async def past_clips(self) -> list[PastClip]:
        """The latest clips that were completed: what each was billed and how long it took."""
        return await self._db.read(prices.past_clips)

    async def record(self, fingerprint: str) -> dict[str, Any]:
        """All that is known of a take, as JSON values: what its clip's sidecar is to hold."""
        return await self._db.read(lambda tx: rebuilding.record(tx, fingerprint))

    async def restore(self, sidecars: Sequence[Mapping[str, Any]]) -> int:
        """Write down what sidecars say of takes that are not in the ledger; returns how many.

        Raises LedgerError, and writes nothing, where one of them is no sidecar.
        """
        return await self._db.write(lambda tx: rebuilding.restore(tx, sidecars))

    async def is_empty(self) -> bool:
        """Whether nothing was ever written into it, and nobody has said that this is meant."""
        return await self._db.read(rebuilding.is_empty)

    async def begin(self) -> None:
        """An empty ledger is meant to be empty: what its store holds is others'."""
        await self._db.write(rebuilding.begin)
