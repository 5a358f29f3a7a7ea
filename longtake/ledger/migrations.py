"""Brings a ledger to this code's version, by itself, when it is opened.

Why not Alembic: it would bring a script folder to package, an environment to configure and a
synchronous runner, and it has no notion of refusing a ledger that is newer than the code. There
are a handful of tables and one way forward, so the steps are an ordered tuple of functions.

A new ledger is made from ``schema`` at once; an older one takes the steps it lacks, in one
transaction, under the same lock that every writing transaction takes. So two processes that open
a ledger at the same time do not meet. Both databases roll DDL back when a step fails.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, insert, inspect, select

from longtake.errors import LedgerTooNew, LedgerUnreachable
from longtake.ledger import schema

Step = Callable[[Connection], None]


def _remember_more(connection: Connection) -> None:
    """Version 2: films by their recipe, what was measured and decided, when to hold off."""
    tables = [schema.films, schema.measures, schema.verdicts, schema.holds]
    schema.metadata.create_all(connection, tables=tables)


def _remember_witnesses(connection: Connection) -> None:
    """Version 3: who has said that a clip cannot be had, and what a person said of the ledger."""
    schema.metadata.create_all(connection, tables=[schema.witnesses, schema.marks])


STEPS: tuple[Step, ...] = (_remember_more, _remember_witnesses)
"""``STEPS[n]`` leads from version n + 1 to n + 2. Never edit one that was released."""


def migrate(connection: Connection, now: datetime, steps: Sequence[Step] = STEPS) -> int:
    """Bring the ledger to the newest version and return that version.

    Call it inside a writing transaction. Raises LedgerTooNew for a ledger from a newer longtake
    and LedgerUnreachable for a database that holds somebody else's ``slates``, or, in a file of its
    own, somebody else's anything: nothing has been written to it then.
    """
    newest = 1 + len(steps)
    found = _version(connection)
    if found is None:
        schema.metadata.create_all(connection)
        _note(connection, newest, now)
        return newest
    if found > newest:
        raise LedgerTooNew(
            f"the ledger has version {found}, this longtake knows versions up to {newest}; "
            "update longtake, or name another ledger"
        )
    for step in steps[found - 1 :]:
        step(connection)
    if found < newest:
        _note(connection, newest, now)
    return newest


def _version(connection: Connection) -> int | None:
    tables = set(inspect(connection).get_table_names())
    if schema.versions.name in tables:
        version: int | None = connection.scalar(select(func.max(schema.versions.c.version)))
        return version
    if tables & set(schema.metadata.tables):
        raise LedgerUnreachable(
            "the database holds tables of the same names that are not a longtake ledger; "
            "name another database or file"
        )
    if tables and connection.dialect.name == "sqlite":
        raise LedgerUnreachable(
            f"the file is another program's database (with a table {min(tables)!r}), not a "
            "longtake ledger; name another file"
        )
    return None


def _note(connection: Connection, version: int, now: datetime) -> None:
    connection.execute(insert(schema.versions).values(version=version, migrated_at=now))
