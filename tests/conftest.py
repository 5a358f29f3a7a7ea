"""Fixtures that every room's tests share."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler.loadscope import LoadScopeScheduling

# Prefect reads its home when it is imported, and no test may touch the user's own.
_PREFECT_HOME = tempfile.mkdtemp(prefix="longtake-prefect-")
atexit.register(shutil.rmtree, _PREFECT_HOME, ignore_errors=True)
os.environ |= {
    "PREFECT_HOME": _PREFECT_HOME,
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}

# A busy machine makes no property wrong, so no example has a deadline.
settings.register_profile("longtake", deadline=None)
settings.load_profile("longtake")

# A shell lets what it starts in the background ignore Ctrl-C, and so would the processes that the
# tests start and then interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


TOGETHER = ("end_to_end", "deployments")
"""Rooms whose tests share something dear, a Prefect server or a stack: one process each."""

FIRST = (*TOGETHER, "rendering", "review", "board", "cli")
"""Rooms with the longest tests: they come first, so that no process stands idle at the end."""


class ByRoom(LoadScopeScheduling):  # type: ignore[misc]  # xdist ships no types
    """Files stay together, since fixtures are made once for each; and rooms that share more."""

    def _split_scope(self, nodeid: str) -> str:
        room = nodeid.split("/")[1]
        return room if room in TOGETHER else nodeid.partition("::")[0]


OWN_SOCKETS = frozenset({"board", "contract", "emulator", "segmind"})
"""Rooms of tests in which every socket is one of ours."""


def pytest_xdist_auto_num_workers() -> int:
    """One process more than there are cores: many tests wait for a server or a browser."""
    return min(4, (os.cpu_count() or 1) + 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the longest first; let open sockets be a fault in the rooms that open their own.

    Elsewhere they are Prefect's, whose clients leave theirs to the garbage collector: it finds
    them in the middle of any test of any room, which is not to blame.
    """
    items.sort(key=lambda item: FIRST.index(room) if (room := _room(item)) in FIRST else len(FIRST))
    for item in items:
        if not OWN_SOCKETS.intersection(item.path.parts):
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"))


def _room(item: pytest.Item) -> str:
    return item.nodeid.split("/")[1]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByRoom:
    """How tests are dealt out to the processes."""
    return ByRoom(config, log)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Everything asynchronous here runs on asyncio, as Prefect does."""
    return "asyncio"
