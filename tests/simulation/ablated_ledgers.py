"""Ledgers that do everything but one thing: each lacks a safeguard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from longtake.errors import BudgetReached
from longtake.ledger import (
    Budget,
    Claim,
    Ledger,
    Slate,
    TakeIntent,
    TakeState,
    Witness,
    money,
    prices,
    rows,
)
from longtake.ledger.database import Transaction
from longtake.ledger.witnesses import Statement


class NothingAccepted(Ledger):
    """Cannot tell of any request that the history must have."""

    async def accepted_ago(self, *_: float, **__: str | None) -> dict[str, float]:
        return {}


class IntentAfterwards(Ledger):
    """Writes down that a take was sent once the answer is there."""

    async def sending(self, fingerprint: str, owner: str) -> Slate:
        return await self.get(fingerprint)

    async def submitted(self, fingerprint: str, owner: str, request_id: str) -> Slate:
        await self._sent(fingerprint, owner)
        return await super().submitted(fingerprint, owner, request_id)

    async def ambiguous(self, fingerprint: str, owner: str, *said: str) -> Slate:
        await self._sent(fingerprint, owner)
        return await super().ambiguous(fingerprint, owner, *said)

    async def _sent(self, fingerprint: str, owner: str) -> None:
        slate = await self.get(fingerprint)
        if slate.state is TakeState.INTENDED and slate.sent_at is None:
            await super().sending(fingerprint, owner)


class IdAfterwards(Ledger):
    """Writes the request's id down once the clip is there; until then only this process has it."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._ids: dict[str, str] = {}

    async def submitted(self, fingerprint: str, owner: str, request_id: str) -> Slate:
        self._ids[fingerprint] = request_id
        slate = await self.get(fingerprint)
        return replace(slate, state=TakeState.SUBMITTED, request_id=request_id)

    async def completed(self, fingerprint: str, owner: str, *told: Any) -> Slate:
        if request_id := self._ids.pop(fingerprint, None):
            await super().submitted(fingerprint, owner, request_id)
        return await super().completed(fingerprint, owner, *told)


class SentUnlooked(Ledger):
    """A take is sent on the strength of its first claim: nobody claims it again before sending."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._held: dict[str, Claim] = {}

    async def intend(self, take: TakeIntent, *, run: str, **facts: Any) -> Claim:
        claim = await super().intend(take, run=run, **facts)
        first = self._held.setdefault(take.fingerprint, claim)
        taken_over = claim.slate.run != run and first.held and first.slate.is_unsent
        return first if taken_over else claim

    async def sending(self, fingerprint: str, owner: str) -> Slate:
        slate = await self.get(fingerprint)
        if slate.owner == owner and slate.is_unsent:
            return await super().sending(fingerprint, owner)
        return slate


class NobodyHolds(SentUnlooked):
    """Leases are written down, and heeded by nobody."""

    async def find(self, fingerprint: str) -> Slate | None:
        slate = await super().find(fingerprint)
        return None if slate is None else replace(slate, owner=None, lease_expires_at=None)

    async def intend(self, take: TakeIntent, **facts: Any) -> Claim:
        claim = await super().intend(take, **facts)
        if claim.held or claim.slate.state.ended or claim.slate.owner is None:
            return claim
        await self.release(claim.slate.owner, take.fingerprint)
        return await super().intend(take, **facts)


class NoHeartbeat(SentUnlooked):
    """Leases are not renewed, either."""

    async def heartbeat(self, owner: str, lease_seconds: float) -> tuple[str, ...]:
        return ()


class SpentAlone(Ledger):
    """A budget counts what was billed, and not what is in flight."""

    async def intend(
        self, take: TakeIntent, *, budgets: Sequence[Budget] = (), **facts: Any
    ) -> Claim:
        try:
            return await super().intend(take, budgets=budgets, **facts)
        except BudgetReached as error:
            if error.spent_usd + error.needed_usd > error.limit_usd:
                raise
            return await super().intend(take, **facts)


class CheckedApart(Ledger):
    """Looks at the budgets first and reserves afterwards; and does not look again before it sends.

    With only one of the two switched off the other still shows what others have reserved.
    """

    async def intend(
        self,
        take: TakeIntent,
        *,
        owner: str,
        run: str,
        budgets: Sequence[Budget] = (),
        **facts: Any,
    ) -> Claim:
        known, day = await self.find(take.fingerprint), rows.day_of(await self.now())

        async def checked(tx: Transaction) -> None:
            names = {"fingerprint": take.fingerprint, "storyboard": take.storyboard}
            usd = await prices.expected(tx, take)
            await money.enforce(tx, budgets, **names, run=run, day=day, needed_usd=usd)

        if known is None or known.owner != owner:
            await self._db.read(checked)
        return await super().intend(take, owner=owner, run=run, **facts)


class PricesLate(Ledger):
    """What a clip was billed is not told: every clip costs what the table says."""

    async def completed(
        self,
        fingerprint: str,
        owner: str,
        output_url: str | None = None,
        usd: float | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> Slate:
        return await super().completed(fingerprint, owner, output_url, None, metrics)


class OneWitness(Ledger):
    """The first to say that a file is gone is believed by all."""

    async def statements(self, fingerprint: str) -> list[Statement]:
        said = await super().statements(fingerprint)
        if not said:
            return []
        first, last = said[0].first_at - timedelta(days=1), said[0].last_at
        return [Statement(each, said[0].said, first, last) for each in Witness]
