"""Renders begun from the board: `longtake render` as a process of its own, as in a terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path

from longtake.board.catalog import LOG
from longtake.board.place import BoardPlace
from longtake.media.detached import start_detached
from longtake.rendering.presence import is_at_work

BEGIN_SECONDS = 60.0
"""For how long a process that was just started may not have been heard of."""

LOOK_SECONDS = 0.25


async def launch(place: BoardPlace, folder: Path, words: Sequence[str]) -> None:
    """Start a command of longtake's that renders into ``folder``, and go on at once.

    ``words`` are the command and what it is about; the board's profile is added.
    """
    profile = ("--profile", place.profile) if place.profile else ()
    argv = [sys.executable, "-m", "longtake.cli", *words, *profile]
    await asyncio.to_thread(_start, argv, folder)


def render_words(
    storyboard: str,
    folder: Path,
    *,
    emulated: bool = False,
    max_usd: float | None = None,
    approve: str | None = None,
) -> list[str]:
    """The words of `longtake render`."""
    words = ["render", str(Path(storyboard).absolute()), "--out", str(folder)]
    words += ["--emulated"] if emulated else []
    words += ["--max-usd", f"{max_usd:.6f}"] if max_usd is not None else []
    words += ["--approve", approve] if approve else []
    return words


def heal_words(folder: Path, clip: str, *, budget_usd: float) -> list[str]:
    """The words of `longtake heal`."""
    return ["heal", str(folder), clip, "--budget", f"{budget_usd:.6f}"]


async def wait_until_begun(folder: Path, seconds: float = BEGIN_SECONDS) -> bool:
    """Whether a render is at work there before the time is over; a page then has what to show."""
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if await asyncio.to_thread(is_at_work, folder):
            return True
        await asyncio.sleep(LOOK_SECONDS)
    return False


def _start(argv: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / LOG
    log.write_text("", encoding="utf-8")
    start_detached(argv, log, folder=Path.cwd())
