"""A disk that forgets what it was not told to keep: what a power cut leaves of a world's folder.

A file's bytes last as far as they were synced, a name as far as its folder was: whatever else is
there may be gone or not, and a rename may not have happened. As it is left out, something that was
deleted or overwritten never comes back. The ledger is SQLite's with `synchronous=FULL`: a
transaction lasts once it is committed.
"""

from __future__ import annotations

import os
import random
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock


class Disk:
    """What of a folder lasts; ``keeps``: whether anything does."""

    def __init__(self, root: Path, chance: random.Random, *, keeps: bool = True) -> None:
        self.root = root
        self.keeps = keeps
        self._chance = chance
        self._sizes: dict[int, int] = {}
        self._names: dict[int, dict[int, str]] = {}

    @contextmanager
    def heeding(self) -> Iterator[None]:
        """Record every ``os.fsync`` in the block, of files and of folders."""
        with mock.patch.object(os, "fsync", self.sync):
            yield

    def sync(self, handle: int) -> None:
        """What is open there lasts from now on."""
        facts = os.fstat(handle)
        if not self.keeps:
            return
        if stat.S_ISDIR(facts.st_mode):
            self._names[facts.st_ino] = {each.inode(): each.name for each in os.scandir(handle)}
        else:
            self._sizes[facts.st_ino] = facts.st_size

    def power_cut(self) -> None:
        """Everything that does not last may be gone."""
        for each in sorted(self.root.iterdir()):
            if each.is_dir():  # what else lies here is the author's, and old
                self._lose_names(each)

    def _lose_names(self, folder: Path) -> None:
        lasting = self._names.get(folder.stat().st_ino, {})
        for each in sorted(folder.iterdir()):
            if each.suffix == ".part":  # its name is another one each time; nobody reads it
                continue
            name = lasting.get(each.stat().st_ino)
            if name != each.name and self._chance.random() < 0.5:
                _undo(each, name)
            elif each.is_dir():
                self._lose_names(each)
            else:
                self._lose_bytes(each)

    def _lose_bytes(self, file: Path) -> None:
        facts = file.stat()
        lasting = self._sizes.get(facts.st_ino, 0)
        if lasting < facts.st_size and self._chance.random() < 0.5:
            os.truncate(file, lasting)


def _undo(entry: Path, name: str | None) -> None:
    """It has its earlier name again; or none."""
    if name is not None:
        entry.replace(entry.with_name(name))
    elif entry.is_dir():
        shutil.rmtree(entry)
    else:
        entry.unlink()
