"""Ten, a hundred, a thousand clips for real: what each costs, and whether it stays flat.

Used by ``bench/all.py``. Shots of one second in chains of ten, an emulator twenty times as fast as
the service, ``ultrafast`` segments and no review, so that a thousand fit into an hour: compare the
lines with one another, not with whole clips. Each film is then rendered once more with all there,
as after a kill at the very end, and planned.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from bench.fleet import profile, storyboard
from bench.fleet_processes import ROOT, emulator, prefect_server, rendering
from bench.page import Goal

PACE = 20.0
CHAIN = 10
SLOTS = 16


class Grown(NamedTuple):
    """One film; everything but the memory and the plan is by the clip."""

    clips: int
    seconds: float
    cpu_seconds: float
    """Of the render and of ffmpeg."""
    peak_mb: float
    prefect_requests: float
    transactions: float
    ledger_kb: float
    again_seconds: float
    """The same command once more: everything is found, nothing is paid."""
    plan_cpu_seconds: float
    """`longtake plan`, in all, with the ledger full."""


HEADINGS = (
    "clips", "seconds a clip", "CPU seconds a clip", "peak memory, MB", "Prefect requests a clip",
    "transactions a clip", "ledger, kB a clip", "rendered again, seconds a clip",
    "`plan`, CPU seconds",
)  # fmt: skip


def goals_of(films: Sequence[Grown]) -> Iterator[Goal]:
    """What the largest film was to keep to, and what must not grow from the least to it."""
    least, most = films[0], films[-1]
    yield Goal(
        "transactions in the ledger, a clip", most.transactions, 8,
        "each write that a kill must find stays apart; leases are renewed as long as jobs run",
    )  # fmt: skip
    yield Goal(
        "peak memory, MB", most.peak_mb, 250,
        "Prefect alone has 150 to 170 of it; the rest are clips in their hop",
    )  # fmt: skip
    yield Goal(
        f"`plan` of {most.clips} clips, CPU s", most.plan_cpu_seconds, 1,
        "what starts (see Starting); of each clip the takes, pictures and measures are looked up, "
        "chain after chain",
    )  # fmt: skip
    if most is not least:
        yield Goal(
            f"CPU a clip, {most.clips} clips by {least.clips}",
            most.cpu_seconds / least.cpu_seconds, 1, "what grows with the film",
        )  # fmt: skip


def grown(clips: int) -> Grown:
    """Render so many clips, and once more, and plan them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="growth-")))
        url = stack.enter_context(emulator(PACE))
        api, _ = stack.enter_context(prefect_server(folder, None))
        board = storyboard(folder, max(1, clips // CHAIN), min(clips, CHAIN))
        settings = profile(folder, url, PACE, SLOTS)
        took, counted = _rendered(folder, api, board, settings)
        ledger = sum(file.stat().st_size for file in folder.glob("ledger.sqlite*"))
        again, _ = _rendered(folder, api, board, settings)
        return Grown(
            clips=clips,
            seconds=round(took / clips, 2),
            cpu_seconds=round((counted["own_seconds"] + counted["ffmpeg_seconds"]) / clips, 2),
            peak_mb=round(counted["peak_mb"]),
            prefect_requests=round(counted["prefect"] / clips, 1),
            transactions=round(counted["ledger"] / clips, 1),
            ledger_kb=round(ledger / 1000 / clips, 1),
            again_seconds=round(again / clips, 2),
            plan_cpu_seconds=round(_planned(board, settings), 2),
        )


def _rendered(
    folder: Path, api: str, board: Path, settings: Path
) -> tuple[float, dict[str, float]]:
    began = time.monotonic()
    with rendering(folder, api, board, settings) as process:
        if process.wait() != 0:
            raise RuntimeError((folder / "render.log").read_text()[-6000:])
    counted: dict[str, float] = json.loads((folder / "counted.json").read_text())
    return time.monotonic() - began, counted


def _planned(board: Path, settings: Path) -> float:
    words = [sys.executable, "-m", "longtake.cli", "plan", str(board), "--profile", str(settings)]
    before = os.times()
    subprocess.run(words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return sum(later - earlier for earlier, later in zip(before[2:4], after[2:4], strict=True))
