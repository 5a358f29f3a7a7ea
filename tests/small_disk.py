"""A disk in memory that is soon full, where mounting one is permitted."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A new disk on ``folder``, as large as ``size``, for instance 1m; skips the test elsewhere."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if mount is None or umount is None:
        pytest.skip("there is no mount here")
    folder.mkdir()
    command = [mount, "-t", "tmpfs", "-o", f"size={size}", "none", str(folder)]
    if subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    try:
        yield folder
    finally:
        subprocess.run([umount, str(folder)], check=True)


def fill(disk: Path) -> None:
    """Leave no byte of it free."""
    with contextlib.suppress(OSError), (disk / "filler").open("wb") as filler:
        while True:
            os.write(filler.fileno(), b"x" * 4096)


def make_room(disk: Path) -> None:
    """Take away what fills it."""
    (disk / "filler").unlink()
