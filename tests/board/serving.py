"""A board on a port of its own, for as long as a test lasts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from longtake.board import BoardPlace
from longtake.board.serving import address_of, listen, server_for


@contextmanager
def served(place: BoardPlace) -> Iterator[str]:
    """Its address."""
    server = server_for(place)
    with listen("127.0.0.1", 0) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield address_of(listening)
        finally:
            server.should_exit = True
            thread.join()
