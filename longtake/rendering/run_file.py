"""Keeps ``run.json`` up to date while a render runs, without writing it for every report."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from longtake.clock import Clock
from longtake.errors import OperatorError
from longtake.record import RunRecord

LEAST_SECONDS = 0.5
SHARE = 0.02
"""At most this share of the time goes into writing: a film of a thousand clips is megabytes."""

OnFailure = Callable[[OperatorError], None]


class Journal:
    """Writes a record soon after it changed; ``write`` does it at once.

    A folder that cannot be written to is reported to ``on_failure``, since nobody waits for
    these writes. Belongs to the event loop that it is used in.
    """

    def __init__(self, record: RunRecord, path: Path, clock: Clock, on_failure: OnFailure) -> None:
        self._record = record
        self._path = path
        self._clock = clock
        self._on_failure = on_failure
        self._due: asyncio.Task[None] | None = None
        self._pause_seconds = LEAST_SECONDS

    def changed(self) -> None:
        """Write the record before long."""
        if self._due is None:
            self._due = asyncio.create_task(self._write_soon())

    def write(self) -> None:
        """Write the record now; raises DiskFull or OperatorError."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        began = self._clock.monotonic()
        self._record.write(self._path)
        self._pause_seconds = max(LEAST_SECONDS, (self._clock.monotonic() - began) / SHARE)

    async def _write_soon(self) -> None:
        await self._clock.sleep(self._pause_seconds)
        self._due = None
        try:
            self.write()
        except OperatorError as error:
            self._on_failure(error)
