"""What a database or the way to it raises is said plainly: where it is, and what helps."""

from __future__ import annotations

import errno
import sqlite3

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from longtake.errors import DiskFull, LedgerLocked, LedgerUnreachable
from longtake.ledger.places import ledger_url
from longtake.ledger.troubles import may_pass, plain_error, translated_errors


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (sqlite3.OperationalError("database is locked"), LedgerLocked),
        (sqlite3.OperationalError("database or disk is full"), DiskFull),
        (OSError(errno.EDQUOT, "quota exceeded"), DiskFull),
        (sqlite3.DatabaseError("database disk image is malformed"), LedgerUnreachable),
        (sqlite3.OperationalError("attempt to write a readonly database"), LedgerUnreachable),
        (TimeoutError(), LedgerUnreachable),
    ],
)
def test_every_trouble_has_its_error(error: Exception, kind: type[Exception]) -> None:
    assert type(plain_error(error, ledger_url("/films/ledger.db"))) is kind


class Told(Exception):
    """What a server's driver raises: it has a state, and words."""

    def __init__(self, sqlstate: str | None, words: str = "words") -> None:
        super().__init__(words)
        self.sqlstate = sqlstate


FILE, SERVER = "/films/ledger.db", "postgresql://me:secret@db/film"
LOCKED = (
    " stayed locked by another process; end whatever holds it (a database browser, a stopped "
    "render) and run it again; all that was paid for is kept"
)
FULL = " is full; make room and run it again"
SHOWN = "postgresql+asyncpg://me:***@db/film"


@pytest.mark.parametrize(
    ("place", "error", "kind", "says"),
    [
        (SERVER, Told("55P03"), LedgerLocked, f"the ledger {SHOWN}{LOCKED}"),
        (SERVER, Told("40P01"), LedgerLocked, f"the ledger {SHOWN}{LOCKED}"),
        (SERVER, Told("25P03"), LedgerLocked, f"the ledger {SHOWN}{LOCKED}"),
        (FILE, Told(None, "the table is busy"), LedgerLocked, f"the ledger {FILE}{LOCKED}"),
        (SERVER, Told("53100"), DiskFull, f"the disk under the ledger {SHOWN}{FULL}"),
        (FILE, OSError(errno.ENOSPC, "full"), DiskFull, f"the disk under the ledger {FILE}{FULL}"),
        (
            FILE,
            Told(None, "file is not a database"),
            LedgerUnreachable,
            (
                f"{FILE} is not a ledger, or is damaged (file is not a database); "
                "name another file, or restore it"
            ),
        ),
        (
            SERVER,
            Told("28P01", " no such user "),
            LedgerUnreachable,
            (
                f"the ledger {SHOWN} cannot be used: no such user; "
                "check that the server runs and that user, password and database are right"
            ),
        ),
        (
            FILE,
            TimeoutError(),
            LedgerUnreachable,
            (
                f"the ledger {FILE} cannot be used: TimeoutError; check that its folder exists and "
                "that you may write there"
            ),
        ),
        (
            "/usr",
            Told(None),
            LedgerUnreachable,
            "the ledger /usr cannot be used: words; it is a folder; name a file in it",
        ),
    ],
)
def test_every_trouble_says_where_it_is_and_what_helps(
    place: str, error: Exception, kind: type[Exception], says: str
) -> None:
    url = ledger_url(place)
    found = plain_error(error, url)
    assert type(found) is kind
    assert str(found) == says


@pytest.mark.parametrize(
    ("place", "error", "passes"),
    [
        (SERVER, Told("57P01"), True),
        (SERVER, Told("57P02"), True),
        (SERVER, Told("57P03"), True),
        (SERVER, Told("28P01"), False),
        (SERVER, ConnectionRefusedError(), True),
        (SERVER, DBAPIError("x", None, ConnectionRefusedError()), True),
        (SERVER, DBAPIError("x", None, Told("57P03")), True),
        (SERVER, DBAPIError("x", None, Told("28P01")), False),
        (FILE, Told("57P03"), False),
        (FILE, OSError(), False),
        (FILE, ValueError(), False),
    ],
)
def test_a_server_that_stops_or_starts_may_be_there_soon(
    place: str, error: Exception, passes: bool
) -> None:
    assert may_pass(error, ledger_url(place)) is passes


@pytest.mark.parametrize(
    ("place", "error", "kind"),
    [
        (FILE, sqlite3.OperationalError("database is locked"), LedgerLocked),
        (FILE, DBAPIError("x", None, sqlite3.OperationalError("locked? is busy")), LedgerLocked),
        (FILE, PoolTimeout(), LedgerLocked),
        (FILE, OSError("gone"), LedgerUnreachable),
        (FILE, IntegrityError("x", None, ValueError("a bug of ours")), IntegrityError),
        (FILE, LedgerLocked("said already"), LedgerLocked),
        (FILE, ValueError("a bug of ours"), ValueError),
        (FILE, asyncpg.PostgresError("of another driver"), asyncpg.PostgresError),
        (SERVER, asyncpg.PostgresError("words"), LedgerUnreachable),
        (SERVER, asyncpg.InterfaceError("words"), LedgerUnreachable),
        (SERVER, OSError("gone"), LedgerUnreachable),
        (SERVER, DBAPIError("x", None, Told("55P03")), LedgerLocked),
    ],
)
def test_what_a_driver_raises_is_said_plainly_and_bugs_pass(
    place: str, error: Exception, kind: type[Exception]
) -> None:
    with pytest.raises(kind) as caught, translated_errors(ledger_url(place)):
        raise error
    assert type(caught.value) is kind
    assert caught.value is error or caught.value.__cause__ is error
    if isinstance(caught.value, LedgerLocked) and caught.value is not error:
        assert "stayed locked" in str(caught.value)
