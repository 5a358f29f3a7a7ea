"""What the ledger is asked, noted as it happens: by it budgets are checked at a world's end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from longtake.ledger import Claim, Ledger, Slate, TakeIntent


@dataclass(frozen=True)
class Reserved:
    """A take's money was reserved, at what was known of prices by then."""

    moment: float
    run: str
    day: str
    estimated_usd: float


@dataclass
class Seen:
    """What all processes of a world asked their ledger; ``time`` is the world's."""

    time: Callable[[], float]
    moment: Callable[[str], None] = lambda moment: None
    reserved: dict[str, Reserved] = field(default_factory=dict)
    sent: dict[str, list[tuple[float, Reserved]]] = field(default_factory=dict)
    billed: list[tuple[float, str, float]] = field(default_factory=list)

    def expected_usd(self, model: str, reserved: Reserved) -> float:
        """What a take had to be reserved at, at least: what the ones before it were billed."""
        told = [usd for at, name, usd in self.billed if name == model and at < reserved.moment]
        return max(reserved.estimated_usd, min(told[-8:], default=0.0))


class Watched(Ledger):
    """A ledger whose caller is looked at; what it does is the next class's."""

    seen: Seen

    async def intend(self, take: TakeIntent, **facts: Any) -> Claim:
        claim = await super().intend(take, **facts)
        if claim.held:
            slate = claim.slate
            self.seen.reserved[take.fingerprint] = Reserved(
                self.seen.time(), slate.run, slate.day, take.estimated_usd
            )
            self.seen.moment("reserved")
        return claim

    async def sending(self, fingerprint: str, owner: str) -> Slate:
        slate = await super().sending(fingerprint, owner)
        if (reserved := self.seen.reserved.get(fingerprint)) is not None:
            self.seen.sent.setdefault(fingerprint, []).append((self.seen.time(), reserved))
        self.seen.moment("written down")
        await asyncio.sleep(0)  # the way back from the database: a process can freeze on it
        return slate

    async def submitted(self, fingerprint: str, owner: str, request_id: str) -> Slate:
        slate = await super().submitted(fingerprint, owner, request_id)
        self.seen.moment("known")
        return slate

    async def completed(
        self,
        fingerprint: str,
        owner: str,
        output_url: str | None = None,
        usd: float | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> Slate:
        slate = await super().completed(fingerprint, owner, output_url, usd, metrics)
        if usd is not None:
            self.seen.billed.append((self.seen.time(), slate.model, usd))
        return slate


def watched(kind: type[Ledger]) -> type[Watched]:
    """That kind of ledger, looked at."""
    return type("WatchedLedger", (Watched, kind), {})
