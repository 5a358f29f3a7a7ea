"""Whole commands, joins and starts by the clock, next to what they are measured against.

    python -m bench.all [--runs 5] [--pace 9.3] [--short] [--into docs/performance.md]

Makes docs/performance.md. ``longtake render`` and the plain script take turns on an emulator in a
process of its own; nothing else should run on the machine. ``--short`` measures one small film
once, to see that everything works.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.joins import Cost, costs
from bench.whole import ROOT, Run, Shape, longtake, script

SHAPES = (Shape(1, 4), Shape(4, 4), Shape(12, 4))
GOALS = {"1 x 4": 1.15, "4 x 4": 1.15, "12 x 4": 1.5}
"""The whole command by the floor."""

WHOLE = "Prefect's server has to answer before the flow begins, and each hop adds its own"
JOINED = 16
START_CPU_SECONDS = 0.3
FIRST_SECONDS = 1.5
HOP_SECONDS = 0.35
CLIP_CPU_SECONDS = 1.5
PEAK_MB = 250
FILM_SECONDS = 1.5

COMMANDS = (("--help",), ("check", "configs/storyboards/lighthouse.yaml"),
            ("plan", "configs/storyboards/lighthouse.yaml"))  # fmt: skip

HEAD = """# Performance

Made by `python -m bench.all` on {when}: {cores} cores ({machine}), Python {python}. The emulator
ran on the same cores, {pace:g} times as fast as the service is said to be (a clip from words about
{t2v:.0f} s, one from an image about {i2v:.0f} s, real video of 81 frames at 832x480). What a render
adds is not made smaller by that, so that at the service's own pace every ratio is nearer to 1.
Figures are medians, with the least and the most in brackets; longtake and the script took turns.

