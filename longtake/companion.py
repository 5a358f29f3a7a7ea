"""A program of our own that runs next to this one: the only process not started in ``media``.

It is started before anything else, and to import that room takes half a second.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence


class Companion:
    """A program that runs next to this one and reports in lines on its standard output.

    ``environment`` is added to this process's own. Its standard input is a pipe on which nothing
    comes: it closes when this process ends, however it ends, so that the program can end, too.
    """

    def __init__(self, argv: Sequence[str], environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(  # noqa: S603  no shell: our own interpreter and module
            list(argv),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **environment},
        )

    def lines(self) -> Iterator[str]:
        """The lines of its standard output, until it has exited."""
        for line in self._process.stdout or ():
            yield line.strip()

    def stop(self, patience_seconds: float) -> int:
        """End it by closing its standard input, by force where that takes longer.

        Gives how it ended. Safe to repeat.
        """
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            return self._process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def close(self) -> None:
        """Close what is left of the pipes to it, once it has ended."""
        if self._process.stdout is not None:
            self._process.stdout.close()
