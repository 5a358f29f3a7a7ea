"""The files of a render that a browser may have, and pictures that are taken out of them.

A record may be anybody's: of what it names, only video that lies in the render's own folder is
sent, wherever its links lead.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from longtake.errors import DamagedClip
from longtake.media.thumbnails import thumbnail
from longtake.record import ClipRecord, RunRecord
from longtake.rendering.review import REEL

POSTER_WIDTH = 320
SEAM_WIDTH = 960
"""Width of the pictures, in pixels."""

AT_ONCE = 2
"""Pictures that are decoded at the same time: a render is at work next to them."""

KEPT = 400
"""Pictures that are kept in memory, of 10 to 60 kB each."""


def playable(folder: Path, record: RunRecord, name: str) -> Path | None:
    """The video of that name, if the record names it and it lies in the folder; else None."""
    if name not in _named(record):
        return None
    return inside(folder, name)


def inside(folder: Path, name: str) -> Path | None:
    """The video file of that name in the folder, wherever its links lead: nothing outside of it."""
    path = file_inside(folder, name)
    return path if path is not None and path.suffix == ".mp4" else None


def file_inside(folder: Path, name: str) -> Path | None:
    """The regular file of that name, if it lies in the folder after all links; else None."""
    try:
        root = folder.resolve()
        path = (root / name).resolve()
        return path if path.is_relative_to(root) and path.is_file() else None
    except (OSError, ValueError):  # no file can have such a name
        return None


class _Name(NamedTuple):
    """Which frame of which file; a file that is written again has other frames."""

    path: str
    written_ns: int
    frame_index: int
    width: int


class Pictures:
    """Frames of videos as JPEG, decoded once, a few at a time."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._keeping = Lock()
        self._kept: OrderedDict[_Name, bytes] = OrderedDict()

    async def frame(self, path: Path, frame_index: int, width: int) -> bytes | None:
        """The frame, ``width`` pixels wide; None where the file gives none."""
        async with self._slots:
            return await asyncio.to_thread(self._frame, path, frame_index, width)

    def _frame(self, path: Path, frame_index: int, width: int) -> bytes | None:
        try:
            name = _Name(str(path), path.stat().st_mtime_ns, frame_index, width)
            made = self._kept.get(name) or thumbnail(path, frame_index, width=width)
        except (DamagedClip, OSError):
            return None
        with self._keeping:
            self._kept[name] = made
            self._kept.move_to_end(name)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


def poster_of(folder: Path, clip: ClipRecord, file: str | None) -> tuple[Path, int] | None:
    """Where the picture that stands for a take lies: the middle of what the film keeps."""
    path = inside(folder, file) if file else None
    return (path, clip.skip_frames + clip.kept_frame_count // 2) if path else None


def seam_frames(
    folder: Path, record: RunRecord, number: int
) -> tuple[tuple[Path, int] | None, tuple[Path, int] | None]:
    """Where the two frames lie that meet at a seam (counted from 1): as they are in the film.

    Of segments where there are any, else of the clips as they came.
    """
    clips = list(record.clips.values())
    if not 1 <= number < len(clips):
        return None, None
    left, right = clips[number - 1], clips[number]
    return (_frame(folder, left, left.kept_frame_count - 1), _frame(folder, right, 0))


def _frame(folder: Path, clip: ClipRecord, kept_index: int) -> tuple[Path, int] | None:
    if not clip.stage.ended_well:
        return None
    segment = inside(folder, f"segments/{clip.id.replace('/', '-')}.mp4")
    if segment is not None:
        return segment, kept_index
    path = inside(folder, clip.file) if clip.file else None
    return (path, clip.skip_frames + kept_index) if path else None


def _named(record: RunRecord) -> set[str]:
    files = {record.film.file if record.film else None, REEL}
    for clip in record.everything:
        files |= {clip.file, *(take.file for take in clip.takes)}
    return {file for file in files if file}
