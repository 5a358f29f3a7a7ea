"""Fixtures that tests of commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.kept import Kept


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    """A ledger of the test's own, before there is any."""
    return Kept(tmp_path)
