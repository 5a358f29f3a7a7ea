"""Where a ledger lies, as a person writes it."""

from __future__ import annotations

from pathlib import Path

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


def test_a_file_in_the_home_and_one_from_here_are_told_from_the_root(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    for place in ("~/ledger.db", Path("~/ledger.db"), f"sqlite:///{tmp_path}/home/ledger.db"):
        assert ledger_url(place).path == tmp_path / "home" / "ledger.db"
    url = ledger_url("films/ledger.db")
    assert (url.path, url.is_sqlite, str(url)) == (
        tmp_path / "films/ledger.db",
        True,
        str(url.path),
    )
    assert url.url.database == str(url.path)
    assert ledger_url(Path("a://b")).path == tmp_path / "a:/b"


def test_a_server_is_shown_without_its_password() -> None:
    url = ledger_url("postgresql://me:secret@db/film?busy_seconds=2.5")
    assert (url.path, url.is_sqlite) == (None, False)
    assert str(url) == "postgresql+asyncpg://me:***@db/film"


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("://", "the ledger's URL cannot be read; "),
        ("sqlite:///:memory:", "a ledger in memory would be forgotten; "),
        ("sqlite://", "a ledger in memory would be forgotten; "),
        ("mysql+pymysql://db/x", "a ledger cannot lie in 'mysql'; "),
        ("", "the ledger's path is empty; "),
        ("/", "the ledger's path is empty; "),
    ],
)
def test_what_is_no_place_says_why_and_which_forms_there_are(place: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ledger_url(place)
    forms = "give a file's path, sqlite:///path or postgresql://user@host/database"
    assert str(caught.value) == says + forms


@pytest.mark.parametrize(
    ("said", "seconds"), [("1", 1.0), ("0.5", 0.5), ("999999", 999999.0), ("5&x=1", 5.0)]
)
def test_a_wait_is_a_number_of_seconds(said: str, seconds: float) -> None:
    assert ledger_url(f"postgresql://db/film?busy_seconds={said}").busy_seconds == seconds


@pytest.mark.parametrize("seconds", ["1000000", "1.", "1e3", "1&busy_seconds=2"])
def test_no_other_wait_is_taken(seconds: str) -> None:
    with pytest.raises(SettingsError) as caught:
        ledger_url(f"postgresql://db/film?busy_seconds={seconds}")
    assert str(caught.value).startswith("the ledger's busy_seconds must be seconds above 0, not ")
