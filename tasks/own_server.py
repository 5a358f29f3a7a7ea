"""The process of a render's own Prefect server. ``prefect_server`` starts it and listens.

Whether one is needed is found out here, so that the process that starts it need not import Prefect
first. Each line of its standard output is a word: ``set`` where Prefect is set to another server,
and that is the end; else ``port N``, and ``ready`` once it answers there.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading

SET, PORT, READY = "set", "port", "ready"


def main() -> None:
    """Serve until the process is ended, unless Prefect is set to another server."""
    from prefect.settings import get_current_settings

    if get_current_settings().api.url:
        print(SET, flush=True)
        return
    threading.Thread(target=_end_with_its_parent, daemon=True).start()
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        print(PORT, door.getsockname()[1], flush=True)
        _serve(door)


def _end_with_its_parent() -> None:
    """Nothing ever comes on standard input; it closes when that process is gone, even killed."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def _serve(door: socket.socket) -> None:
    import uvicorn

    class Telling(uvicorn.Server):
        """Says when it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                print(READY, flush=True)

    app = "prefect.server.api.server:create_app"
    config = uvicorn.Config(app, factory=True, log_level="error", lifespan="on")
    Telling(config).run(sockets=[door])


if __name__ == "__main__":
    main()
