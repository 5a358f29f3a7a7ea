"""The Prefect server that a render reports to: the one that is set, or one of its own.

Prefect would start its own by itself, but with our key in its environment, within reach of Ctrl-C,
and only after it has imported all of the server here, which takes longer than the server's process
to begin. And one that is set and does not answer would be told in a hundred lines.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import queue
import signal
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import lru_cache
from pathlib import Path

from longtake.companion import Companion
from longtake.errors import OperatorError
from longtake.surroundings import ARENAS
from tasks.own_server import PORT, READY, SET

# Prefect reads these when it is imported: no tracking, no log lines between ours (they are in
# Prefect's UI), and time enough for a server that it starts by itself, as in a plain script.
PREFECT_ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}

SERVER_ENVIRONMENT = {
    "MALLOC_ARENA_MAX": str(ARENAS),
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT_UI_ENABLED": "0",
    # Automations are for servers that last, and blocks are registered where one is made.
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "0",
    "PREFECT_API_BLOCKS_REGISTER_ON_START": "0",
    # Nobody looks on, so what it is told is written every few seconds, not a line at a time.
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "500",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "3",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "500",
}
"""How a server of our own saves work, unless the environment says otherwise."""

STOP_SECONDS = 5.0
"""How long it may take to end: what waits for the command's end waits for it, too."""

START_SECONDS = 300.0
"""How long a server of our own may take until it answers: a first one sets up its database."""

ANSWER_SECONDS = 15.0

_NAME_A_SERVER = frozenset({"PREFECT_API_URL", "PREFECT_PROFILE", "PREFECT_PROFILES_PATH"})
_SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")


def prepare_environment() -> None:
    """Say how Prefect is to run here, where the environment does not; before it is imported."""
    for name, value in PREFECT_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


class OwnServer:
    """A Prefect server in a process of its own, for this one alone, as far as one is needed."""

    def __init__(self) -> None:
        self.url: str | None = None
        """The address of its API; None until it is known, or where another server is set."""
        self._is_needed: bool | None = None
        self._is_ready = False
        self._said: queue.SimpleQueue[str] = queue.SimpleQueue()
        environment = {
            name: os.environ.get(name, value) for name, value in SERVER_ENVIRONMENT.items()
        }
        with shielded_children(), without_secrets():
            self._process = Companion([sys.executable, "-P", "-m", "tasks.own_server"], environment)
        # Before Prefect is imported: what it does at the end of the process comes before this then.
        atexit.register(self.stop)
        self._listener = threading.Thread(target=self._listen, daemon=True, name="own-server")
        self._listener.start()

    def is_needed(self) -> bool:
        """Whether Prefect is set to no other server; waits until that is known."""
        if self._is_needed is None:
            word, _, port = self._next().partition(" ")
            self._is_needed = word == PORT
            self.url = f"http://127.0.0.1:{port}/api" if self._is_needed else None
        return self._is_needed

    def wait(self) -> None:
        """Wait until it answers; raises OperatorError."""
        while not self._is_ready:
            self._is_ready = self._next() == READY

    def stop(self) -> None:
        """End it."""
        self._process.stop(STOP_SECONDS)
        self._listener.join(STOP_SECONDS)
        self._process.close()

    def _listen(self) -> None:
        for line in self._process.lines():
            self._said.put(line)
        self._said.put("")

    def _next(self) -> str:
        try:
            said = self._said.get(timeout=START_SECONDS)
        except queue.Empty:
            said = f"nothing came within {START_SECONDS:.0f} s"
        if said.split(" ")[0] in (SET, PORT, READY):
            return said
        code = self._process.stop(STOP_SECONDS)
        raise OperatorError(
            "Prefect could not start a server for this render: "
            f"{said or f'it ended with code {code}'}; see `longtake doctor`"
        )


@lru_cache
def own_server() -> OwnServer:
    """The server that this process has begun to start; only one, and not before it is asked for.

    To ask early is worth it: its process comes up while this one imports Prefect.
    """
    return OwnServer()


def early_server() -> OwnServer | None:
    """Our own server, being started; None where Prefect is imported and set to another."""
    known = lasting_server() if "prefect" in sys.modules else None
    return own_server() if known is None else None


