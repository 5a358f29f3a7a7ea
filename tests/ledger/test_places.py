"""Where a ledger lies, as a person writes it."""

from __future__ import annotations

import pytest

from longtake.errors import (
    SettingsError,
)
from longtake.ledger.places import ledger_url


@pytest.mark.parametrize(
    ("place", "url"),
    [
        ("/films/ledger.db", "sqlite+aiosqlite:////films/ledger.db"),
        ("sqlite:////films/ledger.db", "sqlite+aiosqlite:////films/ledger.db"),
        ("postgres://me:pw@db/film", "postgresql+asyncpg://me:pw@db/film"),
        ("postgresql+psycopg://db/film", "postgresql+asyncpg://db/film"),
        ("postgresql://db/film?sslmode=require", "postgresql+asyncpg://db/film?ssl=require"),
    ],
)
def test_a_place_is_read_as_a_person_writes_it(place: str, url: str) -> None:
    assert ledger_url(place).url.render_as_string(hide_password=False) == url


@pytest.mark.parametrize("place", ["mysql://db/x", "sqlite://", "sqlite:///:memory:", "", "://"])
def test_a_place_that_cannot_be_is_refused_with_the_forms_there_are(place: str) -> None:
    with pytest.raises(SettingsError, match=r"give a file's path"):
        ledger_url(place)


def test_a_place_may_say_how_long_to_wait_for_other_writers() -> None:
    for place in ("sqlite:////films/ledger.db", "postgresql://db/film"):
        waiting, plain = ledger_url(f"{place}?busy_seconds=2.5"), ledger_url(place)
        assert (waiting.busy_seconds, plain.busy_seconds) == (2.5, None)
        assert waiting.url == plain.url


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "inf"])
def test_a_wait_that_is_no_time_is_refused(seconds: str) -> None:
    with pytest.raises(SettingsError, match="busy_seconds must be seconds above 0"):
        ledger_url(f"sqlite:////films/ledger.db?busy_seconds={seconds}")


def test_a_password_is_never_shown() -> None:
    assert "secret" not in str(ledger_url("postgresql://me:secret@db/film"))
