"""``longtake board``: every film on one page, and a review with actions."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from longtake.cli.authoring import Flag
from longtake.cli.console import to_person
from longtake.cli.interrupting import interrupted_code
from longtake.errors import SettingsError
from longtake.files import read_secret

if TYPE_CHECKING:
    from longtake.board import BoardPlace
    from longtake.board.place import Wake

PORT = 8420
LEAST_TOKEN = 16
"""Characters of a token: fewer could be guessed."""


def board(
    *renders: Path,
    profile: str | None = None,
    host: str = "127.0.0.1",
    port: int = PORT,
    name: Annotated[tuple[str, ...], Flag] = (),
    token_file: Path | None = None,
) -> int:
    """Serve the board: all films, what runs now and what waits for you, and each film's review.

    On this machine's own address (127.0.0.1) it asks for no password. On any other address it
    requires a token: it is part of the address that is printed, or comes from `--token-file`.
    Renders started here are processes of their own: they go on when the board ends (Ctrl-C).

    Parameters
    ----------
    renders
        Folders that contain renders; by default `renders`.
    profile
        Settings of the renders: a name in configs/profiles, or a path to a profile.
    host
        The address to listen on. `0.0.0.0` is every address of this machine.
    port
        The port to listen on; 0 takes a free one.
    name
        Another host name under which browsers may reach the board, such as a proxy's. May be
        given several times.
    token_file
        A file with the token that the board requires; by default, each start makes a new one.
    """
    from longtake.board import BoardPlace
    from longtake.settings import load_settings

    place = BoardPlace(
        settings=load_settings(profile),
        profile=profile,
        host=host,
        roots=renders or (Path("renders"),),
        names=frozenset(each.lower() for each in name),
        token=_token(host, token_file),
        prefect_ui=_prefect_ui(),
        wake=_wake(),
    )
    try:
        _serve(place, port)
    except KeyboardInterrupt:
        return interrupted_code()
    return 0


def _token(host: str, file: Path | None) -> str | None:
    """What opens the board: the file's, else a new one wherever others could reach it."""
    from longtake.board.place import is_loopback

    if file is not None:
        try:
            token = read_secret(file.expanduser())
        except OSError as error:
            raise SettingsError(f"--token-file: cannot read {file}: {error.strerror}") from None
        if len(token) < LEAST_TOKEN:
            raise SettingsError(f"--token-file: {file} has less than {LEAST_TOKEN} characters")
        return token
    return None if is_loopback(host) else secrets.token_urlsafe(24)


def _knows_prefect() -> bool:
    """Whether anybody has told Prefect here of a server: only then it is worth its import."""
    home = Path(os.environ.get("PREFECT_HOME") or "~/.prefect").expanduser()
    files = (home / "profiles.toml", Path("prefect.toml"), Path(".env"))
    named = any(name in os.environ for name in ("PREFECT_API_URL", "PREFECT_PROFILE"))
    return named or any(file.is_file() for file in files)


def _prefect_ui() -> str | None:
    """Where Prefect's pages are; None without a lasting server."""
    if not _knows_prefect():
        return None
    from tasks.prefect_server import lasting_ui

    return lasting_ui()


def _wake() -> Wake | None:
    """How runs of a lasting server are woken that wait for an answer without a process."""
    if not _knows_prefect():
        return None
    from tasks.prefect_server import lasting_server

    if not lasting_server():
        return None
    from tasks.people.waking import wake

    return wake


def _serve(place: BoardPlace, port: int) -> None:
    """Listen, say where, and serve until somebody ends it."""
    from longtake.board.serving import address_of, listen, server_for

    with listen(place.host, port) as listening:
        opens = f"?token={place.token}" if place.token else ""
        to_person().print(f"the board: {address_of(listening)}/{opens}")
        to_person().print("Ctrl-C ends it; renders go on")
        server_for(place).run(sockets=[listening])
