"""A process that outlives the one that starts it: a render that is begun from a page.

In this room because only this room starts processes. Unlike those of ``run`` it is not bounded and
not waited for: it has a session of its own, no standard input, and its words go to a file.
"""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from longtake.errors import OperatorError

_LAUNCH = '"$@" >>"$0" 2>&1 </dev/null &'
"""The shell ends at once, so that the process is nobody's child here and leaves no zombie."""


def start_detached(
    argv: Sequence[str],
    log: Path,
    *,
    folder: Path,
    inherited: Sequence[int] = (),
) -> None:
    """Start ``argv`` in ``folder``; its words are added to ``log``. Raises OperatorError.

    ``inherited``: file descriptors that stay open in it, and with them the locks that they hold.
    """
    try:
        subprocess.run(  # noqa: S603  our own command, no shell reads its words
            ["/bin/sh", "-c", _LAUNCH, str(log), *argv],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=tuple(inherited),
            check=True,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise OperatorError(f"cannot start {argv[0]}: {error}") from error
