"""What a render may still pay for: its budgets, what stopped it, and what it pays for again."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from longtake.errors import LedgerError, OperatorError, RenderStopped
from longtake.ledger import Budget, Ledger, Scope
from longtake.rendering.submit_times import SubmitTimes
from longtake.store import Store

FREE_SECONDS = 1.0
"""How long nobody else is taken to have met a 429, once the ledger has said so."""


class Spending:
    """The money of one render.

    ``run`` is what the ledger calls the render, ``account`` is who pays. ``stopped_by`` is set
    once nothing more may be submitted; what is in flight is finished and kept. ``retake_lost`` lets
    takes whose files are lost be paid for again. ``submit_times`` tells when this process's submits
    left.
    """

    def __init__(
        self,
        ledger: Ledger,
        store: Store,
        *,
        run: str,
        account: str,
        submit_times: SubmitTimes,
        budgets: tuple[Budget, ...] = (),
        retake_lost: bool = False,
    ) -> None:
        self.run = run
        self.account = account
        self.budgets = budgets
        self.retake_lost = retake_lost
        self.submit_times = submit_times
        self.stopped_by: OperatorError | None = None
        self._ledger = ledger
        self._store = store
        self._store_proven = False
        self._free_until = 0.0
        self._paid_again: set[str] = set()
        self._locks: dict[str, asyncio.Lock] = {}
        self._telling: set[asyncio.Task[None]] = set()

    def stop(self, error: OperatorError) -> None:
        """Submit nothing more, because of ``error``; the first reason stays."""
        self.stopped_by = self.stopped_by or error

    def go_on(self) -> None:
        """Forget why the render stopped: whatever it was has been fixed."""
        self.stopped_by = None

    def refuse_if_stopped(self) -> None:
        """Raise RenderStopped where nothing more may be submitted."""
        if self.stopped_by is not None:
            raise RenderStopped("not submitted: the render had been stopped")

    async def prove_store(self) -> None:
        """Before the first payment: raise what is wrong with the store that is to keep the clip."""
        if not self._store_proven:
            await self._store.prove()
            self._store_proven = True

    def pays_again(self, fingerprint: str) -> bool:
        """Whether a lost take may be paid for once more in this render: once, if ever."""
        return self.retake_lost and fingerprint not in self._paid_again

    def pay_again(self, fingerprint: str) -> None:
        """Record that the take is reopened, which happens once in a render."""
        self._paid_again.add(fingerprint)

    async def failed_now(self, fingerprint: str) -> bool:
        """Whether the take failed in this very render, and not in an earlier one."""
        return (await self._ledger.get(fingerprint)).run == self.run

    def lock_for(self, fingerprint: str) -> asyncio.Lock:
        """For one clip of this render at a time: two may ask for the very same take."""
        return self._locks.setdefault(fingerprint, asyncio.Lock())

    def note_free(self, moment: float, hold_seconds: float) -> None:
        """What the ledger said, at that moment of our clock, of how long nobody should send."""
        self._free_until = 0.0 if hold_seconds else moment + FREE_SECONDS

    def is_free_now(self, moment: float) -> bool:
        """Whether the ledger has just said that anybody may send."""
        return moment < self._free_until

    def keep_others_away(self, seconds: float) -> None:
        """After a 429: tell all who share the ledger and the account."""
        self._free_until = 0.0
        telling = asyncio.create_task(self._hold_off(seconds))
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def _hold_off(self, seconds: float) -> None:
        with suppress(LedgerError):  # this process stays away by itself
            await self._ledger.hold_off(self.account, seconds)


def budgets_of(render_usd: float | None, day_usd: float | None) -> Iterator[Budget]:
    """The limits that every submit is checked against."""
    if render_usd is not None:
        yield Budget("this render's budget", render_usd, Scope.RUN)
    if day_usd is not None:
        yield Budget("the daily budget", day_usd, Scope.DAY)
