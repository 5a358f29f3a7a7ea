"""The board's pages in a real browser: whole, at home on a phone, and asking nobody else."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from longtake.board import BoardPlace
from longtake.board.catalog import key_of
from tests.board.conftest import settings_in
from tests.board.serving import served
from tests.chromium import chromium, needs_chromium

pytestmark = needs_chromium


@pytest.fixture(scope="module")
def board(drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A board over one render, for looking only."""
    folder = tmp_path_factory.mktemp("looked at")
    shutil.copytree(drawn, folder / "renders" / "a render #1")
    place = BoardPlace(settings=settings_in(folder), roots=(folder / "renders",))
    with served(place) as url:
        yield f"{url} {key_of(folder / 'renders' / 'a render #1')}"


@pytest.fixture(scope="module")
def browser(board: str) -> Iterator[Any]:
    """A browser; asked for after the board, since its driver keeps a loop running meanwhile."""
    with chromium() as browser:
        yield browser


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["", "films/KEY/"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_is_whole_fits_and_asks_nobody_else(
    browser: Any, board: str, path: str, width: int
) -> None:
    url, key = board.split()
    complaints: list[str] = []
    asked: list[str] = []
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: (complaints.append(dialog.message), dialog.dismiss()))
    page.goto(f"{url}/{path.replace('KEY', key)}")
    page.wait_for_function(
        "() => [...document.images].every((each) => each.loading === 'lazy' || each.complete)"
    )
    pictures = page.evaluate("[...document.images].map((each) => each.naturalWidth)")
    assert pictures
    assert min(pictures) > 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert complaints == []
    assert [each for each in asked if not each.startswith((url, "data:"))] == []
