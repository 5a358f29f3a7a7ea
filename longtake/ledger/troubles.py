"""Turns a database's words into errors that say what to fix."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from longtake.errors import DiskFull, LedgerLocked, LedgerUnreachable, LongtakeError
from longtake.files import is_full
from longtake.ledger.places import LedgerUrl

_LOCKED_STATES = ("55P03", "40P01", "25P03")  # lock not available, deadlock, idle for too long
_FULL_STATES = ("53100",)
_AWAY_STATES = ("57P01", "57P02", "57P03")  # a server that stops, has crashed, or starts


@contextmanager
def translated_errors(url: LedgerUrl) -> Iterator[None]:
    """Raise LedgerLocked, DiskFull or LedgerUnreachable for what the database or its way raises.

    A broken constraint is a bug of ours, not a trouble of the place, and passes unchanged.
    """
    try:
        yield
    except (LongtakeError, IntegrityError):
        raise
    except PoolTimeout as error:
        raise LedgerLocked(_locked(url)) from error
    except DBAPIError as error:
        raise plain_error(error.orig or error, url) from error
    except _of_driver(url) as error:
        raise plain_error(error, url) from error


def _of_driver(url: LedgerUrl) -> tuple[type[Exception], ...]:
    """What a driver and the way to its database raise; asyncpg is loaded only where it is used."""
    if url.is_sqlite:
        return sqlite3.Error, OSError
    from asyncpg import InterfaceError, PostgresError

    return PostgresError, InterfaceError, OSError


def may_pass(error: Exception, url: LedgerUrl) -> bool:
    """Whether a database server gave no connection for a reason that passes by itself."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    away = getattr(cause, "sqlstate", None) in _AWAY_STATES
    return not url.is_sqlite and (away or isinstance(cause, OSError))


def plain_error(error: BaseException, url: LedgerUrl) -> LongtakeError:
    """The error to raise for what a driver raised (pure: a decision table)."""
    words = str(error).strip() or type(error).__name__
    state = getattr(error, "sqlstate", None)
    if state in _LOCKED_STATES or "database is locked" in words or "is busy" in words:
        return LedgerLocked(_locked(url))
    if is_full(error) or state in _FULL_STATES or "database or disk is full" in words:
        return DiskFull(f"the disk under the ledger {url} is full; make room and run it again")
    if "not a database" in words or "malformed" in words:
        return LedgerUnreachable(
            f"{url} is not a ledger, or is damaged ({words}); name another file, or restore it"
        )
    return LedgerUnreachable(f"the ledger {url} cannot be used: {words}; {_fix(url)}")


def _locked(url: LedgerUrl) -> str:
    return (
        f"the ledger {url} stayed locked by another process; "
        "end whatever holds it (a database browser, a stopped render) and run it again; "
        "all that was paid for is kept"
    )


def _fix(url: LedgerUrl) -> str:
    if url.path is not None and url.path.is_dir():
        return "it is a folder; name a file in it"
    if url.is_sqlite:
        return "check that its folder exists and that you may write there"
    return "check that the server runs and that user, password and database are right"
