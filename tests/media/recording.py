"""A program that writes down its process before it becomes the real one."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread


@dataclass(frozen=True)
class RecordedProgram:
    """Stands in front of ``program``, whose processes it knows; made in ``folder``."""

    program: str
    folder: Path

    @property
    def path(self) -> str:
        """What is started in its place."""
        script = self.folder / "recorded"
        if not script.exists():
            noted, real = shlex.quote(str(self._pids)), shlex.quote(self.program)
            gate = shlex.quote(str(self._gate))
            words = f"echo $$ >> {noted}\n[ -p {gate} ] && echo > {gate}\n"
            script.write_text(f'#!/bin/sh\n{words}exec {real} "$@"\n')
            script.chmod(0o755)
        return str(script)

    @property
    def pids(self) -> list[int]:
        """Every process that it was started as."""
        return [int(line) for line in self._pids.read_text().split()]

    async def wait_until_started(self) -> None:
        """Until its next process is there, which begins its work then."""
        os.mkfifo(self._gate)
        await anyio.to_thread.run_sync(self._gate.read_bytes)
        self._gate.unlink()

    @property
    def _gate(self) -> Path:
        return self.folder / "recorded.gate"

    @property
    def _pids(self) -> Path:
        return self.folder / "recorded.pids"
