"""Renders begun from the board: `longtake render` as a process of its own, as in a terminal."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

from longtake.board.catalog import LOG
from longtake.board.place import BoardPlace
from longtake.errors import Outdated
from longtake.media.detached import start_detached
from longtake.rendering.presence import beginning_work, is_at_work

_one_at_a_time = Lock()
"""Between looking whether a render is at work and starting one, nobody else starts one."""


async def launch(place: BoardPlace, folder: Path, words: Sequence[str]) -> None:
    """Start a command of longtake's that renders into ``folder``, and go on at once.

    ``words`` are the command and what it is about; the board's profile is added. Raises Outdated
    if a render is at work there, or still starting: pressed twice, it is begun once.
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


def _start(argv: Sequence[str], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time:
        if is_at_work(folder):
            raise Outdated("a render is at work here: wait for it, or answer what it asks", {})
        log = folder / LOG
        log.write_text("", encoding="utf-8")
        with beginning_work(folder) as inherited:
            start_detached(argv, log, folder=Path.cwd(), inherited=inherited)
