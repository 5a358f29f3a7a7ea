"""The ledger's door: every step of a take, as a contract that others could implement.

What holds for every method:

- it is one transaction: done and on disk when it returns, undone when it raises (DoublePayment
  alone is raised after its record is safe);
- it may be called again after a crash: a call that brings nothing new changes nothing;
- ``owner`` names one working process for ever ("host-pid-random"), never two;
- a *holder* is the owner of a lease; ``sending`` also asks that it has not run out;
- errors: LedgerLocked, LedgerUnreachable or DiskFull from any method, when the place fails.

A Ledger belongs to the event loop that it was opened in. Give every process its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from longtake.errors import LedgerConflict
from longtake.ledger import (
    claims,
    memory,
    money,
    prices,
    queries,
    rebuilding,
    rows,
    steps,
    verdicts,
    witnesses,
)
from longtake.ledger.database import Clock, Database
from longtake.ledger.places import ledger_url
from longtake.ledger.records import Budget, Claim, CostRow, PastRequest, Scope, Slate, TakeIntent
from longtake.ledger.states import TakeState, Verdict
from longtake.ledger.witnesses import Statement, Witness
from longtake.story import PastClip


class Ledger:
    """An open ledger; ``async with Ledger.open(url) as ledger``."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str | Path, *, clock: Clock | None = None, busy_seconds: float = 30
    ) -> AsyncIterator[Ledger]:
        """Open a file's path, ``sqlite:///…`` or ``postgresql://…``; make or migrate its tables.

        ``clock`` (aware times) replaces the machine's or PostgreSQL's own, for tests;
        ``busy_seconds`` is how long any method waits for other writers; the URL's own
        ``?busy_seconds=5`` outranks it. Raises LedgerTooNew, LedgerLocked, LedgerUnreachable, or
        SettingsError for a URL that is none of these.
        """
        database = Database(ledger_url(url), clock=clock, busy_seconds=busy_seconds)
        try:
            await database.prepare()
            yield cls(database)
        finally:
            await database.close()

    # -- who works on a take --------------------------------------------------------------------

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

    # -- what happens to it ---------------------------------------------------------------------

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

    # -- what is known --------------------------------------------------------------------------

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

    async def past_clips(self) -> list[PastClip]:
        """The latest clips that were completed: what each was billed and how long it took."""
        return await self._db.read(prices.past_clips)

    # -- made again out of the store ------------------------------------------------------------

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

    # -- what is done once ----------------------------------------------------------------------

    async def base_seed(self, storyboard: str, draw: Callable[[], int]) -> int:
        """The storyboard's base seed: drawn by the first who asks, the same for all ever after."""
        return await self._db.write(lambda tx: memory.base_seed(tx, storyboard, draw))

    async def known_base_seed(self, storyboard: str) -> int | None:
        """The storyboard's base seed, None where nobody has drawn one yet."""
        return await self._db.read(lambda tx: memory.known_base_seed(tx, storyboard))

    async def upload_url(self, content_sha256: str) -> str | None:
        """Where that content was uploaded, if it was and still holds."""
        return await self._db.read(lambda tx: memory.upload_url(tx, content_sha256))

    async def remember_upload(
        self, content_sha256: str, url: str, ttl_seconds: float | None = None
    ) -> None:
        """That content lies at the URL, for ``ttl_seconds`` or for ever."""
        await self._db.write(
            lambda tx: memory.remember_upload(tx, content_sha256, url, ttl_seconds)
        )

    async def frame(self, clip_sha256: str, frame_index: int, recipe: str) -> str | None:
        """The hash of the frame that the recipe takes from that clip, if it was taken before."""
        return await self._db.read(lambda tx: memory.frame(tx, clip_sha256, frame_index, recipe))

    async def remember_frame(
        self, clip_sha256: str, frame_index: int, recipe: str, frame_sha256: str
    ) -> None:
        """The recipe takes that frame from that clip."""
        await self._db.write(
            lambda tx: memory.remember_frame(tx, clip_sha256, frame_index, recipe, frame_sha256)
        )

    async def film(self, recipe: str) -> str | None:
        """The hash of the film that was assembled by that recipe, if one was."""
        return await self._db.read(lambda tx: memory.film(tx, recipe))

    async def remember_film(self, recipe: str, film_sha256: str) -> None:
        """The recipe (a hash of all clips and of how they are joined) makes that film."""
        await self._db.write(lambda tx: memory.remember_film(tx, recipe, film_sha256))

    async def measure(self, subject: str) -> str | None:
        """What was measured of that subject (a hash of files and of how they are looked at)."""
        return await self._db.read(lambda tx: memory.measure(tx, subject))

    async def remember_measure(self, subject: str, content: str) -> None:
        """Keep a measurement, as text: the same files read the same for ever."""
        await self._db.write(lambda tx: memory.remember_measure(tx, subject, content))

    # -- what people and the service decided ----------------------------------------------------

    async def decide(self, fingerprint: str, verdict: Verdict | None, note: str = "") -> None:
        """Write down what a person decided about a take; None takes the decision back."""
        await self._db.write(lambda tx: verdicts.decide(tx, fingerprint, verdict, note))

    async def verdicts(self, fingerprints: Sequence[str]) -> Mapping[str, Verdict]:
        """What was decided about those takes; takes without a decision are left out."""
        return await self._db.read(lambda tx: verdicts.verdicts(tx, fingerprints))

    async def hold_off(self, account: str, seconds: float) -> None:
        """The service asked to be left alone: nobody submits for that account meanwhile."""
        await self._db.write(lambda tx: memory.hold_off(tx, account, seconds))

    async def hold_seconds(self, account: str) -> float:
        """For how long nobody should submit for that account; 0 where nothing is held."""
        return await self._db.read(lambda tx: memory.hold_seconds(tx, account))

    async def contents(self) -> frozenset[str]:
        """The hash of every clip, frame and film that the ledger knows: what may not be deleted."""
        return await self._db.read(memory.contents)
