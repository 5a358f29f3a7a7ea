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

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from longtake.ledger.advancing import Advancing
from longtake.ledger.database import Clock, Database
from longtake.ledger.knowing import Knowing
from longtake.ledger.places import ledger_url
from longtake.ledger.remembering import Remembering
from longtake.ledger.working import Working


class Ledger(Working, Advancing, Knowing, Remembering):
    """An open ledger; ``async with Ledger.open(url) as ledger``."""

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
