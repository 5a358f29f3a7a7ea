"""The process of a render's own Prefect server. ``prefect_server`` starts it and listens.

Whether one is needed is found out here, so that the process that starts it need not import Prefect
first. Each line of its standard output is a word: ``set`` where Prefect is set to another server,
and that is the end; else ``port N``, and ``ready`` once it answers there.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from concurrent.futures import Future
from typing import TYPE_CHECKING

from longtake.garbage import begin_with_imports, imports_are_done

if TYPE_CHECKING:
    import uvicorn

SET, PORT, READY = "set", "port", "ready"

NICENESS = 10
"""By how much it stands back on the processor once it answers: what it is told can wait."""


def main() -> None:
    """Serve until the process that started this one closes our standard input, or is gone."""
    ending = Ending()
    threading.Thread(target=ending.wait, daemon=True).start()
    begin_with_imports()
    from prefect.settings import get_current_settings

    if get_current_settings().api.url:
        print(SET, flush=True)
        return
    # Named, since asyncio sends at once (TCP_NODELAY) only where the socket says that it is TCP.
    with socket.socket(proto=socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        print(PORT, listener.getsockname()[1], flush=True)
        _server(ending).run(sockets=[listener])
        os._exit(0)  # it could not start: whoever waits for it hears of it at once


class Ending:
    """When standard input closes: once the process that holds its other end is gone, even killed.

    No signal does it: those that end a render are not meant for its server, which has to hear of
    the end.
    """

    def __init__(self) -> None:
        self._came: Future[None] = Future()
        self._awaited = False

    def wait(self) -> None:
        """Wait for it, in a thread; at once the end of a process that nobody has told anything."""
        sys.stdin.read()
        if not self._awaited:
            os._exit(0)
        self._came.set_result(None)

    async def come(self) -> None:
        """Wait for it in a loop."""
        self._awaited = True
        await asyncio.wrap_future(self._came)


def _server(ending: Ending) -> uvicorn.Server:
    import uvicorn

    class Telling(uvicorn.Server):
        """Says when it answers, and looks for no other end than ours, which nothing delays."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            imports_are_done()
            if self.started:
                print(READY, flush=True)
                if hasattr(os, "nice"):
                    os.nice(NICENESS)

        async def main_loop(self) -> None:
            await ending.come()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            await self.lifespan.shutdown()  # all is written, and who might be answered is gone
            os._exit(0)  # a render waits for the end: to take all of Prefect apart would double it

    app = "prefect.server.api.server:create_app"
    return Telling(uvicorn.Config(app, factory=True, log_level="error", lifespan="on"))


if __name__ == "__main__":
    main()
