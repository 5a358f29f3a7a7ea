"""Which ffmpeg does the work.

Order: the one that is named (argument, else ``LONGTAKE_FFMPEG``), else the one that the
imageio-ffmpeg wheel ships, else the system's (decision 0011). A named one that is not able is an
error, never silently replaced. Able means 5.1 or newer with the libx264 and png encoders.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

import imageio_ffmpeg

from longtake.errors import MissingFfmpeg
from longtake.media.run import ask

ENVIRONMENT_VARIABLE = "LONGTAKE_FFMPEG"
NEEDED_ENCODERS = frozenset({"libx264", "png"})

Origin = Literal["named", "system", "wheel"]

_FIX = (
    f"install ffmpeg 5.1 or newer with libx264, reinstall imageio-ffmpeg, "
    f"or set {ENVIRONMENT_VARIABLE} to a program that is able"
)
# Builds from git carry no release number; libavutil's version tells their age just as well.
_LIBAVUTIL_OF_5_1 = (57, 28)


@dataclass(frozen=True)
class Ffmpeg:
    """An ffmpeg that was checked and can do the work."""

    path: str
    """Absolute path of the program."""
    version: str
    """As it names itself, e.g. ``5.1.9-0+deb12u1``."""
    origin: Origin
    encoders: frozenset[str]
    """Names of every encoder it has."""


def find_ffmpeg(explicit: str | None = None) -> Ffmpeg:
    """The ffmpeg to use; ``explicit`` is a path or a program name and goes before all others.

    The answer is remembered for the same argument, environment variable and search path. Raises
    MissingFfmpeg with the reason for every candidate that was turned down.
    """
    named = explicit or os.environ.get(ENVIRONMENT_VARIABLE) or None
    return _find(named, os.environ.get("PATH"))


def find_every_ffmpeg() -> tuple[Ffmpeg, ...]:
    """Every able ffmpeg that needs no naming, in the order in which they are looked for."""
    found: list[Ffmpeg] = []
    for look in (_of_wheel, _of_system):
        try:
            found.append(look())
        except MissingFfmpeg:
            continue
    return tuple(found)


@lru_cache
def require_lettering(ffmpeg: Ffmpeg) -> None:
    """Raise MissingFfmpeg for one that cannot draw words; few are built without libass."""
    filters = ask([ffmpeg.path, "-hide_banner", "-filters"])
    if not re.search(r"^ \S+ subtitles ", filters, re.MULTILINE):
        raise MissingFfmpeg(
            f"{ffmpeg.path} cannot draw titles and captions: it was built without libass; {_FIX}"
        )


@lru_cache
def _find(named: str | None, search_path: str | None) -> Ffmpeg:
    if named is not None:
        return _examine(shutil.which(named), "named", f"the named {named}")
    try:
        return _of_wheel()
    except MissingFfmpeg as first:
        try:
            return _of_system(search_path)
        except MissingFfmpeg as second:
            raise MissingFfmpeg(f"{first}; {second}; {_FIX}") from second


def _of_wheel() -> Ffmpeg:
    return _examine(_wheel(), "wheel")


def _of_system(search_path: str | None = None) -> Ffmpeg:
    return _examine(shutil.which("ffmpeg", path=search_path), "system")


def _examine(path: str | None, origin: Origin, name: str = "") -> Ffmpeg:
    name = name or f"the {origin}'s ffmpeg"
    ending = f"; {_FIX}" if origin == "named" else ""
    if path is None:
        raise MissingFfmpeg(f"{name} was not found{ending}")
    path = str(Path(path).absolute())
    try:
        words = ask([path, "-encoders"], banner=True)  # each question costs a tenth of a second
    except (OSError, subprocess.TimeoutExpired) as error:
        raise MissingFfmpeg(f"{name} does not answer: {error}{ending}") from error
    encoders = _encoders(words)
    if fault := _fault(words, encoders):
        raise MissingFfmpeg(f"{name} ({path}) {fault}{ending}")
    return Ffmpeg(path=path, version=_version(words), origin=origin, encoders=encoders)


def _fault(words: str, encoders: frozenset[str]) -> str:
    """Why an ffmpeg that says these words cannot be used; "" if it can."""
    library = re.search(r"^\s*libavutil\s+(\d+)\.\s*(\d+)\.", words, re.MULTILINE)
    if not _version(words) or library is None:
        return "is not an ffmpeg"
    if (int(library[1]), int(library[2])) < _LIBAVUTIL_OF_5_1:
        return f"is {_version(words)}, older than 5.1"
    if missing := NEEDED_ENCODERS - encoders:
        return f"has no encoder {' and no '.join(sorted(missing))}"
    return ""


def _version(words: str) -> str:
    banner = re.search(r"^ffmpeg version (\S+)", words, re.MULTILINE)
    return banner[1] if banner else ""


def _encoders(words: str) -> frozenset[str]:
    """Names from ``-encoders``: lines like `` V....D libx264   description``."""
    return frozenset(re.findall(r"^ [VAS][A-Z.]{5} ([\w.-]+)", words, re.MULTILINE))


def _wheel() -> str | None:
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError:
        return None  # no binary for this platform in the wheel, and none elsewhere
