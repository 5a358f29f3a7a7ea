"""Whether a render is at work in a folder: a lock that the system drops with its process.

``run.json`` says "running" of a render that was killed, too. The system drops the lock however the
process ends. Renders may share a folder, so each holds the lock together with the others.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

MARK = ".at-work"
"""The file in the render's folder that is locked; there only while somebody renders."""


@contextmanager
def at_work(folder: Path) -> Iterator[None]:
    """Tell everybody who looks that a render is at work in ``folder``, until the block ends.

    A folder on a disk that knows no locks is rendered into all the same; nobody sees it at work.
    """
    mark = _locked(folder / MARK)
    try:
        yield
    finally:
        if mark is not None:
            with mark, suppress(OSError):
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)  # the last one tidies up
                (folder / MARK).unlink(missing_ok=True)


@contextmanager
def beginning_work(folder: Path) -> Iterator[tuple[int, ...]]:
    """Descriptors that a process must inherit which is about to render in ``folder``.

    They hold the lock: a render is at work there from now on, while it still starts, and until
    that process ends. None on a disk that knows no locks.
    """
    mark = _locked(folder / MARK)
    if mark is None:
        yield ()
        return
    with mark:
        yield (mark.fileno(),)


def _locked(path: Path) -> BinaryIO | None:
    """The open mark, locked together with others; None on a disk that has no locks."""
    try:
        while True:
            mark = path.open("ab")
            try:
                fcntl.flock(mark, fcntl.LOCK_SH)  # waits no longer than somebody looks
                if path.stat().st_ino == os.fstat(mark.fileno()).st_ino:
                    return mark
            except FileNotFoundError:
                pass
            except OSError:
                mark.close()
                raise
            mark.close()  # it was tidied up meanwhile
    except OSError:
        return None


def is_at_work(folder: Path) -> bool:
    """Whether a render is at work there now, on this machine. Clears a mark that nobody holds."""
    try:
        with (folder / MARK).open("rb") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            (folder / MARK).unlink(missing_ok=True)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
