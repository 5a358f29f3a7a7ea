"""What lies in a store, and under which key. Pure, but for hashing a stream.

A key is ``clips/ab/abcdef….mp4``: the kind, two digits so that no folder grows huge, the SHA-256.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import IO

CHUNK_BYTES = 1 << 20
UNFINISHED = ".unfinished"
"""The folder of a folder store in which files lie until they are whole."""
SIDECARS = "slates"
"""The folder of what the ledger knows of each stored take: the one thing not filed by content."""


class ObjectKind(StrEnum):
    """What an object is; decides the folder it lies in and its suffix."""

    CLIP = "clip"
    FRAME = "frame"
    SEGMENT = "segment"
    FILM = "film"
    STILL = "still"
    PLAN = "plan"

    @property
    def folder(self) -> str:
        """The first part of its keys."""
        return f"{self.value}s"

    @property
    def suffix(self) -> str:
        """The end of its keys."""
        return _SUFFIXES[self]


_SUFFIXES = {
    ObjectKind.CLIP: ".mp4",
    ObjectKind.FRAME: ".png",
    ObjectKind.SEGMENT: ".mp4",
    ObjectKind.FILM: ".mp4",
    ObjectKind.STILL: ".still",
    ObjectKind.PLAN: ".json",
}


@dataclass(frozen=True)
class Stored:
    """An object: its hash, its size and the key it lies under."""

    sha256: str
    size_bytes: int
    key: str


@dataclass(frozen=True)
class Listed:
    """An object as a listing shows it: nothing of it was read.

    ``modified_at`` (UTC, None where the place does not tell) lets a clean-up spare what a running
    render has stored but not yet written into the ledger.
    """

    kind: ObjectKind
    sha256: str
    size_bytes: int
    key: str
    modified_at: datetime | None


_KEY = re.compile(r"(?P<folder>[a-z]+)/(?P<digits>[0-9a-f]{2})/(?P<sha>(?P=digits)[0-9a-f]{62})")
_SHA = re.compile(r"[0-9a-f]{64}")


def key_of(sha256: str, kind: ObjectKind) -> str:
    """Where an object lies; raises ValueError for what is no hash (so no key leaves the root)."""
    if not _SHA.fullmatch(sha256):
        raise ValueError(f"{sha256!r} is not a SHA-256 in lower-case hexadecimal")
    return f"{kind.folder}/{sha256[:2]}/{sha256}{kind.suffix}"


def sidecar_key(fingerprint: str) -> str:
    """Where the ledger's words on a take lie; raises ValueError for what is no fingerprint."""
    if not _SHA.fullmatch(fingerprint):
        raise ValueError(f"{fingerprint!r} is no fingerprint in lower-case hexadecimal")
    return f"{SIDECARS}/{fingerprint[:2]}/{fingerprint}.json"


def read_key(key: str) -> tuple[ObjectKind, str] | None:
    """The kind and hash that a key says, or None for a file that is not ours."""
    stem, _, suffix = key.rpartition(".")
    match = _KEY.fullmatch(stem)
    for kind in ObjectKind:
        if match and kind.folder == match["folder"] and kind.suffix == f".{suffix}":
            return kind, match["sha"]
    return None


def copy_hashing(source: IO[bytes], into: IO[bytes]) -> tuple[str, int]:
    """Copy a stream; returns the hash and the size of what was copied."""
    digest, size_bytes = hashlib.sha256(), 0
    while piece := source.read(CHUNK_BYTES):
        into.write(piece)
        digest.update(piece)
        size_bytes += len(piece)
    return digest.hexdigest(), size_bytes


def hash_of(source: IO[bytes]) -> str:
    """The hash of a stream."""
    digest = hashlib.sha256()
    while piece := source.read(CHUNK_BYTES):
        digest.update(piece)
    return digest.hexdigest()
