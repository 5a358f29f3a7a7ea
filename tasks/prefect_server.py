"""The Prefect server that a render reports to: the one that is set, or one of its own.

Prefect would start its own by itself, but with our key in its environment and within reach of
Ctrl-C; and one that is set and does not answer would be told in a hundred lines.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from longtake.errors import OperatorError

if TYPE_CHECKING:
    from prefect.server.api.server import SubprocessASGIServer

# Prefect reads these when it is imported: no tracking, time enough for a first start (it sets up
# its database), and no log lines between ours (they are in Prefect's UI).
PREFECT_ENVIRONMENT = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "CRITICAL",
}

ANSWER_SECONDS = 15.0

_SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")


def prepare_environment() -> None:
    """Say how Prefect is to run here, where the environment does not; before it is imported."""
    for name, value in PREFECT_ENVIRONMENT.items():
        os.environ.setdefault(name, value)


def lasting_server() -> str | None:
    """The address of the API that Prefect is set to, if it is."""
    from prefect.settings import get_current_settings

    return get_current_settings().api.url or None


def reach_server() -> SubprocessASGIServer | None:
    """See to it that a server answers; gives the one that was started for this process alone.

    Prefect finds that one by itself and ends it with the process. Raises OperatorError.
    """
    url = lasting_server()
    if url is None:
        return _started()
    trouble = asyncio.run(trouble_with_server())
    if trouble:
        raise OperatorError(
            f"the Prefect server at {url} does not answer: {trouble}; start it with `prefect "
            "server start`, or let each render start its own: `prefect config unset "
            "PREFECT_API_URL`, or PREFECT_API_URL= in the environment"
        )
    return None


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


def _started() -> SubprocessASGIServer:
    from prefect.server.api.server import SubprocessASGIServer

    server = SubprocessASGIServer()
    try:
        with shielded_children(), without_secrets():
            server.start()
    except Exception as error:
        server.stop()
        said = (str(error) or type(error).__name__).splitlines()[0]
        raise OperatorError(
            f"Prefect could not start a server for this render: {said}; see `longtake doctor`"
        ) from error
    return server


@contextmanager
def shielded_children() -> Iterator[None]:
    """Processes that are started in the block do not hear Ctrl-C.

    A terminal sends it to every process of the render, and a Prefect server that stops at once
    leaves the render without anybody to tell its end to. A blocked signal stays blocked in what is
    started meanwhile. POSIX only; elsewhere nothing is done.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


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
