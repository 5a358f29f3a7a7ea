"""Opens a ledger only if there is one: reading must not create a file or tables."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import inspect

from longtake.files import is_nothing
from longtake.ledger import schema
from longtake.ledger.database import Database, Transaction
from longtake.ledger.ledger import Ledger
from longtake.ledger.places import LedgerUrl, ledger_url

BUSY_SECONDS = 30.0


@asynccontextmanager
async def existing_ledger(place: str) -> AsyncIterator[tuple[str, Ledger | None]]:
    """Its name, without a password, and the ledger; None where no render has made one yet.

    Raises what ``Ledger.open`` raises.
    """
    url = ledger_url(place)
    if not await _is_there(url):
        yield str(url), None
        return
    async with Ledger.open(place, busy_seconds=BUSY_SECONDS) as ledger:
        yield str(url), ledger


async def _is_there(url: LedgerUrl) -> bool:
    if url.path is not None and is_nothing(url.path):
        return False  # SQLite would make the file by looking into it
    database = Database(url, clock=None, busy_seconds=BUSY_SECONDS)
    try:
        return await database.read(_has_tables)
    finally:
        await database.close()


async def _has_tables(tx: Transaction) -> bool:
    def look(connection: Any) -> bool:
        tables = inspect(connection).get_table_names()
        # Another program's file is no place without a ledger: opening it says what it is.
        foreign = bool(tables) and connection.dialect.name == "sqlite"
        return foreign or schema.versions.name in tables

    return await tx.connection.run_sync(look)
