"""Who works on a take: one name for this process, and whether another one's process still lives.

A lease in the ledger runs out by itself, after a minute. Where the owner was a process of this very
machine (and of this container), a look at it tells at once that it is dead.
"""

from __future__ import annotations

import os
import secrets
import socket
from pathlib import Path


def owner_name() -> str:
    """A name that no other process ever has: machine, process space, process, and chance."""
    return f"{_here()}/{os.getpid()}/{secrets.token_hex(4)}"


def is_dead(owner: str) -> bool:
    """Whether ``owner`` certainly lives no more; False wherever that cannot be told."""
    here, _, rest = owner.rpartition("/")[0].rpartition("/")
    if here != _here() or not rest.isdigit():
        return False
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _here() -> str:
    """This machine's boot and process space: process ids mean the same within it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        space = Path("/proc/self/ns/pid").readlink()
    except OSError:  # not Linux: never taken for dead by a look
        return f"{socket.gethostname()}/unknown-{secrets.token_hex(4)}"
    return f"{socket.gethostname()}/{boot}/{space}"
