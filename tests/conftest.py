"""Fixtures that every room's tests share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Everything asynchronous here runs on asyncio, as Prefect does."""
    return "asyncio"
