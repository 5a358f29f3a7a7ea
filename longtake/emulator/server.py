"""The emulator on a port: uvicorn in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from longtake.emulator.app import create_app
from longtake.emulator.config import EmulatorConfig
from longtake.emulator.state import Emulator
from longtake.errors import SettingsError

STOP_SECONDS = 5.0


@dataclass(frozen=True)
class RunningEmulator:
    """An emulator that answers at ``base_url`` (no slash at its end)."""

    base_url: str
    emulator: Emulator


class _Server(uvicorn.Server):
    """uvicorn that lets nobody wait: open connections are cut when it is told to stop."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        for task in list(self.server_state.tasks):
            task.cancel()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        mend = "name another port, or 0 for any free one"
        raise SettingsError(
            f"the emulator cannot listen on {host}:{port}: {error}; {mend}"
        ) from error
    listener.listen(128)
    return listener


@contextmanager
def serve_emulator(
    config: EmulatorConfig | None = None, *, host: str = "127.0.0.1", port: int = 0
) -> Iterator[RunningEmulator]:
    """Serve an emulator until the block ends; port 0 takes any free one.

    Raises SettingsError where the address cannot be used.
    """
    listener = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    base_url = f"http://{shown}:{listener.getsockname()[1]}"
    with listener, Emulator(config) as emulator:
        app = create_app(emulator)
        server = _Server(
            uvicorn.Config(
                app,
                loop="asyncio",
                http="h11",
                ws="none",
                lifespan="off",
                log_level="critical",
                access_log=False,
                date_header=False,
                server_header=False,
                timeout_graceful_shutdown=1,
            )
        )
        app.state.connections = server.server_state.connections
        # The listener is open already: whoever connects early waits in its queue.
        thread = threading.Thread(
            target=server.run, args=([listener],), name="emulator", daemon=True
        )
        thread.start()
        try:
            yield RunningEmulator(base_url, emulator)
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS)
