"""Fixtures that every room's tests share."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile

import pytest

# Prefect reads its home when it is imported, and no test may touch the user's own.
_PREFECT_HOME = tempfile.mkdtemp(prefix="longtake-prefect-")
atexit.register(shutil.rmtree, _PREFECT_HOME, ignore_errors=True)
os.environ |= {
    "PREFECT_HOME": _PREFECT_HOME,
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}

# A shell lets what it starts in the background ignore Ctrl-C, and so would the processes that the
# tests start and then interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Everything asynchronous here runs on asyncio, as Prefect does."""
    return "asyncio"
