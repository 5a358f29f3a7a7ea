"""One render for every test that reviews it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from longtake.record import RunRecord, read_run
from tests.review.renders import make_render


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
