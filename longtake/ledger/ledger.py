"""The ledger's interface: every step of a take, each a contract that others could implement.

What a method does stands where its step is written. What holds for all of them:

- it is one transaction: done and on disk when it returns, undone when it raises (DoublePayment
  alone is raised after its record is safe); what is only remembered is on disk with the next write
  (``notes``);
- it may be called again after a crash: a call that brings nothing new changes nothing;
- ``owner`` names one working process forever ("host-pid-random"), never two;
- a *holder* is the owner of a lease; ``sending`` also asks that it has not run out;
- errors: LedgerLocked, LedgerUnreachable or DiskFull from any method, when the place fails.

A Ledger belongs to the event loop that it was opened in. Give every process its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

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
    yields,
)
from longtake.ledger.database import Clock, Database
from longtake.ledger.methods import reads, writes
from longtake.ledger.notes import Notes
from longtake.ledger.places import ledger_url


class Ledger(Notes):
    """An open ledger; ``async with Ledger.open(url) as ledger``."""

    # Who works on a take.
    reopen = writes(claims.reopen)
    heartbeat = writes(claims.heartbeat)
    release = writes(claims.release)
    held = reads(claims.held)

    # What happens to it.
    sending = writes(steps.sending)
    submitted = writes(steps.submitted)
    completed = writes(steps.completed)
    stored = writes(steps.stored)
    failed = writes(steps.failed)
    refused = writes(steps.refused)
    ambiguous = writes(steps.ambiguous)
    lost = writes(steps.lost)
    unusable = writes(steps.unusable)
    give_up = writes(steps.give_up)
    testify = writes(witnesses.testify)
    statements = reads(witnesses.statements)

    # What is known.
    get = reads(rows.get)
    find = reads(rows.find)
    find_all = reads(queries.find_all)
    slates = reads(queries.slates)
    knows = reads(rows.knows)
    requests = reads(queries.requests)
    accepted_ago = reads(queries.accepted_ago)
    costs = reads(money.costs)
    spent_today = reads(money.spent_today)
    yields = reads(yields.yields)
    past_clips = reads(prices.past_clips)
    contents = reads(memory.contents)
    record = reads(rebuilding.record)
    restore = writes(rebuilding.restore)
    is_empty = reads(rebuilding.is_empty)
    begin = writes(rebuilding.begin)

    # What is done once, and what people decided.
    base_seed = writes(memory.base_seed)
    known_base_seed = reads(memory.known_base_seed)
    film = reads(memory.film)
    remember_film = writes(memory.remember_film)
    keep_measure = writes(memory.remember_measure)
    hold_off = writes(memory.hold_off)
    hold_seconds = reads(memory.hold_seconds)
    decisions = reads(verdicts.decisions)
    decide = writes(verdicts.decide)
    decide_shown = writes(verdicts.decide_shown)
    verdicts = reads(verdicts.verdicts)
    known_takes = reads(queries.known_takes)

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
            ledger = cls(database)
            yield ledger
            await ledger.flush()
        finally:
            await database.close()
