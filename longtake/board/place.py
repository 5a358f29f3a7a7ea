"""Where a board stands: what it looks into, and who may open it."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from longtake.settings import Settings

Wake = Callable[[str, Sequence[str], str], Awaitable[None]]
"""Told a run's id, the clips to take again (none: all are approved) and the note."""

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
"""By which a browser on this machine may ask for a board that only this machine sees."""


@dataclass(frozen=True)
class BoardPlace:
    """What a board is told when it is opened."""

    settings: Settings
    profile: str | None = None
    """The profile that renders are started with."""
    host: str = "127.0.0.1"
    """The address it listens at."""
    roots: tuple[Path, ...] = (Path("renders"),)
    """The folders that renders lie in."""
    names: frozenset[str] = frozenset()
    """Further names by which a browser may ask for it."""
    token: str | None = field(default=None, repr=False)
    """What opens it; None: anybody who reaches it may. Never None off loopback."""
    prefect_ui: str | None = None
    """The address of Prefect's pages, where there is a lasting server."""
    wake: Wake | None = None
    """Answers a paused run whose process has ended until there is an answer (Prefect's)."""
    stamp: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    """What every page carries and every decision must send back: no other site can read it."""

    @property
    def is_private(self) -> bool:
        """Whether only this machine reaches it."""
        return is_loopback(self.host)

    def answers_to(self, name: str) -> bool:
        """Whether a browser may ask for the board by that name (a Host header without its port).

        A name that leads here and is not ours is another site's (DNS rebinding). An address is
        nobody's name, so off loopback any of this machine's will do.
        """
        name = name.lower()
        if name in self.names or name == self.host.lower() or name in LOOPBACK_NAMES:
            return True
        return not self.is_private and _is_address(name)


def is_loopback(host: str) -> bool:
    """Whether an address (or ``localhost``) is this machine's own, seen from nowhere else."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
