"""Fixtures of the render's own room."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from longtake.ledger import Ledger
from longtake.rendering.render import Render
from tests.rendering.plain import Workshop, board


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    """Somewhere to render, with a key that the emulator takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
        yield Workshop(tmp_path)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    """A new ledger in a file."""
    async with Ledger.open(tmp_path / "ledger.sqlite") as opened:
        yield opened


@pytest.fixture
async def render(workshop: Workshop) -> AsyncIterator[Render]:
    """A render of one clip that has begun; its service does not answer."""
    async with workshop.opened(board("a boat")) as opened:
        yield opened