def is_set_nowhere() -> bool:
    """Whether nothing that Prefect 3.9 reads its settings from can name a server.

    That is told at once, without Prefect; where this is False, it takes Prefect to tell.
    """
    if any(value and name.upper() in _NAME_A_SERVER for name, value in os.environ.items()):
        return False
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    if (home / "profiles.toml").exists() or Path("prefect.toml").exists():
        return False
    shared = {".env": "prefect", "pyproject.toml": "tool.prefect"}
    return not any(
        Path(name).is_file() and word in Path(name).read_text(errors="replace").lower()
        for name, word in shared.items()
    )


def lasting_server() -> str | None:
    """The address of the API that Prefect is set to, if it is; not of a server of our own."""
    from prefect.settings import get_current_settings

    url = get_current_settings().api.url or None
    started = own_server.cache_info().currsize > 0
    return None if started and url == own_server().url else url


class _Users:
    """Who works with our own server now, and the environment as it was before them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.count = 0
        self.before: str | None = None


_USERS = _Users()


@asynccontextmanager
async def reached_server() -> AsyncIterator[None]:
    """As ``reach_server``, for the block: at its end Prefect is set as it was before.

    Blocks may overlap; the last one that ends leaves the environment as the first one found it.
    """
    with _USERS.lock:
        if not _USERS.count:
            _USERS.before = os.environ.get("PREFECT_API_URL")
        _USERS.count += 1
    try:
        await asyncio.to_thread(reach_server)
        yield
    finally:
        with _USERS.lock:
            _USERS.count -= 1
            if not _USERS.count:
                _point_prefect_at(_USERS.before)


def lasting_ui() -> str | None:
    """Where a browser finds the server that Prefect is set to; None without one."""
    if not lasting_server():
        return None
    from prefect.settings import get_current_settings

    return get_current_settings().ui_url


def reach_server() -> None:
    """See to it that a server answers: the one that is set, or our own. Raises OperatorError.

    What runs in this process, and what it starts, reports to it from now on.
    """
    server = early_server()
    if server is not None and server.is_needed():
        _point_prefect_at(str(server.url))
        server.wait()
        return
    trouble = asyncio.run(trouble_with_server())
    if trouble:
        raise OperatorError(
            f"the Prefect server at {lasting_server()} does not answer: {trouble}; start it with "
            "`prefect server start`, or let each render start its own: `prefect config unset "
            "PREFECT_API_URL`, or PREFECT_API_URL= in the environment"
        )


def _point_prefect_at(url: str | None) -> None:
    """In the environment: every thread, and whatever Prefect starts, goes by it."""
    if os.environ.get("PREFECT_API_URL") == url:
        return
    if url is None:
        del os.environ["PREFECT_API_URL"]
    else:
        os.environ["PREFECT_API_URL"] = url
    from prefect.context import refresh_global_settings_context

    refresh_global_settings_context()


async def trouble_with_server() -> str:
    """Why the server that Prefect is set to does not answer, in a line; "" if it does."""
    from prefect import get_client

    try:
        async with asyncio.timeout(ANSWER_SECONDS), get_client() as client:
            trouble = await client.api_healthcheck()
    except TimeoutError:
        return f"nothing came within {ANSWER_SECONDS:.0f} s"
    except Exception as error:  # its client checks versions, certificates and more as it opens
        trouble = error
    if trouble is None:
        return ""
    said = str(trouble) or type(trouble).__name__
    return said.splitlines()[0][:200]


@contextmanager
def shielded_children() -> Iterator[None]:
    """Processes that are started in the block hear neither Ctrl-C nor SIGTERM.

    A terminal sends the first to every process of the render, a service manager the second, and a
    Prefect server that stops at once leaves the render without anybody to tell its end to. A
    blocked signal stays blocked in what is started meanwhile. POSIX only; elsewhere nothing is
    done.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def without_secrets() -> Iterator[None]:
    """Take keys and passwords out of the environment that processes are started with."""
    hidden = {
        name: value
        for name, value in os.environ.items()
        if any(word in name.upper() for word in _SECRET_WORDS) and not name.startswith("PREFECT_")
    }
    for name in hidden:
        del os.environ[name]
    try:
        yield
    finally:
        os.environ.update(hidden)
