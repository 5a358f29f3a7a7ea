"""The process of a render's own Prefect server. ``prefect_server`` starts it and listens.

Whether one is needed is found out here, so that the process that starts it need not import Prefect
first. Each line of its standard output is a word: ``set`` where Prefect is set to another server,
and that is the end; else ``port N``, and ``ready`` once it answers there.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from typing import TYPE_CHECKING

from longtake.garbage import begin_with_imports, imports_are_done

if TYPE_CHECKING:
    import uvicorn

SET, PORT, READY = "set", "port", "ready"


def main() -> None:
    """Serve until the process that started this one closes our standard input, or is gone."""
    running: list[uvicorn.Server] = []
    threading.Thread(target=_end_with_standard_input, args=[running], daemon=True).start()
    begin_with_imports()
    from prefect.settings import get_current_settings

    if get_current_settings().api.url:
        print(SET, flush=True)
        return
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        print(PORT, listener.getsockname()[1], flush=True)
        _server(running).run(sockets=[listener])


def _end_with_standard_input(running: list[uvicorn.Server]) -> None:
    """Nothing ever comes there; it closes when that process is gone, even killed.

    No signal does it: those that end a render are not meant for its server, which has to hear of
    the end. While it only comes up, nobody has told it anything.
    """
    sys.stdin.read()
    if not running:
        os._exit(0)
    running[0].should_exit = True


def _server(running: list[uvicorn.Server]) -> uvicorn.Server:
    """The server, which is among those that are ``running`` once it answers."""
    import uvicorn

    class Telling(uvicorn.Server):
        """Says when it answers."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            imports_are_done()
            if self.started:
                running.append(self)
                print(READY, flush=True)

    app = "prefect.server.api.server:create_app"
    return Telling(uvicorn.Config(app, factory=True, log_level="error", lifespan="on"))


if __name__ == "__main__":
    main()
