"""Whole files or none: written next to the file, synced to the disk, then renamed into place."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def part_beside(into: Path) -> Iterator[Path]:
    """A path in the folder of ``into`` to write to; whatever is left there at the end goes."""
    into.parent.mkdir(parents=True, exist_ok=True)
    part = into.with_name(f".{into.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def write_synced(part: Path, write: Callable[[IO[bytes]], tuple[str, int]]) -> tuple[str, int]:
    """Let ``write`` fill a new file and have it on the disk; returns what ``write`` returned."""
    with part.open("xb") as file:
        written = write(file)
        file.flush()
        os.fsync(file.fileno())
    return written


def move_into_place(part: Path, into: Path) -> None:
    """Rename within one file system so that a crash leaves the old file or the new, never half."""
    make_folder(into.parent)
    part.replace(into)
    sync_folder(into.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and have its name on the disk, as far as it is new."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the folder's names on the disk (where the system can open folders at all)."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
