"""Small file operations that several rooms share: atomic writes, hashes, full disks."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TypeVar

from longtake.errors import DiskFull, OperatorError

T = TypeVar("T")


def is_full(error: BaseException) -> bool:
    """Whether a disk (or a quota) took no more."""
    return isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)


def unwritable(
    place: Path, error: OSError, fix: str, *, full: str = "make room and run it again"
) -> OperatorError:
    """The error to raise where a place was not written: DiskFull, or OperatorError; each fix."""
    words = f"cannot write {place}: {error.strerror}"
    return DiskFull(f"{words}; {full}") if is_full(error) else OperatorError(f"{words}; {fix}")


@contextmanager
def part_of(into: Path) -> Iterator[Path]:
    """A temporary path in the folder of ``into`` to write to, and to move from.

    The folder is made if it is missing. After an error the temporary file is deleted.
    """
    if not into.parent.is_dir():
        into.parent.mkdir(parents=True, exist_ok=True)
    part = into.with_name(f".{into.name}.{secrets.token_hex(4)}.part")
    try:
        yield part
    except BaseException:
        with suppress(OSError):  # must not hide the error that brought us here
            part.unlink(missing_ok=True)
        raise


@contextmanager
def whole_file(into: Path) -> Iterator[Path]:
    """A path to write to that becomes ``into`` on success: the file appears whole or not at all.

    Two writers of the same file do not disturb each other: the later rename wins, with a whole
    file. Raises DiskFull where the disk takes no more.
    """
    try:
        with part_of(into) as part:
            yield part
            with part.open("rb+") as file:
                os.fsync(file.fileno())  # else a crash soon after can leave an empty file
            part.replace(into)
    except OSError as error:
        if is_full(error):
            raise DiskFull(f"no room is left for {into}; make room and run it again") from error
        raise


def replaced(path: Path, content: bytes) -> None:
    """Put the content in the file's place, whole or not at all, with the rights that it had."""
    target = path.resolve()
    with whole_file(target) as part:
        part.write_bytes(content)
        part.chmod(stat.S_IMODE(target.stat().st_mode))


def write_synced(part: Path, write: Callable[[IO[bytes]], T]) -> T:
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


def is_nothing(path: Path) -> bool:
    """Whether nothing lies there, or a file of 0 bytes; what cannot be looked at is something."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == 0


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_secret(path: Path) -> str:
    """The one line of a file that holds a key or a token; OSError for what is no such file."""
    try:
        return read_regular(path, 2**16).decode("utf-8").strip()
    except UnicodeDecodeError as error:
        raise OSError(errno.EINVAL, "no text in UTF-8") from error


def trouble_of_file(path: Path, name: str, kind: str) -> str:
    """Why ``path``, authored as ``name``, is no file of that kind to read; "" if it is one.

    A name that no file can have (too long, a zero byte) is that of none.
    """
    with suppress(OSError, ValueError):
        if path.is_file():
            return ""
        if path.is_dir():
            return f"`{name}` is a folder: name the {kind} in it"
        if path.is_symlink() and not path.exists():
            return f"`{name}` is a link that leads nowhere: name the {kind} itself"
        if path.exists():
            return f"`{name}` is a pipe or a device, which are not read: name a file"
    return f"there is no {kind} `{name}` in the storyboard's folder"


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
