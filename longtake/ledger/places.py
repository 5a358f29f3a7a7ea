"""Where a ledger lies: a path or a URL as a person writes it, as SQLAlchemy wants it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from longtake.errors import SettingsError

_FORMS = "give a file's path, sqlite:///path or postgresql://user@host/database"
_BUSY = "busy_seconds"
_SECONDS = re.compile(r"\d{1,6}(\.\d+)?")


@dataclass(frozen=True)
class LedgerUrl:
    """A ledger's place: ``url`` for the asynchronous driver, ``path`` for a SQLite file.

    ``busy_seconds`` is how long to wait for other writers, where the URL says it.
    """

    url: URL
    path: Path | None
    busy_seconds: float | None = None

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a SQLite file."""
        return self.path is not None

    def __str__(self) -> str:
        """Fit to be shown: without a password."""
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)


def ledger_url(place: str | Path) -> LedgerUrl:
    """Read a path or URL; raises SettingsError, with the forms there are, for anything else."""
    if isinstance(place, Path) or "://" not in place:
        return _sqlite(Path(place))
    try:
        url = make_url(place)
    except ArgumentError:
        raise SettingsError(f"the ledger's URL cannot be read; {_FORMS}") from None
    busy_seconds, url = _busy_seconds(url), url.difference_update_query([_BUSY])
    kind = url.drivername.split("+")[0]
    if kind == "sqlite":
        if url.database in (None, "", ":memory:"):
            raise SettingsError(f"a ledger in memory would be forgotten; {_FORMS}")
        return replace(_sqlite(Path(url.database)), busy_seconds=busy_seconds)
    if kind in ("postgres", "postgresql"):
        return LedgerUrl(_postgres(url), None, busy_seconds)
    raise SettingsError(f"a ledger cannot lie in {kind!r}; {_FORMS}")


def _busy_seconds(url: URL) -> float | None:
    said = url.query.get(_BUSY)
    if said is None:
        return None
    seconds = float(said) if isinstance(said, str) and _SECONDS.fullmatch(said) else 0.0
    if not seconds > 0:
        raise SettingsError(f"the ledger's {_BUSY} must be seconds above 0, not {said!r}")
    return seconds


def _sqlite(path: Path) -> LedgerUrl:
    if not path.name:
        raise SettingsError(f"the ledger's path is empty; {_FORMS}")
    absolute = path.expanduser().absolute()
    return LedgerUrl(URL.create("sqlite+aiosqlite", database=str(absolute)), absolute)


def _postgres(url: URL) -> URL:
    """libpq's ``sslmode`` is called ``ssl`` by asyncpg; the rest is the same."""
    query = {"ssl" if key == "sslmode" else key: value for key, value in url.query.items()}
    return url.set(drivername="postgresql+asyncpg", query=query)
