"""A board over one render, and one who asks it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from longtake.board import BoardPlace
from longtake.board.catalog import key_of
from longtake.record import RunRecord, read_run
from longtake.settings import Settings
from tests.board.film_page import Page, film_page
from tests.board.serving import served
from tests.decided import DecidedFilm, decided_film
from tests.review.renders import make_render, read

Ask = Callable[..., httpx.Client]


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A render's folder with readings, for looking only."""
    folder = tmp_path_factory.mktemp("drawn") / "a render #1"
    asyncio.run(make_render(folder))
    record = read_run(folder / "run.json")
    assert record is not None
    read(record).write(folder / "run.json")
    return folder


@pytest.fixture
def renders(drawn: Path, tmp_path: Path) -> Path:
    """A folder of renders with one in it, of the test's own."""
    shutil.copytree(drawn, tmp_path / "renders" / "a render #1")
    return tmp_path / "renders"


@pytest.fixture
def film(renders: Path) -> Path:
    """The folder of that render."""
    return renders / "a render #1"


@pytest.fixture
def key(film: Path) -> str:
    """What it is called in addresses."""
    return key_of(film)


@pytest.fixture
def record(film: Path) -> RunRecord:
    """What it has on record."""
    record = read_run(film / "run.json")
    assert record is not None
    return record


def settings_in(folder: Path, **keeping: Any) -> Settings:
    """Settings whose ledger and store lie in ``folder``."""
    places = {"ledger": str(folder / "ledger.sqlite"), "store": str(folder / "store")}
    return Settings.model_validate({"keeping": places | keeping})


@pytest.fixture
def ask(renders: Path, tmp_path: Path) -> Iterator[Ask]:
    """Open a board and give one who asks it."""
    with ExitStack() as opened:

        def open_board(**place: Any) -> httpx.Client:
            where = {"settings": settings_in(tmp_path), "roots": (renders,)} | place
            url = opened.enter_context(served(BoardPlace(**where)))
            return opened.enter_context(httpx.Client(base_url=url, trust_env=False, timeout=60))

        yield open_board


@pytest.fixture
def decided(tmp_path: Path) -> DecidedFilm:
    """A film with two takes of its first clip."""
    return decided_film(tmp_path)


@pytest.fixture
def page(decided: DecidedFilm) -> Iterator[Page]:
    """That film's page on a board without a Prefect server."""
    with film_page(decided) as page:
        yield page
