"""Objects by their content: written whole, checked whenever they are read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import anyio.to_thread

from longtake import files
from longtake.errors import DamagedObject, MissingObject, SettingsError
from longtake.store.objects import (
    SIDECARS,
    Listed,
    ObjectKind,
    Stored,
    copy_hashing,
    hash_of,
    key_of,
    sidecar_key,
)
from longtake.store.places import Backend, FolderBackend, backend_of
from longtake.store.troubles import plain_error, translated_errors, writing_to

T = TypeVar("T")

LARGEST_SIDECAR_BYTES = 4 * 1024 * 1024


class Store:
    """Clips, frames, segments and films under one root: a folder, or any URL of fsspec's.

    Any number of processes and machines may use one root at once: equal content has equal keys,
    so the last writer writes what the first wrote. Every method may be repeated. All raise
    StoreUnreachable when the place fails and DiskFull when it has no room; a failed write leaves
    nothing behind under a key. ``kind`` is a ``ObjectKind`` or its word.
    """

    def __init__(self, root: str | Path, *, cache: Path | None = None) -> None:
        """``cache``: the folder for copies of remote objects, by default in the user's cache.

        Nothing is read, written or connected to yet, save that an unknown scheme or a missing
        package is said at once.
        """
        with translated_errors(str(root)):
            self._backend: Backend = _known(root)
        self._cache = cache or _cache_folder(self._backend.name)

    @property
    def name(self) -> str:
        """Its path or URL, as it is shown to people."""
        return self._backend.name

    async def prove(self) -> None:
        """Write and delete a small object, so that a failing place is known before money is spent.

        Raises StoreUnreachable or DiskFull. A remote place keeps one empty object, ``.longtake``.
        """
        await self._run(self._prove)

    async def put(self, path: Path, kind: ObjectKind | str) -> Stored:
        """Copy a file in; a damaged object under the same key is replaced.

        Returns once the object is whole and, in a folder, on the disk. Raises FileNotFoundError
        when there is no such file.
        """
        which = ObjectKind(kind)
        return await self._run(lambda: self._put(path, which))

    async def fetch(self, sha256: str, kind: ObjectKind | str, into: Path) -> Path:
        """Copy an object out to ``into``, which appears only when its hash is right.

        Raises MissingObject or DamagedObject; a file that lay at ``into`` stays as it was then.
        """
        key = key_of(sha256, ObjectKind(kind))
        return await self._run(lambda: self._copy_out(sha256, key, into))

    async def fetched(self, sha256: str, kind: ObjectKind | str, into: Path) -> bool:
        """``fetch``; False where the object is missing or damaged, and so is to be made again."""
        try:
            await self.fetch(sha256, kind, into)
        except (MissingObject, DamagedObject):
            return False
        return True

    async def local(self, sha256: str, kind: ObjectKind | str) -> Path:
        """A file to read the object from, checked: the store's own, or a cached copy.

        Never write to it. Raises MissingObject or DamagedObject.
        """
        key = key_of(sha256, ObjectKind(kind))
        return await self._run(lambda: self._local(sha256, key))

    async def delete(self, sha256: str, kind: ObjectKind | str) -> bool:
        """Remove the object and its cached copy; False where nothing lay under the key."""
        key = key_of(sha256, ObjectKind(kind))

        def remove() -> bool:
            (self._cache / key).unlink(missing_ok=True)
            return self._backend.delete(key)

        return await self._run(remove)

    async def walk(self) -> list[Listed]:
        """Every object, in the order of the keys, without reading any; other files are ignored."""
        return await self._run(lambda: list(self._backend.walk()))

    async def keep_sidecar(self, fingerprint: str, content: Mapping[str, Any]) -> None:
        """Keep what the ledger knows of a take, next to its clip; a later word replaces it."""
        key = sidecar_key(fingerprint)
        written = json.dumps(content, allow_nan=False, sort_keys=True).encode()
        await self._run(lambda: self._backend.write(key, written))

    async def holds_takes(self) -> bool:
        """Whether any take or clip was kept here: then some ledger knows of it."""
        folders = (SIDECARS, ObjectKind.CLIP.folder)
        return await self._run(
            lambda: any(True for folder in folders for _ in self._backend.below(folder))
        )

    async def sidecars(self) -> list[Mapping[str, Any]]:
        """All that was kept of takes; raises DamagedObject for what cannot be read."""
        return await self._run(
            lambda: [self._sidecar(key) for key in self._backend.below(SIDECARS)]
        )

    async def clear_unfinished(self, before: datetime) -> int:
        """Remove what crashed writers left in a folder before that time; returns how many."""
        place = self._backend
        if not isinstance(place, FolderBackend):
            return 0
        return await self._run(lambda: place.clear_unfinished(before))

    async def _run(self, work: Callable[[], T]) -> T:
        """Blocking work in a thread, its errors in plain words."""
        return await anyio.to_thread.run_sync(translated_errors(self._backend.name)(work))

    def _sidecar(self, key: str) -> Mapping[str, Any]:
        with self._backend.open(key) as reading:
            written = reading.read(LARGEST_SIDECAR_BYTES)
        try:
            content = json.loads(written)
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise DamagedObject(
                f"{key} in the store {self.name} is no sidecar of a take; move it away", key=key
            )
        return content

    def _prove(self) -> None:
        try:
            self._backend.prove()
        except FileNotFoundError as error:
            raise plain_error(error, self.name) from error

    def _put(self, path: Path, kind: ObjectKind) -> Stored:
        path.stat()  # so that what is missing after this is the place, not the file
        try:
            return Stored(*self._backend.put(path, kind))
        except FileNotFoundError as error:
            raise plain_error(error, self.name) from error

    def _local(self, sha256: str, key: str) -> Path:
        own = self._backend.path(key)
        if own is not None:
            self._check(sha256, key)
            return own
        copy = self._cache / key
        if copy.is_file():
            with copy.open("rb") as reading:
                if hash_of(reading) == sha256:
                    return copy
        return self._copy_out(sha256, key, copy)

    def _copy_out(self, sha256: str, key: str, into: Path) -> Path:
        try:
            source = self._backend.open(key)
        except FileNotFoundError:
            raise self._missing(key) from None
        with source as reading, writing_to(into), files.part_of(into) as part:
            found, size = files.write_synced(part, lambda out: copy_hashing(reading, out))
            if found != sha256:
                raise self._damaged(key, found, size)
            files.move_into_place(part, into)
        return into

    def _check(self, sha256: str, key: str) -> None:
        try:
            with self._backend.open(key) as reading:
                found = hash_of(reading)
        except FileNotFoundError:
            raise self._missing(key) from None
        if found != sha256:
            raise self._damaged(key, found)

    def _missing(self, key: str) -> MissingObject:
        return MissingObject(f"{key} is not in the store {self.name}", key=key)

    def _damaged(self, key: str, found: str, size_bytes: int | None = None) -> DamagedObject:
        size = "" if size_bytes is None else f" in {size_bytes} bytes"
        return DamagedObject(
            f"{key} in the store {self.name} is damaged: its content has the hash "
            f"{found[:12]}…{size}; it must be fetched from the service or made again",
            key=key,
        )


def _known(root: str | Path) -> Backend:
    try:
        return backend_of(root)
    except ValueError as error:  # fsspec's word for a scheme that it does not know
        raise SettingsError(f"the store {root} cannot be used: {error}") from error


def _cache_folder(name: str) -> Path:
    """One folder a root, so that two stores never share a copy; caches may be deleted any time."""
    return Path.home() / ".cache" / "longtake" / hashlib.sha256(name.encode()).hexdigest()[:16]
