"""Turns what file systems and networks raise into errors that say what to fix."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from longtake.errors import DiskFull, LongtakeError, StoreUnreachable
from longtake.files import is_full, unwritable


@contextmanager
def translated_errors(place: str) -> Iterator[None]:
    """Raise DiskFull or StoreUnreachable for whatever the place raises.

    A missing object (FileNotFoundError) and a wrong argument (ValueError) are the caller's to
    judge and pass. fsspec's systems raise their libraries' own errors, hence the wide net.
    """
    try:
        yield
    except (LongtakeError, FileNotFoundError):
        raise
    except Exception as error:
        if isinstance(error, ValueError) and not isinstance(error, OSError):
            raise
        raise plain_error(error, place) from error


@contextmanager
def writing_to(into: Path) -> Iterator[None]:
    """Raise DiskFull or OperatorError for what the file's own disk does not take of an object."""
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        # What names a file was about this one: the object is open by now.
        if is_full(error) or error.filename is not None:
            raise unwritable(into, error, "check that you may write there") from error
        raise


def plain_error(error: BaseException, place: str) -> LongtakeError:
    """The error to raise for what a file system raised (pure: a decision table)."""
    words = str(error).strip() or type(error).__name__
    if is_full(error):
        return DiskFull(f"no room is left in {place} ({words}); make room and run it again")
    if isinstance(error, ImportError):
        return StoreUnreachable(
            f"the store {place} needs a package that is not installed ({words}); "
            "for s3:// install longtake[s3]"
        )
    return StoreUnreachable(f"the store {place} cannot be used: {words}; {_fix(place)}")


def _fix(place: str) -> str:
    if "://" in place:
        return "check the address, your credentials and the network"
    return "check that the folder exists and that you may write there"
