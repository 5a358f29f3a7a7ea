"""The board on a socket, by uvicorn."""

from __future__ import annotations

import socket

import uvicorn

from longtake.board.app import board_app
from longtake.board.place import BoardPlace
from longtake.errors import OperatorError

GOODBYE_SECONDS = 1
"""How long pages that watch may keep their connections open once the board is ending."""


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens; 0 takes any free port. OperatorError where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, since asyncio sends at once (TCP_NODELAY) only where the socket says that it is TCP.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen()  # who comes at once waits for the server
    except OSError as error:
        listening.close()
        why = error.strerror or error
        raise OperatorError(f"cannot listen at {host}:{port}: {why}; choose another") from None
    return listening


def address_of(listening: socket.socket) -> str:
    """Where a browser finds it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server_for(place: BoardPlace) -> uvicorn.Server:
    """What serves the board: ``run(sockets=[…])``, until ``should_exit``."""
    config = uvicorn.Config(
        board_app(place),
        log_level="critical",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
    )
    return uvicorn.Server(config)
