"""What happens to a take: the part of the ledger's door about its steps.

What holds for every method stands in ``ledger``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from longtake.ledger import (
    memory,
    steps,
    witnesses,
)
from longtake.ledger.door import Door
from longtake.ledger.records import Slate
from longtake.ledger.states import TakeState
from longtake.ledger.witnesses import Statement, Witness


class Advancing(Door):
    """What happens to a take: the part of the ledger's door about its steps."""

    async def sending(self, fingerprint: str, owner: str) -> Slate:
        """The POST leaves right after this returns: from now on it may have been accepted.

        Not repeatable, on purpose: whoever finds the take sent must find out what became of it
        (``submitted``, ``ambiguous``, or ``reopen`` when it is certainly absent). Raises
        IllegalTransition then, and LeaseLost without an unexpired lease.
        """
        return await self._db.write(lambda tx: steps.sending(tx, fingerprint, owner))

    async def submitted(self, fingerprint: str, owner: str, request_id: str) -> Slate:
        """The service accepted it under this id. Call before the first poll.

        Taken from anybody in any state while the slate has no id. A second, different id is kept
        as a past request with its estimate counted, and DoublePayment is raised after that.
        """
        return await self._db.write(lambda tx: steps.submitted(tx, fingerprint, owner, request_id))

    async def completed(
        self,
        fingerprint: str,
        owner: str,
        output_url: str | None = None,
        usd: float | None = None,
        metrics: Mapping[str, Any] | None = None,
    ) -> Slate:
        """The clip is made: where it lies, what it cost (None: not told, the estimate counts).

        Taken from anybody. The first cost that is told stays; a newer URL replaces an older one.
        """
        return await self._db.write(
            lambda tx: steps.completed(tx, fingerprint, owner, output_url, usd, metrics)
        )

    async def stored(
        self,
        fingerprint: str,
        owner: str,
        clip_sha256: str,
        size_bytes: int,
        frame_count: int,
        width: int,
        height: int,
        usd: float | None = None,
    ) -> Slate:
        """The checked file lies in the store under that hash; the lease ends.

        Taken from anybody. Raises IllegalTransition for another file than the one on record.
        """
        return await self._db.write(
            lambda tx: steps.stored(
                tx,
                fingerprint,
                owner,
                usd=usd,
                clip_sha256=clip_sha256,
                size_bytes=size_bytes,
                frame_count=frame_count,
                width=width,
                height=height,
            )
        )

    async def failed(
        self,
        fingerprint: str,
        owner: str,
        error: str,
        kind: str = "failed",
        metrics: Mapping[str, Any] | None = None,
    ) -> Slate:
        """The service ran it and failed: not billed, the lease ends.

        ``kind`` CONTENT_BLOCKED bars it from ever being reopened.
        """
        return await self._verdict(fingerprint, owner, TakeState.FAILED, error, kind, metrics)

    async def refused(
        self, fingerprint: str, owner: str, error: str, kind: str = "refused"
    ) -> Slate:
        """The service will not run this request: not billed, the lease ends."""
        return await self._verdict(fingerprint, owner, TakeState.REFUSED, error, kind)

    async def ambiguous(
        self, fingerprint: str, owner: str, error: str = "", kind: str = "ambiguous"
    ) -> Slate:
        """It was sent and no usable answer came: parked, counted, and never sent blindly.

        The lease stays, for whoever searches the history; ``release`` it when that is given up.
        """
        return await self._verdict(fingerprint, owner, TakeState.AMBIGUOUS, error, kind)

    async def lost(self, fingerprint: str, owner: str, error: str, kind: str = "lost") -> Slate:
        """It was (or counts as) paid and its file cannot be had: shown with its cost, lease ends.

        Also for a stored take whose file is gone from the store and from the service. Should the
        file turn up after all, ``completed`` and ``stored`` are taken.
        """
        return await self._verdict(fingerprint, owner, TakeState.LOST, error, kind)

    async def unusable(
        self, fingerprint: str, owner: str, error: str, kind: str = "unusable"
    ) -> Slate:
        """It was paid and its file came, but no film can be made of it: lease ends, cost stays.

        Also for a stored take in whose file that was found later.
        """
        return await self._verdict(fingerprint, owner, TakeState.UNUSABLE, error, kind)

    async def testify(self, fingerprint: str, witness: Witness, said: str | None) -> None:
        """A witness was asked for the clip and said that it is gone; None: it is there after all.

        Forgotten once the clip is stored, or the take begins again.
        """
        await self._db.write(lambda tx: witnesses.testify(tx, fingerprint, witness, said))

    async def statements(self, fingerprint: str) -> list[Statement]:
        """Who has said, since when, that the take's clip is gone; ``gone_for_good`` judges it."""
        return await self._db.read(lambda tx: witnesses.statements(tx, fingerprint))

    async def _verdict(
        self,
        fingerprint: str,
        owner: str,
        state: TakeState,
        error: str,
        kind: str,
        metrics: Mapping[str, Any] | None = None,
    ) -> Slate:
        """Raises LeaseLost from anybody but the holder, IllegalTransition from a wrong state."""
        return await self._db.write(
            lambda tx: steps.verdict(
                tx, fingerprint, owner, state, error=error, kind=kind, metrics=metrics
            )
        )

    async def now(self) -> datetime:
        """The ledger's clock, in UTC: the one that leases run by."""
        return await self._db.read(memory.now)
