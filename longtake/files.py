"""Small steps with files that several rooms take."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from pathlib import Path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_regular(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file of at most ``max_bytes``; everything else is an OSError.

    A pipe is not waited for and a device is not read, whatever links lead there: the file is opened
    without blocking, and what was opened is asked what it is. ``strerror`` says what is wrong, in
    words that fit after "cannot be read:".
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except ValueError as error:  # a zero byte, or half of a character, in the name
        raise OSError(errno.EINVAL, "no file can have such a name") from error
    with open(descriptor, "rb") as file:  # noqa: PTH123  a descriptor has no path
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        content = b"" if status.st_size > max_bytes else file.read(max_bytes + 1)
        if max(status.st_size, len(content)) > max_bytes:
            raise OSError(errno.EFBIG, f"larger than {max_bytes // 2**20} MiB")
        return content


def replaced(path: Path, content: bytes) -> None:
    """Put the content in the file's place, whole or not at all, with the rights that it had."""
    target = path.resolve()
    part = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.chmod(stat.S_IMODE(target.stat().st_mode))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
