"""Files appear whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from longtake.errors import DiskFull

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def whole_file(into: Path) -> Iterator[Path]:
    """Give a private ``.part`` path next to ``into``; rename it there on success, else remove it.

    The folder is made if it is missing. Two writers of the same file do not disturb each other:
    the later rename wins, with a whole file. Raises DiskFull where the disk takes no more.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    part = into.with_name(f"{into.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
        _flush_to_disk(part)
        part.replace(into)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(f"no room is left for {into}; make room and run it again") from error
        raise
    finally:
        part.unlink(missing_ok=True)


def _flush_to_disk(path: Path) -> None:
    # Without it a crash soon after the rename can leave an empty file under the final name.
    with path.open("rb+") as file:
        os.fsync(file.fileno())
