"""Where objects lie: a folder, or anything that fsspec can reach. All of it blocking.

A place only moves bytes: hashes are checked by ``Store``. It raises what the
system raises; ``troubles`` turns that into words.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Protocol, cast

from longtake import files
from longtake.store.objects import (
    UNFINISHED,
    Listed,
    ObjectKind,
    copy_hashing,
    hash_of,
    key_of,
    read_key,
)


class Backend(Protocol):
    """What a store needs from where it lies."""

    name: str

    def prove(self) -> None:
        """Raise whatever keeps objects from being written here."""

    def put(self, source: Path, kind: ObjectKind) -> tuple[str, int, str]:
        """Copy a file in, whole or not at all, over what lies there; its hash, size and key."""

    def write(self, key: str, content: bytes) -> None:
        """Write a small file, whole or not at all, over what lies there."""

    def below(self, folder: str) -> Iterator[str]:
        """The keys of all files in a folder, in order."""

    def open(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """Read an object; raises FileNotFoundError."""

    def delete(self, key: str) -> bool:
        """Remove an object; False where there was none."""

    def walk(self) -> Iterator[Listed]:
        """Every object, in the order of the keys; other files are passed over."""

    def path(self, key: str) -> Path | None:
        """The object's own file, or None for a place that has none."""


class FolderBackend:
    """A folder on this machine (or mounted on it)."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().absolute()
        self.name = str(self.root)

    def put(self, source: Path, kind: ObjectKind) -> tuple[str, int, str]:
        """One pass: the copy is hashed while it is made, so the key fits what was written."""
        unfinished = self.root / UNFINISHED
        files.make_folder(unfinished)
        part = unfinished / f"{secrets.token_hex(8)}.part"
        try:
            with source.open("rb") as reading:
                sha256, size = files.write_synced(part, lambda out: copy_hashing(reading, out))
            key = key_of(sha256, kind)
            files.move_into_place(part, self.root / key)
        finally:
            part.unlink(missing_ok=True)
        return sha256, size, key

    def prove(self) -> None:
        """See ``Backend``."""
        files.make_folder(self.root / UNFINISHED)
        part = self.root / UNFINISHED / f"{secrets.token_hex(8)}.part"
        try:
            part.write_bytes(b"\0" * 4096)
        finally:
            part.unlink(missing_ok=True)

    def write(self, key: str, content: bytes) -> None:
        """See ``Backend``."""
        into = self.root / key
        with files.part_of(into) as part:
            files.write_synced(part, lambda out: ("", out.write(content)))
            files.move_into_place(part, into)

    def below(self, folder: str) -> Iterator[str]:
        """See ``Backend``."""
        found = (
            Path(inside, name)
            for inside, _, names in os.walk(self.root / folder, onerror=_unless_absent)
            for name in names
        )
        yield from sorted(path.relative_to(self.root).as_posix() for path in found)

    def open(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """See ``Backend``."""
        return (self.root / key).open("rb")

    def delete(self, key: str) -> bool:
        """See ``Backend``."""
        with suppress(FileNotFoundError):
            (self.root / key).unlink()
            return True
        return False

    def walk(self) -> Iterator[Listed]:
        """See ``Backend``."""
        keys = (path.relative_to(self.root).as_posix() for path in self._files())
        for key in sorted(keys):
            with suppress(FileNotFoundError):  # deleted while we look
                if (named := read_key(key)) is not None:
                    facts = (self.root / key).stat()
                    modified = datetime.fromtimestamp(facts.st_mtime, UTC)
                    yield Listed(*named, facts.st_size, key, modified)

    def path(self, key: str) -> Path | None:
        """See ``Backend``."""
        return self.root / key

    def _files(self) -> Iterator[Path]:
        for kind in ObjectKind:
            # Not glob, which takes a folder that it may not read for an empty one.
            for folder, _, names in os.walk(self.root / kind.folder, onerror=_unless_absent):
                yield from (Path(folder, name) for name in names)

    def clear_unfinished(self, before: datetime) -> int:
        """Remove what crashed writers left; ``before`` spares those who are at work."""
        removed = 0
        for part in (self.root / UNFINISHED).glob("*.part"):
            with suppress(FileNotFoundError):
                if part.stat().st_mtime < before.timestamp():
                    part.unlink()
                    removed += 1
        return removed


class BucketBackend:
    """Anything behind an fsspec URL. Object stores show an object only once it is whole."""

    def __init__(self, url: str) -> None:
        # Another machine may write at any time, so a listing must not be remembered.
        from fsspec.core import url_to_fs  # a folder needs none of it

        self._system, self._root = cast(tuple[Any, str], url_to_fs(url, use_listings_cache=False))
        self.name = url

    def put(self, source: Path, kind: ObjectKind) -> tuple[str, int, str]:
        """Hashed first, as an object cannot be renamed cheaply; ``Store`` checks it on reading."""
        with source.open("rb") as reading:
            sha256 = hash_of(reading)
        key = key_of(sha256, kind)
        full = self._full(key)
        # No makedirs: systems with folders make them here, s3fs would make a mistyped bucket.
        self._system.put_file(str(source), full)
        return sha256, source.stat().st_size, key

    def prove(self) -> None:
        """See ``Backend``. Always the same object, as not everybody who may write may delete."""
        self._system.pipe_file(self._full(".longtake"), b"")

    def write(self, key: str, content: bytes) -> None:
        """See ``Backend``."""
        self._system.pipe_file(self._full(key), content)

    def below(self, folder: str) -> Iterator[str]:
        """See ``Backend``."""
        root = self._root.strip("/")
        for path in sorted(self._system.find(self._full(folder))):
            yield path.strip("/").removeprefix(root).strip("/")

    def open(self, key: str) -> AbstractContextManager[IO[bytes]]:
        """See ``Backend``."""
        return cast(AbstractContextManager[IO[bytes]], self._system.open(self._full(key), "rb"))

    def delete(self, key: str) -> bool:
        """See ``Backend``."""
        if not self._system.isfile(self._full(key)):
            return False
        self._system.rm_file(self._full(key))
        return True

    def walk(self) -> Iterator[Listed]:
        """See ``Backend``."""
        root = self._root.strip("/")
        found: dict[str, dict[str, Any]] = self._system.find(self._root, detail=True)
        for path, facts in sorted(found.items()):
            key = path.strip("/").removeprefix(root).strip("/")
            if (named := read_key(key)) is not None:
                yield Listed(*named, int(facts["size"]), key, self._modified(path, facts))

    def path(self, key: str) -> Path | None:
        """A remote object has no file."""

    def _full(self, key: str) -> str:
        return f"{self._root.rstrip('/')}/{key}"

    def _modified(self, path: str, facts: dict[str, Any]) -> datetime | None:
        """The listing's word, whatever the system calls it, else the system's answer."""
        names = ("LastModified", "last_modified", "mtime", "created", "updated")
        moment = next((facts[name] for name in names if facts.get(name)), None)
        if not isinstance(moment, datetime):
            with suppress(NotImplementedError, FileNotFoundError):
                moment = self._system.modified(path)
        if not isinstance(moment, datetime):
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def backend_of(root: str | Path) -> Backend:
    """A folder for a path or ``file://``, else whatever fsspec finds behind the URL."""
    if isinstance(root, Path) or "://" not in root:
        return FolderBackend(Path(root))
    scheme, _, rest = root.partition("://")
    return FolderBackend(Path(rest)) if scheme in ("file", "local") else BucketBackend(root)


def _unless_absent(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
