"""Who works on a take: one name for this process, and whether another one's process has exited.

A lease in the ledger runs out by itself, after a minute. Where the owner was a process of this very
machine (and of this container), a look at it tells at once that it is dead.
"""

from __future__ import annotations

import os
import random
import socket
from functools import cache
from pathlib import Path


def owner_name(chance: random.Random) -> str:
    """A name unique to this process: machine, process namespace, process id and a random part."""
    here = _here() or f"{socket.gethostname()}/unknown"
    return f"{here}/{os.getpid()}/{chance.getrandbits(32):08x}"


def is_dead(owner: str) -> bool:
    """Whether ``owner`` has certainly exited; False wherever that cannot be told."""
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


@cache  # a process stays where it began
def _here() -> str | None:
    """This machine's boot and process space: process ids mean the same within it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        space = Path("/proc/self/ns/pid").readlink()
    except OSError:  # not Linux: nobody is taken for dead by a look
        return None
    return f"{socket.gethostname()}/{boot}/{space}"
