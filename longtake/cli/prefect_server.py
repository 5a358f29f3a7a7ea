"""The Prefect server that a render reports to: the one that is set, or one of its own.

Prefect would start its own by itself, but with our key in its environment and within reach of
Ctrl-C; and one that is set and does not answer would be told in a hundred lines.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from longtake.cli.interrupting import shielded_children
from longtake.errors import OperatorError

if TYPE_CHECKING:
    from prefect.server.api.server import SubprocessASGIServer

ANSWER_SECONDS = 15.0

_SECRET_WORDS = ("KEY", "TOKEN", "SECRET", "PASSWORD", "CREDENTIAL")


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
