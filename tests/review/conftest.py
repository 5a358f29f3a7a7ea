"""One render for every test that reviews it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from longtake.media import find_ffmpeg
from longtake.record import RunRecord, read_run
from longtake.rendering.review import make_review
from tests.chromium import chromium
from tests.review.browsing import Opened
from tests.review.renders import make_render, read


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a render, for looking only."""
    folder = tmp_path_factory.mktemp("rendered") / "a render #1"
    asyncio.run(make_render(folder))
    return folder


@pytest.fixture
def folder(rendered: Path, tmp_path: Path) -> Path:
    """A render's folder of the test's own."""
    return Path(shutil.copytree(rendered, tmp_path / rendered.name))


@pytest.fixture
def record(rendered: Path) -> RunRecord:
    """The render's record, without readings."""
    record = read_run(rendered / "run.json")
    assert record is not None
    return record


@pytest.fixture(scope="module")
def file(rendered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page with readings, next to its film."""
    folder = Path(shutil.copytree(rendered, tmp_path_factory.mktemp("browser") / "a render #1"))
    record = read_run(folder / "run.json")
    assert record is not None
    return asyncio.run(make_review(folder, read(record), ffmpeg=find_ffmpeg())).page


@pytest.fixture(scope="module")
def browser(file: Path) -> Iterator[Any]:
    """A browser; asked for after the page, since its driver keeps a loop running meanwhile."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def show(browser: Any, file: Path) -> Iterator[Callable[..., Opened]]:
    """Open the page, at an anchor or in another shape; it must never complain nor reach out."""
    opened: list[Opened] = []

    def show_page(anchor: str = "", **context: Any) -> Opened:
        page = browser.new_context(**context).new_page()
        page.set_default_timeout(20_000)
        shown = Opened(page)
        opened.append(shown)
        page.on("request", lambda request: shown.requests.append(request.url))
        page.on("console", lambda message: shown.complaints.append(message.text))
        page.on("pageerror", lambda error: shown.complaints.append(str(error)))
        page.goto(file.as_uri() + anchor)
        return shown

    yield show_page
    for each in opened:
        each.page.context.close()
        assert each.complaints == []
        assert [url for url in each.requests if not url.startswith(("file:", "data:"))] == []
