"""What a person hears of a render while it goes."""

from __future__ import annotations

import io

from rich.console import Console

from longtake.cli.progress import Progress
from longtake.record import FilmRecord, Stage
from tests.rendering.run_page.scenes import run_of, stored, under_way


def test_the_film_is_told_once_and_as_soon_as_it_is_there() -> None:
    said, run = io.StringIO(), run_of(stored("a/1.1"), under_way("b/1.1", 2))
    progress = Progress(Console(file=said, width=100))
    progress.watch(run, run.clips["b/1.1"])
    assert "film.mp4" not in said.getvalue()
    run.clips["b/1.1"].stage = Stage.STORED
    progress.watch(run, run.clips["b/1.1"])
    run.film = FilmRecord(
        file="film.mp4",
        sha256="ab" * 32,
        size_bytes=1000,
        frame_count=160,
        seconds=10.0,
        fps=16,
        width=832,
        height=480,
    )
    for _ in range(2):
        progress.watch(run, None)
    (line,) = (line for line in said.getvalue().splitlines() if "film.mp4" in line)
    assert f"{run.folder}/film.mp4" in line
