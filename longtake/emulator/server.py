"""The emulator on a port: uvicorn in a thread of its own."""

from __future__ import annotations

import asyncio
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
    """uvicorn that neither ticks nor lets anybody wait: told to stop, it cuts what is open."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._told = asyncio.Event()
        self._running_in: asyncio.AbstractEventLoop | None = None

    def stop(self) -> None:
        """Stop soon; may be called from any thread, also before the loop runs."""
        self.should_exit = True
        if self._running_in is not None:
            self._running_in.call_soon_threadsafe(self._told.set)

    async def main_loop(self) -> None:
        self._running_in = asyncio.get_running_loop()
        if not self.should_exit:
            await self._told.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        tasks = list(self.server_state.tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for server in self.servers:
            await server.wait_closed()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, since asyncio sends at once (TCP_NODELAY) only where the socket says that it is TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        fix = "name another port, or 0 for any free one"
        raise SettingsError(
            f"the emulator cannot listen on {host}:{port}: {error}; {fix}"
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
            )
        )
        app.state.connections = server.server_state.connections
        # The listener is open already: an early client waits in its queue.
        thread = threading.Thread(
            target=server.run, args=([listener],), name="emulator", daemon=True
        )
        thread.start()
        try:
            yield RunningEmulator(base_url, emulator)
        finally:
            server.stop()
            thread.join(STOP_SECONDS)
