"""Fixtures of the render's own room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rendering.plain import Workshop


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    """Somewhere to render, with a key that the emulator takes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEGMIND_API_KEY", "a-key-for-tests")
        yield Workshop(tmp_path)