*Floor*: pure time of service, the longest chain's or that of all jobs by the slots. *Hop*: a clip
is ready at the service until the next one of its chain is accepted; to find out that it is ready
counts, too. *Film*, *tail*: the last clip is ready until the film is there, and until the command
has ended, the review made. *Script*: the official SDK in a thread a chain, a look every two
seconds, MoviePy for frames and join; it checks, corrects, records and reviews nothing.
"""


def page(pace: float, rows: dict[Shape, tuple[list[Run], list[Run]]], joins: list[Cost],
         starts: dict[str, list[float]]) -> Iterator[str]:  # fmt: skip
    """The page, paragraph by paragraph."""
    yield HEAD.format(
        when=f"{datetime.now(UTC):%Y-%m-%d}", cores=os.cpu_count(), machine=platform.machine(),
        python=platform.python_version(), pace=pace, t2v=93 / pace, i2v=54 / pace,
    )  # fmt: skip
    yield "## Whole commands, chains x clips, eight slots\n"
    yield table(rows)
    yield "## Goals\n"
    yield from goals(rows, starts)
    yield f"\n## From {JOINED} clips that are there to a film\n"
    yield "| way | seconds | CPU seconds a clip |\n|---|---|---|\n" + "\n".join(
        f"| {one.way} | {one.seconds:.1f} | {one.cpu_a_clip:.2f} |" for one in joins
    )
    yield "\n## Starting\n"
    yield "| command | CPU seconds |\n|---|---|\n" + "\n".join(
        f"| `longtake {name}` | {spread(seconds)} |" for name, seconds in starts.items()
    )


def table(rows: dict[Shape, tuple[list[Run], list[Run]]]) -> str:
    """A column for each kind of film, longtake's and the script's next to each other."""
    kinds: list[tuple[str, list[Run]]] = []
    for shape, (ours, theirs) in rows.items():
        kinds.append((f"{shape}, longtake ({len(ours)} runs)", ours))
        if theirs:
            kinds.append((f"{shape}, script ({len(theirs)})", theirs))
    lines: dict[str, Callable[[Run], float | None]] = {
        "floor, s": lambda run: run.floor,
        "whole command, s": lambda run: run.seconds,
        "whole ÷ floor": lambda run: run.ratio,
        "first job accepted, s": lambda run: run.first_accepted,
        "hop, s": lambda run: run.hop,
        "film, s": lambda run: run.film,
        "tail, s": lambda run: run.tail,
        "CPU a clip, s": lambda run: run.cpu,
        "peak memory of one process, MB": lambda run: run.peak_mb,
        "looks a clip": lambda run: run.looks,
    }
    text = [f"| | {' | '.join(name for name, _ in kinds)} |", f"|{'---|' * (len(kinds) + 1)}"]
    for name, value in lines.items():
        cells = [spread([value(run) for run in runs]) for _, runs in kinds]
        text.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(text) + "\n"


def spread(values: Sequence[float | None]) -> str:
    """The median, and what it lies between."""
    known = [value for value in values if value is not None]
    if not known:
        return ""
    digits = 0 if max(known) >= 100 else 2 if max(known) < 10 else 1
    middle = f"{median(known):.{digits}f}"
    if len(known) == 1:
        return middle
    return f"{middle} ({min(known):.{digits}f}-{max(known):.{digits}f})"


def goals(
    rows: dict[Shape, tuple[list[Run], list[Run]]], starts: dict[str, list[float]]
) -> Iterator[str]:
    """What was meant to be reached, and whether it was."""
    found: list[tuple[str, float, float, str]] = []
    for shape, (ours, _) in rows.items():
        whole = median(run.ratio for run in ours)
        found.append((f"{shape}: whole ÷ floor", whole, GOALS.get(str(shape), 1.5), WHOLE))
    runs = [run for ours, _ in rows.values() for run in ours]
    smallest = next(iter(rows.values()))[0]
    films = [run.film for run in smallest if run.film is not None]
    found += [
        ("first job accepted, s", median(run.first_accepted for run in runs), FIRST_SECONDS,
         "Python's imports and the ledger's opening, and Prefect's settings in the other process"),
        ("hop without others at work, s", median(run.hop for run in smallest), HOP_SECONDS,
         ("the file's check is a process of its own, the pair is measured before the next frame "
         "is made, and a look finds a clip some tenths late")),
        ("film after the last clip, s", median(films), FILM_SECONDS,
         "the last clip's own encode, and the join"),
        ("CPU a clip, s", min(median(run.cpu for run in ours) for ours, _ in rows.values()),
         CLIP_CPU_SECONDS, ("the measures of the pair are numpy over whole pictures; Prefect and "
         "its server start is divided by the clips, too")),
        ("peak memory, MB", max(run.peak_mb for run in runs), PEAK_MB,
         "Prefect, numpy and an arena for each thread"),
        *((f"`longtake {name}`, CPU s", median(each), START_CPU_SECONDS,
           "pydantic builds the models, cyclopts the commands") for name, each in starts.items()),
    ]  # fmt: skip
    yield "| what | measured | goal | |\n|---|---|---|---|"
    for name, value, goal, reason in found:
        met = "met" if value <= goal else f"**missed**: {reason}" if reason else "**missed**"
        yield f"| {name} | {value:.2f} | {goal:g} | {met} |"


def started(command: Sequence[str]) -> float:
    """Processor seconds of one command."""
    before = os.times()
    words = [sys.executable, "-m", "longtake.cli", *command]
    subprocess.run(
        words, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    after = os.times()
    return sum(later - earlier for earlier, later in zip(before[2:4], after[2:4], strict=True))


def measured(pace: float, runs: int, shapes: Sequence[Shape]) -> dict[
    Shape, tuple[list[Run], list[Run]]
]:  # fmt: skip
    """Each kind of film in turns: the smallest ``runs`` times, larger ones less often."""
    rows: dict[Shape, tuple[list[Run], list[Run]]] = {}
    for at, shape in enumerate(shapes):
        ours, theirs = rows.setdefault(shape, ([], []))
        for turn in range(max(1, runs - 2 * at)):
            ours.append(longtake(shape, pace))
            print(shape, ours[-1], flush=True)
            if turn < max(1, runs // 2 - at) and shape.clips <= 16:
                theirs.append(script(shape, pace))
                print(shape, "script", theirs[-1], flush=True)
    return rows


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--pace", type=float, default=9.3)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--into", type=Path, default=ROOT / "docs" / "performance.md")
    asked = parser.parse_args()
    began = time.monotonic()
    shapes, runs = (SHAPES[:1], 1) if asked.short else (SHAPES, asked.runs)
    starts = {" ".join(one): [started(one) for _ in range(runs)] for one in COMMANDS}
    joins = costs(4 if asked.short else JOINED)
    rows = measured(asked.pace, runs, shapes)
    text = "\n".join(page(asked.pace, rows, joins, starts)) + "\n"
    into = asked.into if not asked.short else Path(tempfile.gettempdir()) / "performance.md"
    into.write_text(text, encoding="utf-8")
    print(f"{into}, after {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
