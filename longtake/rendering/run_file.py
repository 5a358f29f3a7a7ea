"""``run.json`` kept true while a render goes, without writing it for every word that is said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

from longtake.errors import OperatorError
from longtake.record import RunRecord

LEAST_SECONDS = 0.2
SHARE = 0.02
"""At most this share of the time goes into writing: a film of a thousand clips is megabytes."""


class Journal:
    """Writes a record soon after it changed; ``write`` does it at once.

    A folder that does not take it is told to ``on_failure``, since nobody waits for what is
    written by itself. Belongs to the event loop that it is used in.
    """

    def __init__(
        self, record: RunRecord, path: Path, on_failure: Callable[[OperatorError], None]
    ) -> None:
        self._record = record
        self._path = path
        self._on_failure = on_failure
        self._due: asyncio.TimerHandle | None = None
        self._pause_seconds = LEAST_SECONDS

    def changed(self) -> None:
        """Write the record before long."""
        if self._due is None:
            loop = asyncio.get_running_loop()
            self._due = loop.call_later(self._pause_seconds, self._write_by_itself)

    def write(self) -> None:
        """Write the record now; raises DiskFull or OperatorError."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        began = time.monotonic()
        self._record.write(self._path)
        self._pause_seconds = max(LEAST_SECONDS, (time.monotonic() - began) / SHARE)

    def _write_by_itself(self) -> None:
        try:
            self.write()
        except OperatorError as error:
            self._on_failure(error)
